"""A visitor's client and the gateway that it talks to; pytest's `pythonpath` holds webapp, as Streamlit's does."""

from collections.abc import Iterator

import httpx
import pytest

from gateway_client import Gateway
from tests.webapp.scripted_gateway import ScriptedGateway, serve


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
