"""The feedback service on a real PostgreSQL, and callers of tenants that nobody else uses."""

import itertools
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Database
from tests.feedback.callers import SERVICE_TOKEN, Gateway
from tests.served import served

TENANTS = itertools.count(1_000)


@pytest.fixture(scope="session")
def feedback_url(database: Database) -> Iterator[str]:
    """The address of the running service."""
    environment = {"DATABASE_URL": database.dsn("feedback"), "SERVICE_TOKEN": SERVICE_TOKEN}
    with served(sys.executable, "rag_feedback", environment) as url:
        yield url


@pytest.fixture
def gateway(feedback_url: str) -> Iterator[Gateway]:
    """A caller of a tenant of its own."""
    with httpx.Client(base_url=feedback_url) as http:
        yield Gateway(http, next(TENANTS))
