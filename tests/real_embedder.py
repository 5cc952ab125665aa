"""One embedder with the real model, in the environment that has torch, shared by all tests that need one."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.served import served

HEAVY_PYTHON = Path(__file__).parents[1] / ".venv-heavy/bin/python"
QUEUE_TEXTS = 2_048
MODEL = "all-MiniLM-L6-v2"


@dataclass(frozen=True)
class RunningEmbedder:
    """Where it answers, and how it answered the first question for its readiness."""

    url: str
    first_readiness: httpx.Response


@pytest.fixture(scope="session")
def embedder() -> Iterator[RunningEmbedder]:
    """The embedder as it is by default on a CPU."""
    with running_embedder({"EMBEDDER_QUEUE_TEXTS": str(QUEUE_TEXTS)}) as running:
        yield running


@contextmanager
def running_embedder(settings: Mapping[str, str]) -> Iterator[RunningEmbedder]:
    """Starts an embedder and waits for its model."""
    environment = {"EMBEDDER_DEVICE": "cpu", **settings}
    with served(HEAVY_PYTHON, "rag_embedder", environment, until="/healthz") as url:
        first = httpx.get(f"{url}/readyz")
        give_up = time.monotonic() + 120
        while httpx.get(f"{url}/readyz").status_code != 200:
            assert time.monotonic() < give_up, "the model was not loaded within two minutes"
            time.sleep(0.2)
        yield RunningEmbedder(url, first)
