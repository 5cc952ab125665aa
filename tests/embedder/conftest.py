"""Clients of the shared embedder."""

from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.real_embedder import RunningEmbedder


@pytest.fixture
def http(embedder: RunningEmbedder) -> Iterator[httpx.Client]:
    """A plain client."""
    with httpx.Client(base_url=embedder.url, timeout=120) as client:
        yield client


@pytest.fixture
def client(embedder: RunningEmbedder) -> Iterator[openai.OpenAI]:
    """The OpenAI client, unmodified, without its retries."""
    with openai.OpenAI(base_url=f"{embedder.url}/v1", api_key="unused", max_retries=0) as client:
        yield client
