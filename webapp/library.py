"""The documents of a collection at the gateway: listed, handed over, searched and deleted, and their jobs."""

from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from answers import Source
from documents import Accepted, Document, Job, Page, Version
from gateway_client import Gateway
from gateway_errors import GatewayError

FILE_TIMEOUT = httpx.Timeout(120, connect=2)
"""A large file is hashed and stored before the gateway answers."""
MOST_AT_ONCE = 100
PASSAGES = 10
Entry = TypeVar("Entry")


class Library:
    """Documents on behalf of one visitor; safe to use from several threads."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def create(self, collection: str, description: str) -> None:
        """A new collection that everybody of the tenant may read."""
        body = {"name": collection, "description": description}
        self._gateway.send("POST", "/v1/collections", json=body)

    def delete_collection(self, collection: str) -> None:
        """For good, with all its documents."""
        self._gateway.send("DELETE", f"/v1/collections/{collection}", timeout=FILE_TIMEOUT)

    def documents(self, collection: str, cursor: str | None = None, limit: int = MOST_AT_ONCE) -> Page:
        """The newest first."""
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        return self._gateway.call("GET", f"/v1/collections/{collection}/documents", Page.of, params=params)

    def document(self, document_id: str) -> Document | None:
        """One document; None once it has been deleted."""
        try:
            return self._gateway.call("GET", f"/v1/documents/{document_id}", Document.of)
        except GatewayError as problem:
            if problem.status == 404:
                return None
            raise

    def versions(self, document_id: str) -> list[Version]:
        """The newest first."""
        path = f"/v1/documents/{document_id}/versions"
        return self._gateway.call("GET", path, _each(Version.of), params={"limit": MOST_AT_ONCE})

    def file(self, document_id: str, version: int) -> bytes:
        """The bytes as they were sent."""
        path = f"/v1/documents/{document_id}/file"
        return self._gateway.send("GET", path, params={"version": version}, timeout=FILE_TIMEOUT).content

    def upload(self, collection: str, name: str, data: bytes) -> Accepted:
        """Hands one file over; its name tells it from others, so that the same name again is a new version."""
        return self._gateway.call(
            "POST",
            f"/v1/collections/{collection}/documents",
            Accepted.of,
            data={"external_id": name},
            files={"file": (name, data, "")},  # without a type: the gateway goes by the name's ending
            timeout=FILE_TIMEOUT,
        )

    def delete(self, document_id: str) -> None:
        """For good, with all its versions."""
        self._gateway.send("DELETE", f"/v1/documents/{document_id}")

    def jobs(self, collection: str, status: str | None = None) -> list[Job]:
        """The newest first."""
        params = {"collection": collection, "limit": MOST_AT_ONCE} | ({"status": status} if status else {})
        return self._gateway.call("GET", "/v1/jobs", _each(Job.of), params=params)

    def cancel(self, job_id: str) -> None:
        """Ends a job; what answered before goes on answering."""
        self._gateway.send("POST", f"/v1/jobs/{job_id}/cancel")

    def retry(self, job_id: str) -> None:
        """Starts a failed or cancelled job again, with the bytes that are there."""
        self._gateway.send("POST", f"/v1/jobs/{job_id}/retry")

    def search(self, collection: str, query: str) -> list[Source]:
        """Passages of a collection, the best first."""
        body = {"query": query, "collections": [collection], "top_k": PASSAGES}
        return self._gateway.call("POST", "/v1/search", _each(Source.of, "results"), json=body)


def _each(read: Callable[[Any], Entry], name: str = "data") -> Callable[[Any], list[Entry]]:
    return lambda reply: [read(entry) for entry in reply[name]]
