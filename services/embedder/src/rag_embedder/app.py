"""Wiring: settings → models and batcher → FastAPI → server."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvloop
from fastapi import FastAPI
from rag_common.health import Drain, Part
from rag_common.logs import setup_logs
from rag_common.model_folder import check_model_folder, named_folder
from rag_common.model_manifest import ModelError
from rag_common.requests import RequestScope
from rag_common.server import serve
from rag_common.service import create_service
from rag_common.settings import EX_CONFIG, load_settings
from rag_common.telemetry import setup_telemetry

from rag_embedder.adapters.cross_encoder import load_reranker
from rag_embedder.adapters.sentence_transformers import load_encoder
from rag_embedder.batching import Batcher
from rag_embedder.model import Models
from rag_embedder.routes import embedding_routes, model_routes, rerank_routes
from rag_embedder.settings import Settings

log = logging.getLogger(__name__)

BODY_LIMIT_BYTES = 16_000_000
"""Room for 2,048 long chunks."""


def create_app(settings: Settings, batcher: Batcher, drain: Drain) -> RequestScope:
    """The embedder's ASGI app; the model loads while the server already answers probes."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(batcher.run())
        work.add_done_callback(_end_with_the_model)
        yield
        work.cancel()
        with suppress(asyncio.CancelledError, Exception):  # a failure has been logged when it happened
            await work

    app = create_service("embedder", lifespan, lambda: {"model": Part(batcher.check)}, drain, metrics=True)
    embedding_model, reranker = settings.embedding_model, settings.reranker_name
    app.include_router(embedding_routes(batcher, embedding_model, drain))
    app.include_router(rerank_routes(batcher, reranker, drain))
    app.include_router(model_routes(batcher, embedding_model, reranker))
    return RequestScope(app, body_limit=lambda _: BODY_LIMIT_BYTES)


def _end_with_the_model(work: asyncio.Task[None]) -> None:
    """Ends the process, as SIGTERM would, when there is no model: a supervisor then says so at once."""
    if not work.cancelled() and (failure := work.exception()):
        log.critical("model_failed", exc_info=failure)
        signal.raise_signal(signal.SIGTERM)


async def run(settings: Settings) -> None:
    """Serves until SIGTERM; exits with status 1 and one line when the model cannot be loaded."""

    drain = Drain()
    batcher = Batcher(lambda: load_models(settings), settings.embedder_queue_texts)
    await serve(create_app(settings, batcher, drain), settings, drain)
    if batcher.failure:
        reason = " ".join(str(batcher.failure).split())
        sys.exit(f"embedder: the model cannot be loaded: {reason}")


def load_models(s: Settings) -> Models:
    """Both models on one device, the packaged encoder and no reranker where none is named; takes seconds."""
    encoder = load_encoder(s.embedder_model, s.embedder_device, s.embedder_dtype, s.embedder_gpu_memory_share)
    if not s.reranker_model:
        return Models(encoder)
    try:
        return Models(encoder, load_reranker(s.reranker_model, s.embedder_device, s.embedder_dtype))
    except (RuntimeError, OSError, ValueError) as error:
        raise RuntimeError(f"RERANKER_MODEL: {error}") from error


def check_model(setting: str, name: str) -> None:
    """Exits with 78 and one line when the model is a folder that is not loaded."""
    try:
        if folder := named_folder(name):
            check_model_folder(folder, f"set {setting} to a folder with a model or to a Hugging Face name")
    except ModelError as error:
        sys.stderr.write(f"embedder: {error}\n")
        sys.exit(EX_CONFIG)


def main() -> None:
    """The process: settings, model's folder, logs, telemetry, server."""
    settings = load_settings(Settings)
    check_model("EMBEDDER_MODEL", settings.embedder_model)
    check_model("RERANKER_MODEL", settings.reranker_model)
    setup_logs("embedder", settings.log_level)
    stop_telemetry = setup_telemetry("embedder", settings.otel_exporter_otlp_endpoint)
    try:
        uvloop.run(run(settings))
    finally:
        stop_telemetry()
