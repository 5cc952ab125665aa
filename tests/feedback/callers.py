"""Callers of the feedback service: what the gateway is to it, and a body that it accepts."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from rag_common.identity import Identity, sign
from rag_common.product import IDENTITY_HEADER

SERVICE_TOKEN = "token-of-the-tests"


@dataclass(frozen=True)
class Gateway:
    """What the gateway is to the service: it shows the token and says who calls."""

    http: httpx.Client
    tenant: int
    subject: str = "alice"

    def headers(self) -> dict[str, str]:
        identity = sign(Identity(self.tenant, self.subject), SERVICE_TOKEN)
        return {"authorization": f"Bearer {SERVICE_TOKEN}", IDENTITY_HEADER: identity}

    def ask(self, method: str, path: str = "", **request: Any) -> httpx.Response:
        headers = self.headers() | request.pop("headers", {})
        return self.http.request(method, f"/internal/feedback{path}", headers=headers, **request)

    def rate(self, **fields: Any) -> httpx.Response:
        return self.ask("POST", json=feedback(**fields))

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        found = self.ask("GET", params=query)
        assert found.status_code == 200, found.text
        return list(found.json()["data"])


def feedback(**fields: Any) -> dict[str, Any]:
    """A body that is accepted, with other fields in place of its own."""
    source = {"n": 1, "document_id": str(uuid4()), "version": 3, "start": 1200, "end": 1740}
    context = {
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "model": "SmolLM2-135M-Instruct",
        "prompt_version": "1",
        "index_version": "all-MiniLM-L6-v2/1",
        "sources": [source],
    }
    return {"answer_id": str(uuid4()), "rating": "up", "context": context} | fields
