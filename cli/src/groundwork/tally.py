"""How far a run is; one thread alone writes it."""

import time
from dataclasses import dataclass, field

from groundwork.collection import gaps_of
from groundwork.gateway import Json


@dataclass
class Tally:
    """What became of `total` files.

    `waiting` holds the names by the job that one waits for, `gaps` by name what could not be read of a file;
    `standstill` says why nothing moves, as long as nothing does.
    """

    total: int
    unsent: int = field(init=False)
    published: int = 0
    unchanged: int = 0
    removed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    gaps: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    standstill: str = ""
    started_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.unsent = self.total

    def fail(self, name: str, reason: str) -> None:
        """Keeps a file's name and why it failed."""
        self.failures.append((name, reason))

    def miss(self, name: str, gaps: str) -> None:
        """Keeps what could not be read of a file that can be found."""
        if gaps:
            self.gaps[name] = gaps

    def end(self, job: Json) -> None:
        """A job is over."""
        self.standstill = ""
        name = self.waiting.pop(job["id"])
        if job["status"] == "succeeded":
            self.published += 1
            self.miss(name, gaps_of(job))
        else:
            self.fail(name, (job["error"] or {}).get("message") or f"its job was {job['status']}")

    @property
    def indexed(self) -> int:
        """Files that can be found."""
        return self.published + self.unchanged

    @property
    def pace(self) -> str:
        """Speed, time left and failures in words; without the first two while nothing moves."""
        failed = f"{len(self.failures)} failed"
        if self.standstill:
            return f"{failed}; {self.standstill}"
        rate = self.published / max(time.monotonic() - self.started_at, 0.1)
        left_s = (self.unsent + len(self.waiting)) / rate if rate else None
        left = "" if left_s is None else f", about {_time(left_s)} left"
        return f"{rate:.1f}/s{left}, {failed}"

    @property
    def summary(self) -> str:
        """All of it in one line."""
        words = f"{self.published} published, {self.unchanged} unchanged, {len(self.failures)} failed"
        words += f", {self.removed} removed" if self.removed else ""
        words += f", {len(self.waiting)} waiting for the worker" if self.waiting else ""
        return words + (f", {self.unsent} not sent" if self.unsent else "")


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
