"""The gateway's HTTP API, as far as the command line needs it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from groundwork.refusals import GatewayError, check, reached
from groundwork.settings import CliSettings

TIMEOUT_S = 120.0
CONNECT_TIMEOUT_S = 5.0
UNKNOWN = "application/octet-stream"
PAGE = 100

Json = dict[str, Any]


class Gateway:
    """One method per thing that a command asks for.

    `until` is when all of its calls together must have ended, on the monotonic clock; without it each has 120 s.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.until: float | None = None

    def left_s(self) -> float:
        """Seconds that the next call may take; raises GatewayError when none are left."""
        left_s = TIMEOUT_S if self.until is None else min(TIMEOUT_S, self.until - time.monotonic())
        if left_s <= 0:
            raise GatewayError("The time is over.")
        return left_s

    def me(self) -> Json:
        """Who the key is."""
        return self._json("GET", "/v1/me")

    def readiness(self) -> Json:
        """Status and parts; also of a gateway that is not ready."""
        return self._send("GET", "/readyz", accept=503).json()  # type: ignore[no-any-return]

    def search(
        self, query: str, collections: list[str], top_k: int, filter: Json | None = None
    ) -> list[Json]:
        """The passages found, best first."""
        body = {"query": query, "top_k": top_k, **_where(collections, filter)}
        return list(self._json("POST", "/v1/search", json=body)["results"])

    def ask(
        self, question: str, collections: list[str], mode: str, filter: Json | None = None
    ) -> Iterator[Json]:
        """The chunks of one streamed answer; the first and the last carry `rag`."""
        rag = {"answer_mode": mode, **_where(collections, filter)}
        body = {"messages": [{"role": "user", "content": question}], "stream": True, "rag": rag}
        with (
            reached(),
            self._client.stream("POST", "/v1/chat/completions", json=body, timeout=self._timeout()) as reply,
        ):
            if reply.is_error:
                reply.read()
            check(reply)
            yield from _events(reply.iter_lines())

    def ask_whole(self, question: str, collections: list[str], mode: str) -> tuple[Json, str]:
        """One answer without streaming, and the reply's request id."""
        rag = {"answer_mode": mode, **_where(collections)}
        body = {"messages": [{"role": "user", "content": question}], "rag": rag}
        reply = self._send("POST", "/v1/chat/completions", json=body)
        return reply.json(), reply.headers.get("x-request-id", "")

    def rate(self, answer_id: str, rating: str) -> Json:
        """Gives or replaces feedback on an answer; gives back what is kept."""
        return self._json("POST", "/v1/feedback", json={"answer_id": answer_id, "rating": rating})

    def withdraw_rating(self, answer_id: str) -> None:
        """Takes the feedback back."""
        self._send("DELETE", f"/v1/answers/{answer_id}/feedback")

    def create_collection(self, name: str) -> None:
        """A new collection."""
        self._json("POST", "/v1/collections", json={"name": name})

    def remove_collection(self, name: str) -> None:
        """Removes a collection with its documents."""
        self._send("DELETE", f"/v1/collections/{name}")

    def has_collection(self, name: str) -> bool:
        """Whether the collection is there."""
        try:
            self._json("GET", f"/v1/collections/{name}")
        except GatewayError as error:
            if error.status != 404:
                raise
            return False
        return True

    def add_text(self, collection: str, title: str, text: str) -> Json:
        """Hands a text over; the ids of document and job."""
        return self._json(
            "POST", f"/v1/collections/{collection}/documents", json={"title": title, "text": text}
        )

    def remove_document(self, document_id: str) -> None:
        """Removes a document."""
        self._send("DELETE", f"/v1/documents/{document_id}")

    def upload(self, collection: str, path: Path, external_id: str) -> tuple[bool, Json]:
        """Streams one file from the disk; whether it is new, and the ids of document and job."""
        names = {"external_id": external_id, "uri": external_id}
        with path.open("rb") as file:
            reply = self._send(
                "POST",
                f"/v1/collections/{collection}/documents",
                files={"file": (path.name, file, UNKNOWN)},
                data=names,
            )
        return reply.status_code == 202, reply.json()

    def documents(self, collection: str, cursor: str | None) -> Json:
        """One page of a collection's documents, the newest first."""
        return self._page(f"/v1/collections/{collection}/documents", cursor)

    def jobs(self, status: str | None, collection: str, cursor: str | None) -> Json:
        """One page of a collection's jobs, the newest first; all of them, or those with one status."""
        return self._page("/v1/jobs", cursor, collection=collection, **({"status": status} if status else {}))

    def job(self, job_id: str) -> Json:
        """The state of one job."""
        return self._json("GET", f"/v1/jobs/{job_id}")

    def _page(self, path: str, cursor: str | None, **query: str) -> Json:
        where = {"cursor": cursor} if cursor else {}
        return self._json("GET", path, params={"limit": PAGE, **query, **where})

    def _json(self, method: str, path: str, **body: Any) -> Json:
        return dict(self._send(method, path, **body).json())

    def _send(self, method: str, path: str, accept: int | None = None, **body: Any) -> httpx.Response:
        with reached():
            reply = self._client.request(method, path, timeout=self._timeout(), **body)
        if reply.status_code != accept:
            check(reply)
        return reply

    def _timeout(self) -> httpx.Timeout:
        left_s = self.left_s()
        return httpx.Timeout(left_s, connect=min(CONNECT_TIMEOUT_S, left_s))


@contextmanager
def open_gateway(settings: CliSettings) -> Iterator[Gateway]:
    """A gateway for one command."""
    key = settings.groundwork_api_key.get_secret_value()
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=settings.groundwork_url, headers=headers) as client:
        yield Gateway(client)


def _events(lines: Iterator[str]) -> Iterator[Json]:
    for line in lines:
        data = line.removeprefix("data: ")
        if data == "[DONE]":
            return
        if line.startswith("data: "):
            event = json.loads(data)
            if "error" in event:
                raise GatewayError(event["error"]["message"])
            yield event
    raise GatewayError("The answer broke off; try again.")


def _where(collections: list[str], filter: Json | None = None) -> Json:
    named: Json = {"collections": collections} if collections else {}
    return named if filter is None else named | {"filter": filter}
