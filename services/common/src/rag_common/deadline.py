"""One absolute deadline per request, handed to every hop in a header."""

import time
from contextvars import ContextVar

from rag_common.errors import DeadlineExceeded

HEADER = "x-request-deadline"
"""Milliseconds since the epoch; whoever cannot finish by then refuses at once."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def set_deadline(within_s: float, header: str | None = None) -> None:
    """Starts this request's deadline: `within_s` from now, or earlier when the caller says so."""
    ours = time.time() + within_s
    theirs = _parsed(header)
    _deadline.set(ours if theirs is None else min(ours, theirs))


def remaining_s(at_most: float) -> float:
    """Seconds left, at most `at_most`; raises DeadlineExceeded when none are."""
    deadline = _deadline.get()
    if deadline is None:
        return at_most
    left = deadline - time.time()
    if left <= 0:
        raise DeadlineExceeded
    return min(left, at_most)


def deadline_header() -> dict[str, str]:
    """The header for the next hop; empty outside a request."""
    deadline = _deadline.get()
    return {} if deadline is None else {HEADER: str(int(deadline * 1000))}


def _parsed(header: str | None) -> float | None:
    return int(header) / 1000 if header and header.isdecimal() and len(header) < 16 else None
