"""Who closes a connection first: a request that meets the closing is lost."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rag_common.clients import open_client

from tests.served import served

SERVICE = """
import asyncio
from rag_common.health import Drain
from rag_common.server import serve
from rag_common.settings import ServiceSettings


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for done in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{done}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"%5d" % scope["client"][1]})


asyncio.run(serve(app, ServiceSettings(), Drain()))
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service of ours that answers with the port that it was asked from."""
    (tmp_path / "asked_from.py").write_text(SERVICE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with served(sys.executable, "asked_from", {}) as url:
        yield url


async def asked_from(client: httpx.AsyncClient, rests: list[float]) -> list[str]:
    """The ports of one request more than there are rests between them, in seconds."""
    ports = [(await client.post("/")).text]
    for rest_s in rests:
        await asyncio.sleep(rest_s)
        ports.append((await client.post("/")).text)
    return ports


async def test_we_keep_a_connection_longer_than_clients_do_and_let_go_of_one_before_vllm_does(
    service: str,
) -> None:
    patient = httpx.Limits(keepalive_expiry=60)
    async with (
        httpx.AsyncClient(base_url=service, limits=patient) as theirs,
        open_client(service) as ours,
    ):
        same, changed = await asyncio.gather(asked_from(theirs, [6]), asked_from(ours, [0.5, 3]))
    assert same[0] == same[1]
    assert changed[0] == changed[1] != changed[2]
