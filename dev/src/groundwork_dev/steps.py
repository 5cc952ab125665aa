"""Steps that wait for one another: each begins as soon as all that it needs is done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from groundwork_dev.errors import RunnerError


@dataclass(frozen=True)
class Step:
    """One line of progress; a failed optional one is told and holds up nobody."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[], Awaitable[None]]
    optional: bool = False


class Progress(Protocol):
    """Where the steps tell how far they are."""

    def waiting(self, name: str, needs: tuple[str, ...]) -> None: ...
    def working(self, name: str) -> None: ...
    def ended(self, name: str, failure: str = "") -> None: ...


async def run_steps(steps: list[Step], progress: Progress) -> None:
    """Runs all; the first failure of a step that is not optional ends the rest and is raised."""
    done = {step.name: asyncio.Event() for step in steps}

    async def run(step: Step) -> None:
        needs = tuple(need for need in step.needs if need in done)
        progress.waiting(step.name, needs)
        for need in needs:
            await done[need].wait()
            progress.waiting(step.name, tuple(name for name in needs if not done[name].is_set()))
        progress.working(step.name)
        await _attempt(step, progress)
        done[step.name].set()

    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(run(step))
    except* RunnerError as failures:
        raise failures.exceptions[0] from None


async def _attempt(step: Step, progress: Progress) -> None:
    try:
        await step.run()
    except RunnerError as error:
        progress.ended(step.name, str(error))
        if not step.optional:
            raise
    else:
        progress.ended(step.name)
