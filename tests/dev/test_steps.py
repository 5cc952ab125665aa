"""Steps begin when what they need is done."""

import asyncio

import pytest
from groundwork_dev.errors import RunnerError
from groundwork_dev.steps import Step, run_steps


class Told:
    """Keeps what the steps tell."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def waiting(self, name: str, needs: tuple[str, ...]) -> None:
        self.events.append(f"{name} waits for {','.join(needs)}")

    def working(self, name: str) -> None:
        self.events.append(f"{name} works")

    def ended(self, name: str, failure: str = "") -> None:
        self.events.append(f"{name} failed: {failure}" if failure else f"{name} done")


async def quick() -> None:
    await asyncio.sleep(0)


async def broken() -> None:
    raise RunnerError("no")


async def test_a_step_begins_after_its_needs() -> None:
    told = Told()
    await run_steps([Step("b", ("a",), quick), Step("a", (), quick)], told)
    assert told.events.index("a done") < told.events.index("b works")


async def test_a_need_that_is_not_part_of_this_run_is_not_waited_for() -> None:
    told = Told()
    await run_steps([Step("answer", ("llm",), quick)], told)
    assert "answer done" in told.events


async def test_a_failure_ends_the_run() -> None:
    with pytest.raises(RunnerError, match="no"):
        await run_steps([Step("a", (), broken), Step("b", ("a",), quick)], Told())


async def test_an_optional_failure_is_told_and_holds_up_nobody() -> None:
    told = Told()
    await run_steps([Step("a", (), broken, optional=True), Step("b", ("a",), quick)], told)
    assert told.events[-1] == "b done"
    assert "a failed: no" in told.events
