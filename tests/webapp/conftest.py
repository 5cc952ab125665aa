"""A visitor's client and the gateway that it talks to; pytest's `pythonpath` holds webapp, as Streamlit's does."""

from collections.abc import Iterator

import httpx
import pytest

from gateway_client import Gateway
from library import Library
from tests.webapp.scripted_gateway import ScriptedGateway, serve
from tests.webapp.scripted_library import ScriptedLibrary, serve_library


@pytest.fixture
def scripted() -> Iterator[ScriptedGateway]:
    """A scripted gateway on a real port."""
    with serve() as gateway:
        yield gateway


@pytest.fixture
def gateway(scripted: ScriptedGateway) -> Iterator[Gateway]:
    """The client under test, of a visitor called v1."""
    with httpx.Client(
        base_url=scripted.url, headers={"authorization": "Bearer key"}, trust_env=False
    ) as http:
        yield Gateway(http, "v1")


@pytest.fixture
def shelves() -> Iterator[ScriptedLibrary]:
    """A scripted gateway of documents on a real port."""
    with serve_library() as server:
        yield server


@pytest.fixture
def library(shelves: ScriptedLibrary) -> Iterator[Library]:
    """The client of documents under test, of a visitor called v1."""
    with httpx.Client(base_url=shelves.url, trust_env=False) as http:
        yield Library(Gateway(http, "v1"))
