"""Asks again while the gateway is busy or away, for a limited time."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from groundwork.refusals import GatewayError

PATIENCE_S = 300.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
TOO_MANY_REQUESTS = 429

Reply = TypeVar("Reply")


class Away(GatewayError):
    """No request gets through any more, whatever it asks for."""


class Stopped(Exception):
    """Somebody ended the run while a request waited for its next try."""


class Patience:
    """Shared by all threads of a run, so that one knows that others still get replies."""

    def __init__(self, limit_s: float = PATIENCE_S) -> None:
        self.stopped = Event()
        self._limit_s = limit_s
        self._answered_at = time.monotonic()

    def __call__(self, ask: Callable[[], Reply]) -> Reply:
        """What `ask` gives; raises its GatewayError when trying again cannot help or did not."""
        give_up_at, pause_s = time.monotonic() + self._limit_s, FIRST_PAUSE_S
        while True:
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

    def _pause(self, error: GatewayError, pause_s: float, give_up_at: float) -> None:
        now = time.monotonic()
        if now + pause_s > give_up_at:
            nobody_else = now - self._answered_at > self._limit_s / 2
            if nobody_else or error.status == TOO_MANY_REQUESTS:
                raise Away(str(error), error.status) from error
            raise error
        if self.stopped.wait(pause_s):
            raise Stopped
