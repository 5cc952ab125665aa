"""A gateway with its worker, feedback service, embedder and PostgreSQL, all real; the model is the knobbed fake."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY, PEPPER, Database
from tests.fakes.fake import Fake
from tests.fakes.knobs import Knobs
from tests.fakes.openai_server import running_fake
from tests.real_embedder import RunningEmbedder
from tests.served import free_port, served

DOCUMENT = Path(__file__).parent / "handbook.md"
TOKEN = "tests-service-token"


@dataclass(frozen=True)
class RunningGateway:
    """Where it answers, and the parts behind it."""

    url: str
    environment: dict[str, str]
    model: Fake


@pytest.fixture(scope="session")
def fake_model() -> Iterator[Fake]:
    """The knobbed fake of an OpenAI server."""
    with running_fake() as fake:
        yield fake


@contextmanager
def running_gateway(
    database: Database, embedder: RunningEmbedder, fake_model: Fake
) -> Iterator[RunningGateway]:
    """Every part as a process of its own, over one database."""
    shared = {"SERVICE_TOKEN": TOKEN, "API_KEY_PEPPER": PEPPER, "DRAIN_S": "5"}
    feedback_environment = shared | {"DATABASE_URL": database.dsn("feedback")}
    with served(sys.executable, "rag_feedback", feedback_environment) as feedback:
        behind = {"EMBEDDER_URL": embedder.url, "FEEDBACK_URL": feedback, "LLM_URL": fake_model.url}
        app = shared | behind | {"DATABASE_URL": database.dsn("app"), "OPERATIONS_PORT": str(free_port())}
        worker = shared | behind | {"DATABASE_URL": database.dsn("worker")}
        with (
            served(sys.executable, "rag_gateway", app) as url,
            served(sys.executable, "rag_gateway.worker", worker, port_variable="OPERATIONS_PORT"),
        ):
            yield RunningGateway(url, app, fake_model)


@pytest.fixture(scope="session")
def gateway(database: Database, embedder: RunningEmbedder, fake_model: Fake) -> Iterator[RunningGateway]:
    """The gateway that tests share; the worker has ingested nothing yet."""
    with running_gateway(database, embedder, fake_model) as gateway:
        yield gateway


@pytest.fixture
def http(gateway: RunningGateway) -> Iterator[httpx.Client]:
    """A client with the bootstrap key; the fake model's knobs are back where they were afterwards."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as client:
        yield client
    gateway.model.knobs = Knobs()


@pytest.fixture(scope="session")
def handbook(gateway: RunningGateway) -> dict[str, Any]:
    """A Markdown document in collection `handbook`, ingested."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as client:
        client.post("/v1/collections", json={"name": "handbook"}).raise_for_status()
        files = {"file": ("handbook.md", DOCUMENT.read_bytes(), "text/markdown")}
        accepted = client.post("/v1/collections/handbook/documents", files=files)
        assert accepted.status_code == 202, accepted.text
        return dict(accepted.json()) | {"job": finished(client, accepted.json()["job_id"])}


def finished(client: httpx.Client, job_id: str, within_s: float = 30) -> dict[str, Any]:
    """The job once it has ended."""
    until = time.monotonic() + within_s
    while (job := client.get(f"/v1/jobs/{job_id}").json())["status"] in ("queued", "running"):
        assert time.monotonic() < until, f"the job did not end: {job}"
        time.sleep(0.05)
    return dict(job)


@pytest.fixture
def collection(http: httpx.Client) -> Iterator[str]:
    """Where documents of a collection of one test go; it is gone afterwards."""
    name = f"test-{uuid4().hex[:8]}"
    http.post("/v1/collections", json={"name": name}).raise_for_status()
    yield f"/v1/collections/{name}/documents"
    http.delete(f"/v1/collections/{name}")
