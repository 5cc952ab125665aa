"""The whole stack as `make up` starts it, asked as its users ask it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.browser.conftest import browser, page  # noqa: F401 (fixtures)
from tests.conftest import RunningStack


@pytest.fixture
def http(stack: RunningStack) -> Iterator[httpx.Client]:
    """A client of the public API with the printed key."""
    headers = {"authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=stack.gateway_url, headers=headers, timeout=120) as client:
        yield client
