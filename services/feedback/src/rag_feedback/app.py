"""Wiring: settings → pool and store → FastAPI → server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from fastapi import FastAPI
from rag_common.health import Drain, Part
from rag_common.logs import setup_logs
from rag_common.postgres import Pool, open_pool
from rag_common.requests import RequestScope
from rag_common.server import serve
from rag_common.service import create_service
from rag_common.settings import load_settings
from rag_common.telemetry import setup_telemetry

from rag_feedback.adapters.postgres import PostgresFeedback
from rag_feedback.routes import feedback_routes
from rag_feedback.settings import Settings

BODY_LIMIT_BYTES = 2_000_000
"""Far above what the fields allow, so that too long a comment is answered by its name."""


def create_app(settings: Settings, pool: Pool, drain: Drain) -> RequestScope:
    """The feedback service's ASGI app over an open pool."""
    store = PostgresFeedback(pool)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_service("feedback", lifespan, lambda: {"postgres": Part(store.ready)}, drain, metrics=True)
    app.include_router(feedback_routes(store, settings.service_token.get_secret_value()))
    return RequestScope(app, body_limit=lambda _: BODY_LIMIT_BYTES)


async def run(settings: Settings) -> None:
    """Serves until SIGTERM."""
    drain = Drain()
    async with open_pool(settings.database_dsn) as pool:
        await serve(create_app(settings, pool, drain), settings, drain)


def main() -> None:
    """The process: settings, logs, telemetry, server."""
    settings = load_settings(Settings)
    setup_logs("feedback", settings.log_level)
    stop_telemetry = setup_telemetry("feedback", settings.otel_exporter_otlp_endpoint)
    try:
        uvloop.run(run(settings))
    finally:
        stop_telemetry()
