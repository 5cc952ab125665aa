"""Wiring: settings to parts to the app; the only file of the gateway that names concrete adapters."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr
from rag_common.clients import open_client
from rag_common.health import Drain, Part
from rag_common.postgres import check_pool, open_pool
from rag_common.product import NAME
from rag_common.requests import RequestScope
from rag_common.server import serve_beside
from rag_common.service import create_service, operations_app

from rag_gateway.adapters.answers import PostgresAnswerStore
from rag_gateway.adapters.collections import PostgresCollectionStore
from rag_gateway.adapters.documents import PostgresDocuments
from rag_gateway.adapters.embedder import HttpEmbedder
from rag_gateway.adapters.feedback import HttpFeedback
from rag_gateway.adapters.jobs import PostgresJobs
from rag_gateway.adapters.keys import PostgresKeyStore
from rag_gateway.adapters.llm import OpenAiLlm
from rag_gateway.adapters.passages import PostgresPassageStore
from rag_gateway.adapters.queue import IngestQueue
from rag_gateway.adapters.removals import PostgresRemovals
from rag_gateway.adapters.reranker import HttpReranker
from rag_gateway.adapters.uploads import PostgresUploads
from rag_gateway.door import Door
from rag_gateway.ingest.work import INDEX_VERSION
from rag_gateway.keys import Authenticator
from rag_gateway.paging import Cursors
from rag_gateway.parts import Parts
from rag_gateway.rag.pack import Room
from rag_gateway.rag.pipeline import Pipeline
from rag_gateway.routes import account, answers, chat, documents, job_events, jobs, versions
from rag_gateway.settings import GatewaySettings
from rag_gateway.uploads import Spool


@asynccontextmanager
async def open_parts(s: GatewaySettings, drain: Drain) -> AsyncIterator[tuple[Parts, Mapping[str, Part]]]:
    """Opens every part and its health check, and closes them in turn."""
    async with (
        open_pool(s.database_dsn, s.database_pool_size) as pool,
        open_client(s.embedder_url) as embedder_client,
        open_client(s.llm_url.rstrip("/") + "/", _bearer(s.llm_api_key)) as llm_client,
        open_client(s.feedback_url) as feedback_client,
    ):
        embedder = HttpEmbedder(embedder_client, s.embedding_model)
        reranker = HttpReranker(embedder_client) if s.reranker else None
        llm = OpenAiLlm(llm_client, s.llm_model, s.llm_first_token_s, s.llm_next_token_s)
        feedback = HttpFeedback(feedback_client, s.service_token.get_secret_value())
        passages = PostgresPassageStore(pool)
        read = PostgresDocuments(pool)
        pepper = s.api_key_pepper.get_secret_value()
        parts = Parts(
            settings=s,
            authenticator=Authenticator(PostgresKeyStore(pool), pepper),
            cursors=Cursors(pepper),
            pipeline=Pipeline(embedder, passages, llm, reranker, *_limits(s)),
            answers=PostgresAnswerStore(pool),
            uploads=PostgresUploads(pool, IngestQueue()),
            spool=Spool(s.upload_spool_bytes),
            documents=read,
            versions=read,
            removals=PostgresRemovals(pool),
            jobs=PostgresJobs(pool, IngestQueue()),
            collections=PostgresCollectionStore(pool),
            feedback=feedback,
            drain=drain,
        )
        health = {
            "postgres": Part(lambda: check_pool(pool)),
            "schema": Part(lambda: passages.check(s.embedding_model)),
            "embedder": Part(embedder.check, needed=False),
            "llm": Part(llm.check, needed=False),
            "feedback": Part(feedback.check, needed=False),
        }
        yield parts, health | ({"reranker": Part(reranker.check, needed=False)} if reranker else {})


def _limits(s: GatewaySettings) -> tuple[Room, str, int, bool]:
    """Room for sources in a prompt, what made the index, passages that are reranked, who rewrites follow-ups."""
    index_version = f"{s.embedding_model}/{INDEX_VERSION}"
    room = Room(s.prompt_budget_tokens, s.prompt_sources)
    return room, index_version, s.rerank_candidates, s.condense_by == "model"


def _bearer(key: SecretStr) -> dict[str, str] | None:
    return {"authorization": f"Bearer {key.get_secret_value()}"} if key.get_secret_value() else None


def create_app(settings: GatewaySettings, drain: Drain) -> FastAPI:
    """The public API, with the operations app on a port of its own while it runs."""
    health: dict[str, Part] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings, drain) as (parts, checks):
            app.state.parts = parts
            health.update(checks)
            operations = operations_app(lambda: health, drain)
            async with serve_beside(operations, settings, settings.operations_port):
                yield

    app = create_service(f"{NAME} gateway", lifespan, lambda: health, drain, metrics=False)
    for module in (account, answers, chat, documents, versions, jobs, job_events):
        app.include_router(module.router)

    door = Door(lambda: app.state.parts.authenticator, settings.max_upload_bytes)
    app.add_middleware(
        RequestScope,
        trusts=door.trusts,
        admit=door.admit,
        body_limit=door.body_limit,
        deadline_s=settings.request_deadline_s,
        body_pause_s=settings.body_pause_s,
    )
    return app
