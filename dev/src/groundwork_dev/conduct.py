"""Brings the whole stack up: every step with what it needs, from environments to the first answer."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from groundwork_dev.environments import Environment, is_installed
from groundwork_dev.first_run import ask_first_question, ingest_documents
from groundwork_dev.health import run_once, start_and_wait
from groundwork_dev.overview import print_addresses
from groundwork_dev.parts import Part, parts
from groundwork_dev.ports import check_ports
from groundwork_dev.postgres import prepare_data
from groundwork_dev.progress import TerminalProgress
from groundwork_dev.stack import Stack
from groundwork_dev.steps import Step, run_steps
from groundwork_dev.supervision import GONE, Supervisor

FIRST_ANSWER = "first answer"
OFF_THE_PATH = ("traces",)
"""Parts that nobody waits for: they begin after the first answer, and may fail."""


async def bring_up(stack: Stack, started_at: float) -> None:
    """Starts what does not run yet and returns when all is healthy; the first dead part is an error."""
    table, supervisor = parts(stack), Supervisor(stack.settings)
    stack.settings.logs.mkdir(parents=True, exist_ok=True)
    prepare_data(stack.settings.state / "postgres", stack.credentials["admin_password"])
    supervisor.launch(table)
    stopped = [part for part in table if supervisor.state(part.name)[0] in GONE]
    check_ports(stack.settings, [name for part in stopped for name in part.listeners])
    with TerminalProgress(Console()) as progress:
        plan = steps(stack, supervisor, table, progress.console, started_at)
        await run_steps([step for step in plan if stopped or step.name != FIRST_ANSWER], progress)


def steps(
    stack: Stack, supervisor: Supervisor, table: list[Part], console: Console, started_at: float
) -> list[Step]:
    """The whole start as one table."""
    return [
        Step("environment heavy", (), partial(_install, stack.environments["heavy"], stack)),
        *(
            [Step("model", ("environment heavy",), partial(_prepare_model, stack))]
            if stack.settings.runs_llm
            else []
        ),
        *(_part_step(stack, supervisor, part) for part in table if part.name not in OFF_THE_PATH),
        Step("migrate", ("postgres",), partial(_migrate, stack)),
        Step("first documents", ("gateway", "worker", "embedder"), partial(ingest_documents, stack)),
        Step(
            "first answer",
            ("first documents", "llm"),
            partial(ask_first_question, stack, started_at),
            optional=True,
        ),
        Step("addresses", (FIRST_ANSWER, "webapp"), partial(_tell, stack, console)),
        *_trace_steps(stack, supervisor, table),
    ]


def _part_step(stack: Stack, supervisor: Supervisor, part: Part) -> Step:
    return Step(part.name, part.needs, partial(start_and_wait, stack, supervisor, part))


def _trace_steps(stack: Stack, supervisor: Supervisor, table: list[Part]) -> list[Step]:
    environment = partial(_install, stack.environments["traces"], stack)
    late = [part for part in table if part.name in OFF_THE_PATH]
    install = [Step("environment traces", ("addresses",), environment, optional=True)] if late else []
    runs: list[tuple[Part, Callable[[], Awaitable[None]]]] = [
        (part, partial(start_and_wait, stack, supervisor, part)) for part in late
    ]
    return install + [Step(part.name, part.needs, run, optional=True) for part, run in runs]


async def _install(environment: Environment, stack: Stack) -> None:
    """In a process of its own, which waits when the same installation is already under way."""
    if is_installed(environment):
        return
    variables = dict(stack.variables) | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "groundwork_dev.environments", environment.name]
    await run_once(f"environment {environment.name}", command, variables, stack)


async def _prepare_model(stack: Stack) -> None:
    variables = dict(stack.variables) | {"LLM_MODELS_DIR": str(stack.settings.models)}
    await run_once("model", stack.python("heavy", "-m", "rag_llm.prepare"), variables, stack)


async def _migrate(stack: Stack) -> None:
    variables = dict(stack.variables) | stack.migration()
    for module in ("rag_gateway.migrate", "rag_feedback.migrate"):
        await run_once("migrate", stack.python("light", "-m", module), variables, stack)


async def _tell(stack: Stack, console: Console) -> None:
    print_addresses(stack, console)


async def until_signal(supervisor: Supervisor) -> None:
    """Returns on Ctrl-C, TERM or a closed terminal, or when the supervisor itself is gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set() and supervisor.is_running():
        try:
            await asyncio.wait_for(ended.wait(), 2)
        except TimeoutError:
            continue
