"""Finds and ends processes of a stack whose supervisor was killed, so that `make down` leaves none."""

from collections.abc import Callable, Iterator

import psutil

from groundwork_dev.configuration import MARK, socket_of
from groundwork_dev.settings import RunnerSettings

PATIENCE_S = 10


def end_leftovers(settings: RunnerSettings) -> None:
    """Asks each to end, kills what has not after some seconds, and removes the supervisor's socket."""
    remaining = list(leftovers(settings))
    for process in remaining:
        _signal(process, psutil.Process.terminate)
    _, stubborn = psutil.wait_procs(remaining, PATIENCE_S)
    for process in stubborn:
        _signal(process, psutil.Process.kill)
    socket_of(settings).unlink(missing_ok=True)


def leftovers(settings: RunnerSettings) -> Iterator[psutil.Process]:
    """Processes marked as parts of this state folder, and their children, which may have no mark to read."""
    seen: set[int] = set()
    for process in psutil.process_iter():
        if not _is_marked(process, settings):
            continue
        for each in (process, *_children(process)):
            if each.pid not in seen:
                seen.add(each.pid)
                yield each


def _is_marked(process: psutil.Process, settings: RunnerSettings) -> bool:
    try:
        return process.environ().get(MARK, "").startswith(f"{settings.state}:")
    except psutil.Error:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _signal(process: psutil.Process, send: Callable[[psutil.Process], None]) -> None:
    try:
        send(process)
    except psutil.NoSuchProcess:
        return
