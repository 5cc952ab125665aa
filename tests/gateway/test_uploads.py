"""Uploads while they are under way: bounded, and nobody else waits for them."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest
from rag_gateway.keys import hash_of, new_key, prefix_of
from rag_gateway.uploads import Spool, TooManyUploads

from tests.conftest import BOOTSTRAP_KEY, PEPPER, Database
from tests.gateway.conftest import RunningGateway
from tests.served import free_port, served

POOL = 8
"""Connections that the gateway opens to PostgreSQL by default."""


@contextmanager
def begun(
    gateway: RunningGateway,
    path: str,
    length: str,
    kind: str = "multipart/form-data; boundary=b",
    body: str = '--b\r\nContent-Disposition: form-data; name="file"; filename="slow.md"\r\n\r\nSlow words.',
) -> Iterator[socket.socket]:
    """A request, else an upload, whose client has sent its head and the beginning of a body, and then is silent."""
    address = urlsplit(gateway.url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {BOOTSTRAP_KEY}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as client:
        client.sendall(head.encode())
        yield client


def test_an_announced_length_above_the_limit_is_refused_before_it_is_sent(
    gateway: RunningGateway, collection: str
) -> None:
    with begun(gateway, collection, "200000000") as client:
        reply = client.makefile("rb").read().decode()  # the server ends the connection
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


@pytest.fixture(scope="module")
def hasty(gateway: RunningGateway) -> Iterator[RunningGateway]:
    """Another gateway over the same database: little room, and little patience."""
    changed = {"UPLOAD_SPOOL_BYTES": "100000000", "BODY_PAUSE_S": "2", "OPERATIONS_PORT": str(free_port())}
    environment = gateway.environment | changed
    with served(sys.executable, "rag_gateway", environment) as url:
        yield RunningGateway(url, environment, gateway.model)


def reply_of(client: socket.socket) -> tuple[int, str]:
    """Status and code of the refusal that an upload gets."""
    reply = client.recv(10_000)
    while not reply.endswith(b"}"):
        reply += client.recv(10_000)
    return int(reply.split()[1]), str(json.loads(reply.partition(b"\r\n\r\n")[2])["error"]["code"])


def test_silent_clients_of_one_tenant_leave_room_for_others_and_give_theirs_back(
    http: httpx.Client, hasty: RunningGateway, collection: str, database: Database
) -> None:
    key = key_of_another_tenant(database)
    large = "40000000"
    with begun(hasty, collection, large) as first:
        time.sleep(0.5)
        with begun(hasty, collection, large) as second:
            assert reply_of(second) == (429, "too_many_uploads")
        with begun(hasty, collection, "200000000") as third:
            assert reply_of(third) == (413, "too_large")
        headers = {"authorization": f"Bearer {key}"}
        with httpx.Client(base_url=hasty.url, headers=headers) as other:
            other.post("/v1/collections", json={"name": "theirs"}).raise_for_status()
            file = {"file": ("theirs.md", b"Their words.")}
            assert other.post("/v1/collections/theirs/documents", files=file).status_code == 202
        assert reply_of(first) == (408, "body_stalled")
    with begun(hasty, collection, large) as again:
        assert reply_of(again) == (408, "body_stalled")
    assert http.get(collection).json()["data"] == []


def key_of_another_tenant(database: Database) -> str:
    """A key that may ingest."""
    key = new_key()
    with psycopg.connect(database.dsn("owner")) as owner:
        owner.execute(
            """WITH t AS (INSERT INTO tenants (name) VALUES (%s) RETURNING id)
               INSERT INTO api_keys (tenant_id, prefix, hash, name, scopes)
               SELECT id, %s, %s, 'ingests', '{ingest,chat}' FROM t""",
            (f"other-{uuid4().hex[:8]}", prefix_of(key), hash_of(key, PEPPER)),
        )
    return key


def test_a_body_that_stalls_ends_other_routes_too(hasty: RunningGateway) -> None:
    with begun(hasty, "/v1/search", "1000", "application/json", "{") as client:
        assert reply_of(client) == (408, "body_stalled")


def test_what_all_uploads_keep_in_files_together_is_bounded() -> None:
    spool = Spool(most_bytes=100)
    with spool.room_for(60, tenant_id=1):  # more than its half, but none of its tenant sends
        with pytest.raises(TooManyUploads) as refused, spool.room_for(60, tenant_id=2):
            pass
        assert refused.value.status == 429 and refused.value.headers()["retry-after"]
        with pytest.raises(TooManyUploads), spool.room_for(1, tenant_id=1):
            pass
        with spool.room_for(40, tenant_id=2):
            pass
    with spool.room_for(1_000, tenant_id=1):  # larger than all the room there is, but nobody else sends
        pass


NAMES = {
    "my.folder/README": "README",
    "../../etc/passwd.md": "passwd.md",
    "C:\\\\letters\\\\May.md": "May.md",
    "a\u202egnp.md": "agnp.md",
    "tab\tand\u009fbell.md": "tabandbell.md",
    "ä" * 300 + ".md": "ä" * 126 + ".md",
    "..": "",
    "…/Ελλάδα 👩‍🔬.md": "Ελλάδα 👩‍🔬.md",
}


@pytest.mark.parametrize("sent", NAMES)
def test_of_a_files_name_its_last_part_is_kept_as_far_as_it_is_seen(
    http: httpx.Client, collection: str, sent: str
) -> None:
    part = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{sent}"\r\n'
    body = f"{part}Content-Type: text/markdown\r\n\r\nWords.\r\n--b--\r\n".encode()
    headers = {"content-type": "multipart/form-data; boundary=b"}
    reply = http.post(collection, content=body, headers=headers)
    assert reply.status_code == 202, reply.text
    document = http.get(f"/v1/documents/{reply.json()['document_id']}").json()
    assert document["file_name"] == NAMES[sent]


def test_a_name_with_nul_or_of_another_kind_behind_a_turn_is_refused(
    http: httpx.Client, collection: str
) -> None:
    for name, status in (("a\0.md", 422), ("harmless\u202edm.exe", 415), ("my.md/README.exe", 415)):
        form = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\nx\r\n--b--\r\n'
        headers = {"content-type": "multipart/form-data; boundary=b"}
        assert http.post(collection, content=form.encode(), headers=headers).status_code == status
