"""Follows thousands of jobs by pages, never by a request for each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from groundwork.collection import WAITING, Collection
from groundwork.gateway import PAGE, Json
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
        """All pages until each job was seen: finds what failed, ended out of order, is gone, or stands still."""
        unseen = set(self._tally.waiting)
        held: list[str] = []
        for page in self._collection.jobs():
            for job in page:
                if job["id"] in unseen:
                    self._see(job, held)
            unseen -= {job["id"] for job in page}
            if not unseen:
                break
        self._tally.standstill = held[0] if all(held) and held else ""
        for job_id in unseen:
            self._tally.fail(self._tally.waiting.pop(job_id), "it was removed meanwhile")

    def _see(self, job: Json, held: list[str]) -> None:
        """Ends what is over; adds why another one is held up, empty while it is not."""
        if job["status"] in WAITING:
            held.append(standstill_of(job))
        else:
            self._tally.end(job)


def standstill_of(job: Json) -> str:
    """Why a job that is under way does not move, in words; empty while all goes well."""
    if stalled := job.get("stalled"):  # earlier gateways do not say so
        return f"waiting: {stalled['message'][0].lower()}{stalled['message'][1:]}"
    return str((job["error"] or {}).get("message", ""))
