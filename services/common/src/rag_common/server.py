"""Runs ASGI apps with uvicorn so that SIGTERM drains them and the process exits 0."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from rag_common.health import Drain
from rag_common.settings import ServiceSettings

AFTER_DRAIN_S = 3
"""Time for the terminal events of streams to go out once the drain limit is reached."""

KEEP_ALIVE_S = 75
"""How long a connection may rest: longer than clients (httpx: 5 s) and balancers (60 s) keep one, so that none
sends a request into a connection that we are closing."""

EX_UNAVAILABLE = 69
"""Exit status of a server that could not start (sysexits.h)."""


class DrainingServer(uvicorn.Server):
    """uvicorn that marks the drain first and does not die of the signal that it obeyed."""

    def __init__(self, config: uvicorn.Config, drain: Drain, drain_s: float) -> None:
        super().__init__(config)
        self._drain, self._drain_s = drain, drain_s

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self._drain.started.is_set():
            self._drain.started.set()
            asyncio.get_running_loop().call_later(self._drain_s, self._drain.expired.set)
        self.should_exit = True


class SideServer(uvicorn.Server):
    """A second server of the same process; it leaves signals to the first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, settings: ServiceSettings, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        settings.host,
        port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(settings.drain_s) + AFTER_DRAIN_S,
    )


@contextlib.asynccontextmanager
async def serve_beside(app: ASGIApp, settings: ServiceSettings, port: int) -> AsyncIterator[None]:
    """Serves an app, for instance the operations app, as long as the block runs."""
    server = SideServer(_config(app, settings, port))
    running = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await running


async def serve(app: ASGIApp, settings: ServiceSettings, drain: Drain) -> None:
    """Serves until a signal; running requests then have `drain_s` seconds to end.

    Exits with 69 when the app cannot start.
    """
    server = DrainingServer(_config(app, settings, settings.port), drain, settings.drain_s)
    await server.serve()
    if not server.started:
        sys.exit(EX_UNAVAILABLE)
