"""One answer as it comes from the gateway: events, and a connection that can be cut from another thread."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

import gateway_errors
from answers import BROKEN_OFF, Citation, Event, Failed, Finished, Retrieved, Source, Token
from gateway_errors import GatewayError, in_words_of


class AnswerStream:
    """The events of one answer, ending with Finished or Failed; hanging up stops the model."""

    def __init__(self, http: httpx.Client, request: httpx.Request) -> None:
        self._http = http
        self._request = request
        self._hung_up = threading.Event()
        self._socket: socket.socket | None = None

    def __iter__(self) -> Iterator[Event]:
        for event in self._events_or_problem():
            if self._hung_up.is_set():
                return  # what follows a shutdown looks like a failure, but is none
            yield event

    def hang_up(self) -> None:
        """From any thread: shuts the connection down, which also wakes a reader that waits for it.

        Closing a socket does not reach the other side while another thread reads from it; a shutdown does.
        """
        self._hung_up.set()
        if self._socket:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # already closed: the answer ended in the same moment
                return

    def _events_or_problem(self) -> Iterator[Event]:
        try:
            yield from self._events()
        except GatewayError as problem:
            yield Failed(str(problem))

    def _events(self) -> Iterator[Event]:
        with in_words_of(self._http):
            response = self._http.send(self._request, stream=True)
            try:
                self._socket = response.extensions["network_stream"].get_extra_info("socket")
                if self._hung_up.is_set():
                    return
                if not response.is_success:
                    response.read()
                    raise gateway_errors.of_response(response)
                yield from events(response.iter_lines())
            finally:
                response.close()


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Reads the lines of a stream (api.md, Chat); one that ends without a last word has failed."""
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        chunk = json.loads(data)
        if "error" in chunk:
            yield Failed(gateway_errors.in_words(chunk))
            return
        yield from _of_chunk(chunk)
    yield Failed(BROKEN_OFF)


def _of_chunk(chunk: Mapping[str, Any]) -> Iterator[Event]:
    rag = chunk.get("rag", {})
    if "sources" in rag:
        yield Retrieved(
            answer_id=rag["answer_id"],
            trace_id=rag["trace_id"],
            mode=rag["answer_mode"],
            model=rag["model"],
            sources=tuple(Source.of(source) for source in rag["sources"]),
            degraded=tuple(rag["degraded"]),
        )
    if text := chunk["choices"][0]["delta"].get("content"):
        yield Token(text)
    if "citations" in rag:
        yield Finished(
            grounded=rag["grounded"],
            enough=(rag.get("grounding") or {"enough": True})["enough"],
            citations=tuple(Citation.of(citation) for citation in rag["citations"]),
            dropped=rag["dropped"],
            degraded=tuple(rag["degraded"]),
            timings_ms=rag["timings_ms"],
            query=rag.get("query") or "",
        )
