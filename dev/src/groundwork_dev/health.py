"""Waits until a part is well, or says in one line how it died."""

import asyncio
import time

import httpx
import psycopg

from groundwork_dev.configuration import log_of
from groundwork_dev.errors import dead_part
from groundwork_dev.parts import Part
from groundwork_dev.stack import Stack
from groundwork_dev.supervision import Supervisor

POLL_S = 0.2
SILENCE_S = 5
HEALTHY_WITHIN_S = 900
"""A larger model may first have to be downloaded."""


async def start_and_wait(stack: Stack, supervisor: Supervisor, part: Part) -> None:
    """Starts the part when it does not run; returns when it is healthy, raises when it dies meanwhile."""
    supervisor.start(part.name)
    pid, log = 0, log_of(stack.settings, part.name)
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    async with httpx.AsyncClient(timeout=SILENCE_S, trust_env=False) as client:
        while not await is_healthy(stack, part, client):
            state, now, status = supervisor.state(part.name)
            if state in ("EXITED", "FATAL", "BACKOFF") or (pid and now != pid):
                raise dead_part(
                    part.name, f"ended with status {status}" if status else "died while starting", log
                )
            if time.monotonic() > deadline:
                raise dead_part(part.name, f"was not healthy after {HEALTHY_WITHIN_S} s", log)
            pid = now
            await asyncio.sleep(POLL_S)


async def is_healthy(stack: Stack, part: Part, client: httpx.AsyncClient) -> bool:
    """Whether the part takes work now."""
    if not part.health_url:
        return await _database_answers(stack)
    try:
        return (await client.get(part.health_url)).status_code == 200
    except httpx.HTTPError:
        return False


async def _database_answers(stack: Stack) -> bool:
    try:
        connection = await psycopg.AsyncConnection.connect(
            stack.dsn("postgres", "postgres"), connect_timeout=2
        )
    except psycopg.OperationalError:
        return False
    await connection.close()
    return True


async def run_once(name: str, command: list[str], environment: dict[str, str], stack: Stack) -> None:
    """Runs a command to its end, its output in a log; a failure is an error that names the log."""
    log = log_of(stack.settings, name.replace(" ", "-"))
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=file, stderr=file)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
    if status:
        raise dead_part(name, f"ended with status {status}", log)
