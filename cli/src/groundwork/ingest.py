"""Hands files to the gateway, several at once, and follows each until it can be found."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal

from groundwork.collection import Collection, Known, plan_of
from groundwork.files import check_file, reason_of
from groundwork.follow import Follower
from groundwork.patience import Away, Stopped
from groundwork.progress import Show
from groundwork.refusals import GatewayError, about_file
from groundwork.tally import Tally

TAKE_WITHIN_S = 0.5
GRACE_S = 5.0
"""What runs at Ctrl-C may end in this time; the gateway keeps nothing of an upload that breaks off."""
ENDS_ALL = (401, 403, 404)
"""Refusals that are not one file's: the key, its scopes, the collection."""


@dataclass(frozen=True)
class Handed:
    """What became of one file on its way out; `detail` is the job to wait for, its gaps, or why it failed."""

    name: str
    outcome: Literal["waiting", "unchanged", "failed"]
    detail: str = ""


Handover = SimpleQueue[Handed | BaseException]


def ingest(
    collection: Collection, files: Mapping[str, Path], tally: Tally, show: Show, parallel: int, wait: bool
) -> None:
    """Fills the tally, until all files can be found or, without `wait`, are handed over.

    Raises GatewayError when no file can go through any more, and Stopped after Ctrl-C; whenever it ends, the
    tally holds what is in.
    """
    follower = Follower(collection, tally)
    with _senders(collection, files, collection.known, parallel, tally) as handover:
        while tally.unsent or (wait and tally.waiting):
            if collection.patience.stopped:
                raise Stopped
            _take(handover, tally)
            if wait:
                follower.look()
            show(tally)


@contextmanager
def _senders(
    collection: Collection,
    files: Mapping[str, Path],
    known: Mapping[str, Known],
    parallel: int,
    tally: Tally,
) -> Iterator[Handover]:
    """Threads that hand the files over, and what they have handed over.

    They are daemons: one that hangs in a request cannot keep the command from ending.
    """
    left: SimpleQueue[tuple[str, Path]] = SimpleQueue()
    for item in files.items():
        left.put(item)
    handover: Handover = SimpleQueue()
    work = (collection, left, known, handover)
    threads = [Thread(target=_send_all, args=work, daemon=True) for _ in range(parallel)]
    for thread in threads:
        thread.start()
    try:
        yield handover
    finally:
        collection.patience.stopped = True
        until = time.monotonic() + GRACE_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        while not handover.empty():
            if isinstance(last := handover.get(), Handed):
                _note(last, tally)


def _send_all(
    collection: Collection,
    left: SimpleQueue[tuple[str, Path]],
    known: Mapping[str, Known],
    handover: Handover,
) -> None:
    try:
        while not (left.empty() or collection.patience.stopped):
            name, path = left.get_nowait()
            handover.put(_hand_over(collection, name, path, known.get(name)))
    except (Empty, Stopped):
        return
    except BaseException as error:  # whatever it is, the main thread raises it
        handover.put(error)


def _hand_over(collection: Collection, name: str, path: Path, known: Known | None) -> Handed:
    try:
        check_file(name, path)
        plan = plan_of(path, known)
        if plan == "unchanged" and known:
            return Handed(name, "unchanged", known.gaps)
        if plan == "waiting" and known:
            return Handed(name, "waiting", known.job_id)
        new, document = collection.send(name, path)
    except GatewayError as error:
        if isinstance(error, Away) or error.status in ENDS_ALL:
            raise
        return Handed(name, "failed", about_file(error))
    except OSError as error:
        return Handed(name, "failed", reason_of(error))
    if not new and document["status"] == "succeeded":
        return Handed(name, "unchanged")
    return Handed(name, "waiting", document["job_id"])


def _take(handover: Handover, tally: Tally) -> None:
    """Waits a moment for what was handed over; raises what ended a thread."""
    try:
        handed = handover.get(timeout=TAKE_WITHIN_S)
    except Empty:
        return
    if not isinstance(handed, Handed):
        raise handed
    _note(handed, tally)


def _note(handed: Handed, tally: Tally) -> None:
    tally.unsent -= 1
    if handed.outcome == "waiting":
        tally.waiting[handed.detail] = handed.name
    elif handed.outcome == "unchanged":
        tally.unchanged += 1
        tally.miss(handed.name, handed.detail)
    else:
        tally.fail(handed.name, handed.detail)
