"""The fake model's state: its knobs and what it has seen."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.knobs import Knobs

BODIES_KEPT = 1_000


class HungUpError(Exception):
    """The client went away while the fake was still writing."""


@dataclass
class Fake:
    """The present knobs, the bodies that came (newest last), and how many requests run or were aborted."""

    knobs: Knobs = field(default_factory=Knobs)
    url: str = ""
    bodies: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=BODIES_KEPT))
    running: int = 0
    aborted: int = 0

    def turn(self, **changed: Any) -> None:
        """Changes some knobs for the requests that come."""
        self.knobs = Knobs.model_validate(self.knobs.model_dump() | changed)

    @contextmanager
    def request(self, body: dict[str, Any]) -> Iterator[None]:
        """Counts one request while it runs, and as aborted when its client goes away."""
        self.bodies.append(body)
        self.running += 1
        try:
            yield
        except (HungUpError, asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise
        finally:
            self.running -= 1
