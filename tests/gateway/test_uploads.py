"""Uploads while they are under way: bounded, and nobody else waits for them."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from rag_gateway.uploads import Spool, TooManyUploads

from tests.conftest import BOOTSTRAP_KEY
from tests.gateway.conftest import RunningGateway

POOL = 8
"""Connections that the gateway opens to PostgreSQL by default."""


@pytest.fixture
def collection(http: httpx.Client) -> Iterator[str]:
    """A collection of one test, gone afterwards."""
    name = f"uploads-{uuid4().hex[:8]}"
    http.post("/v1/collections", json={"name": name}).raise_for_status()
    yield f"/v1/collections/{name}/documents"
    http.delete(f"/v1/collections/{name}")


@contextmanager
def begun(gateway: RunningGateway, collection: str, length: str) -> Iterator[socket.socket]:
    """An upload whose client has sent its head and the beginning of a file, and then is silent."""
    address = urlsplit(gateway.url)
    head = (
        f"POST {collection} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {BOOTSTRAP_KEY}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="slow.md"\r\n\r\nSlow words.'
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as client:
        client.sendall(head.encode())
        yield client


def test_an_announced_length_above_the_limit_is_refused_before_it_is_sent(
    gateway: RunningGateway, collection: str
) -> None:
    with begun(gateway, collection, "200000000") as client:
        reply = client.recv(10_000).decode()
    assert reply.startswith("HTTP/1.1 413") and "too_large" in reply


def test_clients_that_send_slowly_hold_no_connection_to_the_database(
    http: httpx.Client, gateway: RunningGateway, collection: str
) -> None:
    with ExitStack() as stack:
        for _ in range(2 * POOL):
            stack.enter_context(begun(gateway, collection, "1000"))
        started = time.monotonic()
        for _ in range(5):
            assert http.get(collection).json()["data"] == []
        assert http.post(collection, json={"text": "Quick words."}).status_code == 202
        assert time.monotonic() - started < 5
    time.sleep(0.5)
    assert len(http.get(collection).json()["data"]) == 1, "an upload that broke off was kept"


def test_what_all_uploads_keep_in_files_together_is_bounded() -> None:
    spool = Spool(most_bytes=100)
    with spool.room_for(60):
        with pytest.raises(TooManyUploads) as refused, spool.room_for(60):
            pass
        assert refused.value.status == 429 and refused.value.headers()["retry-after"]
        with spool.room_for(40):
            pass
    with spool.room_for(1_000):  # larger than all the room there is, but nobody else sends
        pass
