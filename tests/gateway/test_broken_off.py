"""Clients that go away in the middle of an upload: nothing is kept, and the log holds no traceback of ours."""

import socket
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest

from tests.gateway.conftest import RunningGateway
from tests.gateway.test_uploads import begun
from tests.served import free_port, served

MULTIPART = "multipart/form-data; boundary=b"
FORM = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\nSlow words.\r\n--b--\r\n'
BROKEN = [(MULTIPART, FORM[:-9]), (MULTIPART, FORM), ("application/json", '{"text": "Slow words."}')]
"""A file that ends too soon; whole bodies whose announced length is a lie."""


def test_an_upload_that_breaks_off_is_not_kept_and_leaves_no_traceback(
    http: httpx.Client, gateway: RunningGateway, collection: str, capfd: pytest.CaptureFixture[str]
) -> None:
    environment = gateway.environment | {"OPERATIONS_PORT": str(free_port())}
    with served(sys.executable, "rag_gateway", environment) as url:
        own = RunningGateway(url, environment, gateway.model)
        for path in (collection, "/v1/search"):
            for kind, body in BROKEN:
                with begun(own, path, "1000", kind, body):
                    time.sleep(0.3)
                with begun(own, path, "1000", kind, body) as client:
                    client.shutdown(socket.SHUT_WR)
                    time.sleep(0.3)
        assert urlsplit(url).port and httpx.get(f"{url}/readyz").status_code == 200
    said = capfd.readouterr().err
    assert not [line for line in said.splitlines() if "Traceback" in line or "request_failed" in line]
    assert http.get(collection).json()["data"] == []
