"""Asks again while the gateway is busy or away, for a limited time or until Ctrl-C."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from groundwork.refusals import GatewayError

PATIENCE_S = 300.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEAR_WITHIN_S = 0.2
TOO_MANY_REQUESTS = 429

Reply = TypeVar("Reply")


class Away(GatewayError):
    """No request gets through any more, whatever it asks for."""


class Stopped(Exception):
    """The run is over: no request is begun any more."""


class Patience:
    """Shared by all threads of a run, so that one knows that others still get replies."""

    def __init__(self, limit_s: float = PATIENCE_S) -> None:
        self.stopped = False
        self._limit_s = limit_s
        self._answered_at = time.monotonic()

    def __call__(self, ask: Callable[[], Reply]) -> Reply:
        """What `ask` gives; raises its GatewayError when trying again cannot help or did not, or Stopped."""
        give_up_at, pause_s = time.monotonic() + self._limit_s, FIRST_PAUSE_S
        while not self.stopped:
            try:
                reply = ask()
            except GatewayError as error:
                if error.retry_after_s is None:
                    self._answered_at = time.monotonic()
                    raise
                self._pause(error, max(pause_s, error.retry_after_s), give_up_at)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._answered_at = time.monotonic()
                return reply
        raise Stopped

    def _pause(self, error: GatewayError, pause_s: float, give_up_at: float) -> None:
        now = time.monotonic()
        if now + pause_s > give_up_at:
            nobody_else = now - self._answered_at > self._limit_s / 2
            if nobody_else or error.status == TOO_MANY_REQUESTS:
                raise Away(str(error), error.status) from error
            raise error
        while not self.stopped and (left_s := now + pause_s - time.monotonic()) > 0:
            time.sleep(min(left_s, HEAR_WITHIN_S))


@contextmanager
def until_ctrl_c(patience: Patience) -> Iterator[None]:
    """The first Ctrl-C ends the run between two requests, a second one in the midst of them.

    An exception in the midst may leave a lock of the HTTP client's closed, which other threads then wait for.
    """

    def stop(number: int, frame: object) -> None:
        patience.stopped = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
