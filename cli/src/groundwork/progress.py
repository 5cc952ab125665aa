"""Shows how far a run is: bars on a terminal, now and then a line elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from groundwork.tally import Tally

LINE_EVERY_S = 5.0

Show = Callable[[Tally], None]


@contextmanager
def shown(console: Console, line_every_s: float = LINE_EVERY_S) -> Iterator[Show]:
    """What shows a tally on this console."""
    if not console.is_terminal:
        yield _lines(console, line_every_s)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield _bars(progress)


def _bars(progress: Progress) -> Show:
    uploaded = progress.add_task("uploaded", total=None, pace="")
    indexed = progress.add_task("indexed", total=None, pace="")

    def show(tally: Tally) -> None:
        progress.update(uploaded, total=tally.total, completed=tally.total - tally.unsent)
        progress.update(indexed, total=tally.total, completed=tally.indexed, pace=tally.pace)

    return show


def _lines(console: Console, every_s: float) -> Show:
    said_at = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= every_s:
            said_at = time.monotonic()
            uploaded = f"{tally.total - tally.unsent}/{tally.total} uploaded"
            words = f"{uploaded}, {tally.indexed}/{tally.total} indexed, {tally.pace}"
            console.out(words, highlight=False)

    return show
