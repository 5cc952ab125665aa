"""The gateway's HTTP API, as far as the command line needs it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from groundwork.settings import CliSettings

TIMEOUT_S = 120.0
CONNECT_TIMEOUT_S = 5.0
UNKNOWN = "application/octet-stream"

Json = dict[str, Any]


class GatewayError(Exception):
    """The gateway cannot be reached or refused; the words say what to do."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


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

    def search(self, query: str, collections: list[str], top_k: int) -> list[Json]:
        """The passages found, best first."""
        body = {"query": query, "top_k": top_k, **_named(collections)}
        return list(self._json("POST", "/v1/search", json=body)["results"])

    def ask(self, question: str, collections: list[str], mode: str) -> Iterator[Json]:
        """The chunks of one streamed answer; the first and the last carry `rag`."""
        rag = {"answer_mode": mode, **_named(collections)}
        body = {"messages": [{"role": "user", "content": question}], "stream": True, "rag": rag}
        with (
            reached(),
            self._client.stream("POST", "/v1/chat/completions", json=body, timeout=self._timeout()) as reply,
        ):
            if reply.is_error:
                reply.read()
            _check(reply)
            yield from _events(reply.iter_lines())

    def ask_whole(self, question: str, collections: list[str], mode: str) -> tuple[Json, str]:
        """One answer without streaming, and the reply's request id."""
        rag = {"answer_mode": mode, **_named(collections)}
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

    def ensure_collection(self, name: str) -> bool:
        """Creates the collection unless it is there; true when it was made."""
        try:
            self._json("GET", f"/v1/collections/{name}")
        except GatewayError as error:
            if error.status != 404:
                raise
            self.create_collection(name)
            return True
        return False

    def add_text(self, collection: str, title: str, text: str) -> Json:
        """Hands a text over; the ids of document and job."""
        return self._json(
            "POST", f"/v1/collections/{collection}/documents", json={"title": title, "text": text}
        )

    def remove_document(self, document_id: str) -> None:
        """Removes a document."""
        self._send("DELETE", f"/v1/documents/{document_id}")

    def upload(self, collection: str, path: Path, external_id: str) -> tuple[bool, Json]:
        """Hands one file over; whether it is new, and the ids of document and job."""
        file = (path.name, path.read_bytes(), UNKNOWN)
        url = f"/v1/collections/{collection}/documents"
        reply = self._send(
            "POST", url, files={"file": file}, data={"external_id": external_id, "uri": external_id}
        )
        return reply.status_code == 202, reply.json()

    def job(self, job_id: str) -> Json:
        """The state of one job."""
        return self._json("GET", f"/v1/jobs/{job_id}")

    def _json(self, method: str, path: str, **body: Any) -> Json:
        return dict(self._send(method, path, **body).json())

    def _send(self, method: str, path: str, accept: int | None = None, **body: Any) -> httpx.Response:
        with reached():
            reply = self._client.request(method, path, timeout=self._timeout(), **body)
        if reply.status_code != accept:
            _check(reply)
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


@contextmanager
def reached() -> Iterator[None]:
    """Translates the failures of the network into words."""
    try:
        yield
    except httpx.ConnectError as error:
        address = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
        raise GatewayError(
            f"No gateway at {address}: start it with `make up`, or set GROUNDWORK_URL."
        ) from error
    except httpx.TransportError as error:
        raise GatewayError(f"The gateway did not answer ({type(error).__name__}); try again.") from error


def _check(reply: httpx.Response) -> None:
    if reply.is_success:
        return
    if reply.status_code == 401:
        raise GatewayError("No valid API key: set GROUNDWORK_API_KEY to the one that `make run` prints.", 401)
    raise GatewayError(_message(reply), reply.status_code)


def _message(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"Status {reply.status_code} without words; is GROUNDWORK_URL a gateway?"


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


def _named(collections: list[str]) -> Json:
    return {"collections": collections} if collections else {}
