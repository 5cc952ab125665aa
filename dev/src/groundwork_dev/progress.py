"""Progress of the steps: a live table in a terminal, one line per change elsewhere."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


@dataclass
class Line:
    """What one step does, since when."""

    words: str
    mark: str
    since: float
    took_s: float = 0


MARKS = {"done": ("✓", "green"), "failed": ("✗", "red"), "waiting": ("·", "dim")}


class TerminalProgress(AbstractContextManager["TerminalProgress"]):
    """Knows each step's state and draws it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._lines: dict[str, Line] = {}
        self._spinner = Spinner("dots")
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def waiting(self, name: str, needs: tuple[str, ...]) -> None:
        """The step waits for others."""
        self._lines[name] = Line(
            f"waits for {', '.join(needs)}" if needs else "begins", "waiting", time.monotonic()
        )

    def working(self, name: str) -> None:
        """The step runs."""
        self._lines[name] = Line("starting", "working", time.monotonic())
        self._say(f"{name}: starting")

    def ended(self, name: str, failure: str = "") -> None:
        """The step is done, or has failed in these words."""
        line = self._lines[name]
        line.took_s = time.monotonic() - line.since
        line.words, line.mark = (failure, "failed") if failure else ("ready", "done")
        self._say(f"{name}: {line.words} ({line.took_s:.1f} s)")

    def _say(self, words: str) -> None:
        if not self.console.is_terminal:
            self.console.print(words, highlight=False, markup=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for name, line in self._lines.items():
            seconds = line.took_s or time.monotonic() - line.since
            table.add_row(self._mark(line), name, Text(line.words, style="dim"), f"{seconds:5.1f} s")
        return table

    def _mark(self, line: Line) -> Text | Spinner:
        return Text(*MARKS[line.mark]) if line.mark in MARKS else self._spinner
