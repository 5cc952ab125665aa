"""The gateway as the page sees it: questions, collections, passages and ratings, errors in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from rag_common.product import USER_HEADER

import gateway_errors
from answer_stream import AnswerStream
from answers import Span
from gateway_errors import GatewayError, in_words_of

TIMEOUT = httpx.Timeout(10, connect=2)
# The gateway is silent for at most 10 s once a stream has begun; before, it may wait for the model.
STREAM_TIMEOUT = httpx.Timeout(60, connect=2)
Reply = TypeVar("Reply")


@dataclass(frozen=True)
class Message:
    """One earlier turn of the conversation."""

    role: str
    content: str


@dataclass(frozen=True)
class Question:
    """What to ask, with what went before; no collections means all that the visitor may read."""

    text: str
    history: tuple[Message, ...] = ()
    collections: tuple[str, ...] = ()
    mode: str = "auto"
    abstain: bool = True
    """Whether passages that are too weak may be answered by saying so."""


@dataclass(frozen=True)
class Collection:
    """A set of documents that can be asked."""

    name: str
    documents: int
    description: str = ""


class Gateway:
    """The gateway, on behalf of one visitor; safe to use from several threads."""

    def __init__(self, http: httpx.Client, user: str) -> None:
        self._http = http
        self._headers = {USER_HEADER: user}

    def collections(self) -> list[Collection]:
        """What the visitor may ask."""
        return self.call("GET", "/v1/collections", _collections, params={"limit": 100})

    def scopes(self) -> frozenset[str]:
        """What this page's key may do."""
        return self.call("GET", "/v1/me", lambda me: frozenset(me["scopes"]))

    def content(self, document_id: str, version: int, span: Span) -> str | None:
        """Part of a document's parsed text as it was cited; None once it has been removed."""
        params = {"version": version, "start": span.start, "end": span.end}
        try:
            return self.call("GET", f"/v1/documents/{document_id}/content", _text, params=params)
        except GatewayError as problem:
            if problem.status in (404, 410):
                return None
            raise

    def rate(self, answer_id: str, rating: str, reasons: Sequence[str] = (), comment: str = "") -> None:
        """Says how good an answer was; again replaces."""
        body = {
            "answer_id": answer_id,
            "rating": rating,
            "reasons": list(reasons),
            "comment": comment or None,
        }
        self.send("POST", "/v1/feedback", json=body)

    def withdraw_rating(self, answer_id: str) -> None:
        """Takes a rating back."""
        self.send("DELETE", f"/v1/answers/{answer_id}/feedback")

    def ask(self, question: Question) -> AnswerStream:
        """Nothing is sent until the stream is iterated."""
        request = self._http.build_request(
            "POST",
            "/v1/chat/completions",
            json=_body(question),
            headers=self._headers,
            timeout=STREAM_TIMEOUT,
        )
        return AnswerStream(self._http, request)

    def call(self, method: str, path: str, read: Callable[[Any], Reply], **request: Any) -> Reply:
        """What `read` makes of the reply's JSON."""
        response = self.send(method, path, **request)
        with in_words_of(self._http):
            return read(response.json())

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The reply to one request, which the gateway has served."""
        with in_words_of(self._http):
            response = self._http.request(
                method, path, **{"headers": self._headers, "timeout": TIMEOUT, **request}
            )
        if not response.is_success:
            raise gateway_errors.of_response(response)
        return response


def _collections(page: Any) -> list[Collection]:
    return [Collection(entry["name"], entry["documents"], entry["description"]) for entry in page["data"]]


def _text(content: Any) -> str:
    return str(content["text"])


def _body(question: Question) -> dict[str, Any]:
    rag: dict[str, Any] = {"answer_mode": question.mode, "allow_degraded": True, "abstain": question.abstain}
    if question.collections:
        rag["collections"] = list(question.collections)
    turns = [*question.history, Message("user", question.text)]
    messages = [{"role": turn.role, "content": turn.content} for turn in turns]
    return {"messages": messages, "stream": True, "rag": rag}
