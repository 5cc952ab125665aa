"""Follows thousands of jobs by pages, never by a request for each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from groundwork.collection import WAITING, Collection
from groundwork.gateway import PAGE
from groundwork.tally import Tally

LOOK_EVERY_S, LOOK_AT_ALL_EVERY_S = 0.5, 10.0
REST = 4
"""Times as long as a look took, no other is taken: the gateway shall have time for others."""


@dataclass
class Rhythm:
    """Calls at most every so often, and more rarely where a call takes long."""

    every_s: float
    next_at: float = 0

    def keep(self, call: Callable[[], None]) -> None:
        """Calls when it is time to."""
        started_at = time.monotonic()
        if started_at >= self.next_at:
            call()
            ended_at = time.monotonic()
            self.next_at = ended_at + max(self.every_s, REST * (ended_at - started_at))


class Follower:
    """Tells the tally which of the jobs that it waits for are over."""

    def __init__(self, collection: Collection, tally: Tally) -> None:
        self._collection, self._tally = collection, tally
        self._often = Rhythm(LOOK_EVERY_S)
        self._rarely = Rhythm(LOOK_AT_ALL_EVERY_S, time.monotonic() + LOOK_AT_ALL_EVERY_S)

    def look(self) -> None:
        """Of many jobs, looks where those that have just ended are; now and then, and of few, at all."""
        if self._tally.waiting:
            few = len(self._tally.waiting) <= PAGE
            self._often.keep(self._look_at_all if few else self._look_at_ends)
            self._rarely.keep(self._look_at_all)

    def _look_at_ends(self) -> None:
        """The newest pages of what succeeded, as long as they hold one: jobs end about in their order."""
        for page in self._collection.jobs("succeeded"):
            ended = [job for job in page if job["id"] in self._tally.waiting]
            for job in ended:
                self._tally.end(job)
            if not ended:
                return

    def _look_at_all(self) -> None:
        """All pages until each job was seen: finds what failed, what ended out of order, and what is gone."""
        unseen = set(self._tally.waiting)
        for page in self._collection.jobs():
            for job in page:
                if job["id"] in unseen and job["status"] not in WAITING:
                    self._tally.end(job)
            unseen -= {job["id"] for job in page}
            if not unseen:
                return
        for job_id in unseen:
            self._tally.fail(self._tally.waiting.pop(job_id), "it was removed meanwhile")
