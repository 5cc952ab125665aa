"""Restarts one part on each saved file."""

from watchfiles import PythonFilter, awatch

from groundwork_dev.errors import RunnerError
from groundwork_dev.health import start_and_wait
from groundwork_dev.parts import parts
from groundwork_dev.settings import ROOT
from groundwork_dev.stack import Stack
from groundwork_dev.supervision import Supervisor

ALSO_WATCHED = (".sql", ".txt", ".toml", ".css")


async def restart_on_save(stack: Stack, name: str) -> None:
    """Watches the part's sources until Ctrl-C; a restart that fails is told and the next save tries again."""
    supervisor = Supervisor(stack.settings)
    part = next((part for part in parts(stack) if part.name == name and part.sources), None)
    if part is None:
        known = ", ".join(part.name for part in parts(stack) if part.sources)
        raise RunnerError(f"PART={name}: one of {known}")
    if not supervisor.is_running():
        raise RunnerError("nothing is running; `make up` starts the stack")
    folders = [ROOT / source for source in part.sources]
    print(
        f"{name}: restarts when a file under {', '.join(part.sources)} is saved; Ctrl-C ends this", flush=True
    )
    async for changes in awatch(*folders, watch_filter=PythonFilter(extra_extensions=ALSO_WATCHED)):
        print(f"{name}: {len(changes)} changed, restarting", flush=True)
        supervisor.stop(name)
        try:
            await start_and_wait(stack, supervisor, part)
        except RunnerError as error:
            print(error, flush=True)
        else:
            print(f"{name}: ready", flush=True)
