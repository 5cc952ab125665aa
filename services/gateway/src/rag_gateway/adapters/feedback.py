"""The feedback service over HTTP."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from rag_common.clients import check_status, timeout, upstream
from rag_common.deadline import deadline_header
from rag_common.identity import Identity, sign
from rag_common.product import IDENTITY_HEADER

from rag_gateway.keys import Caller
from rag_gateway.outbox import Removal

TIMEOUT_S = 5
MOST_DOCUMENTS = 1_000
"""In one redaction, as the feedback service takes them."""
WORKER = "worker"


class HttpFeedback:
    """Hands feedback over in the caller's name, which travels signed."""

    def __init__(self, client: httpx.AsyncClient, service_token: str) -> None:
        self._client, self._token = client, service_token

    async def store(self, feedback: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Stores or replaces the caller's feedback on an answer."""
        with upstream("feedback"):
            response = await self._client.post(
                "/internal/feedback", json=feedback, headers=self._headers(caller), timeout=timeout(TIMEOUT_S)
            )
        check_status("feedback", response)
        return dict(response.json())

    async def withdraw(self, answer_id: UUID, caller: Caller) -> None:
        """Removes the caller's feedback on an answer, if there is any."""
        with upstream("feedback"):
            response = await self._client.delete(
                f"/internal/feedback/{answer_id}", headers=self._headers(caller), timeout=timeout(TIMEOUT_S)
            )
        if response.status_code != 404:
            check_status("feedback", response)

    async def redact(self, removal: Removal) -> None:
        """Has the tenant's comments and corrections removed where an answer drew on the documents."""
        for start in range(0, len(removal.document_ids), MOST_DOCUMENTS):
            ids = [str(id_) for id_ in removal.document_ids[start : start + MOST_DOCUMENTS]]
            with upstream("feedback"):
                response = await self._client.post(
                    "/internal/redactions",
                    json={"document_ids": ids},
                    headers=self._signed(Identity(removal.tenant_id, WORKER)),
                    timeout=timeout(TIMEOUT_S),
                )
            check_status("feedback", response)

    async def check(self) -> None:
        """Raises unless the feedback service is ready."""
        response = await self._client.get("/readyz", timeout=1)
        if response.status_code != 200:
            raise ConnectionError(f"not ready: status {response.status_code}")

    def _headers(self, caller: Caller) -> dict[str, str]:
        return self._signed(Identity(caller.tenant_id, caller.subject))

    def _signed(self, identity: Identity) -> dict[str, str]:
        signed = sign(identity, self._token)
        return {"authorization": f"Bearer {self._token}", IDENTITY_HEADER: signed, **deadline_header()}
