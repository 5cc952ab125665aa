"""What runs, how well, and what it says."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from groundwork_dev.configuration import log_of
from groundwork_dev.errors import RunnerError
from groundwork_dev.health import is_healthy
from groundwork_dev.parts import Part, parts
from groundwork_dev.stack import Stack
from groundwork_dev.supervision import Supervisor

MB = 1_000_000


def print_status(stack: Stack) -> None:
    """One row a part: state, health, process, memory, port."""
    supervisor = Supervisor(stack.settings)
    if not supervisor.is_running():
        raise RunnerError("nothing is running; `make up` starts the stack")
    print_parts(stack, supervisor.overview(), Console())


def print_parts(stack: Stack, known: Iterable[Mapping[str, Any]], console: Console) -> None:
    """The parts that supervisord knows: a stack may have been started with other settings than this shell's."""
    told = {info["name"]: info for info in known}
    table = Table("part", "state", "health", "pid", "up", "memory", "port", box=None)
    for part in parts(stack):
        if info := told.get(part.name):
            table.add_row(*_row(stack, part, info))
    console.print(table)
    print_addresses(stack, console, traces="traces" in told)


def _row(stack: Stack, part: Part, info: Mapping[str, Any]) -> tuple[str, ...]:
    healthy = asyncio.run(_health(stack, part)) if info["pid"] else "-"
    up_s = int(time.time() - info["start"]) if info["pid"] else 0
    port = ", ".join(str(stack.at.port(name)) for name in part.listeners)
    memory = f"{resident(info['pid']) / MB:.0f} MB"
    return part.name, info["statename"].lower(), healthy, str(info["pid"]), f"{up_s} s", memory, port


def print_addresses(stack: Stack, console: Console, *, traces: bool = True) -> None:
    """Where to go, and the key to show there; `traces` says whether the running stack has them."""
    rows = [("web page", stack.at.url("webapp")), ("API", f"{stack.at.url('gateway')}/v1")]
    if traces and stack.settings.traces:
        rows.append(("traces", stack.at.url("traces")))
    rows.append(("API key", stack.credentials["bootstrap_key"]))
    if stack.settings.port_offset:
        rows.append(("CLI", f"export GROUNDWORK_URL={stack.at.url('gateway')}"))
    for name, value in rows:
        console.print(f"  {name:<9} {value}", highlight=False, markup=False, soft_wrap=True)


async def _health(stack: Stack, part: Part) -> str:
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        return "well" if await is_healthy(stack, part, client) else "not well"


def resident(pid: int) -> int:
    """Resident bytes of a process and its children, pages shared between them counted for each."""
    if not pid or not psutil.pid_exists(pid):
        return 0
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


def follow_logs(stack: Stack, name: str) -> None:
    """Shows the last lines of one log or of all, and follows them in a terminal."""
    names = [name] if name else [part.name for part in parts(stack)]
    logs = [str(log_of(stack.settings, each)) for each in names if log_of(stack.settings, each).exists()]
    if not logs:
        raise RunnerError(f"no log of {name or 'any part'} in {stack.settings.logs}")
    tail = shutil.which("tail") or "tail"
    os.execv(tail, [tail, "-n", "200", *(["-F"] if sys.stdout.isatty() else []), *logs])
