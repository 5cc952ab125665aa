"""The public API as the evaluation uses it: a set is loaded into a collection of its own, searched and asked."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from evals.dataset import Dataset, Document

Json = dict[str, Any]
UPLOADS = 8
MOST_PASSAGES = 200
MARK = "beir_id"
"""The metadata key that holds a document's id in the set, so that a filter can leave it out."""


class EvaluationFailed(Exception):
    """The gateway refused, or a document could not be read."""


@dataclass(frozen=True)
class Index:
    """A loaded set: its collection and which document of the set each of ours is."""

    collection: str
    ids: Mapping[str, str]


@dataclass(frozen=True)
class Gateway:
    """One gateway, asked with one key."""

    http: httpx.Client

    def load(self, dataset: Dataset) -> Index:
        """Uploads what is not there yet and waits until all of it can be found; empty documents are left out."""
        name = f"eval-{dataset.name}-{_digest(dataset.documents)}"
        reply = self.http.post(
            "/v1/collections", json={"name": name, "description": f"BEIR set {dataset.name}"}
        )
        if reply.status_code not in (201, 409):
            raise EvaluationFailed(f"the collection {name}: {_words(reply)}")
        readable = [document for document in dataset.documents if document.text.strip()]
        with ThreadPoolExecutor(UPLOADS) as pool:
            uploaded = list(pool.map(lambda document: self._upload(name, document), readable))
        self._wait(name, [job for _, job in uploaded])
        return Index(name, {ours: doc.id for (ours, _), doc in zip(uploaded, readable, strict=True)})

    def search(self, index: Index, query: str, mode: str, rerank: bool | None = None) -> list[Json]:
        """Passages, best first."""
        body = {"query": query, "collections": [index.collection], "mode": mode, "top_k": MOST_PASSAGES}
        reply = self.http.post("/v1/search", json=body | ({"rerank": rerank} if rerank is not None else {}))
        found: list[Json] = self._read(reply, f"a search for {query!r}")["results"]
        return found

    def has_reranker(self, index: Index) -> bool:
        """Whether a reranker is configured."""
        body = {"query": "?", "collections": [index.collection], "rerank": True, "top_k": 1}
        return self.http.post("/v1/search", json=body).status_code == 200

    def ask(
        self, index: Index, question: str, mode: str, before: Sequence[str] = (), **rag: Any
    ) -> tuple[Json, float]:
        """The whole reply and the seconds it took; `mode` is an answer mode, `before` are the questions before."""
        asked = {"collections": [index.collection], "answer_mode": mode} | rag
        messages = [{"role": "user", "content": words} for words in (*before, question)]
        body = {"messages": messages, "rag": asked}
        started = time.perf_counter()
        reply = self._read(self.http.post("/v1/chat/completions", json=body), f"the question {question!r}")
        return reply, time.perf_counter() - started

    def text(self, source: Mapping[str, Any], start: int, end: int) -> str:
        """Characters of a source's document as it was read."""
        span = {"version": source["version"], "start": start, "end": end}
        reply = self.http.get(f"/v1/documents/{source['document_id']}/content", params=span)
        return str(self._read(reply, "a cited passage")["text"])

    def _upload(self, collection: str, document: Document) -> tuple[str, str]:
        body = {"title": document.title or document.id, "text": document.text, "external_id": document.id}
        body_with_mark = body | {"metadata": {MARK: document.id}}
        reply = self.http.post(f"/v1/collections/{collection}/documents", json=body_with_mark)
        read = self._read(reply, f"document {document.id}")
        return str(read["document_id"]), str(read["job_id"])

    def _wait(self, collection: str, jobs: Sequence[str]) -> None:
        while any(self._jobs(collection, status) for status in ("queued", "running")):
            time.sleep(0.5)
        ours = set(jobs)
        failed = [job for job in self._jobs(collection, "failed") if job["id"] in ours]
        if failed:
            raise EvaluationFailed(f"{len(failed)} documents failed, the first: {failed[0]['error']}")

    def _jobs(self, collection: str, status: str) -> list[Json]:
        known = {"collection": collection, "status": status, "limit": "100"}
        jobs: list[Json] = self._read(self.http.get("/v1/jobs", params=known), "the jobs")["data"]
        return jobs

    def _read(self, reply: httpx.Response, what: str) -> Json:
        if reply.is_error:
            raise EvaluationFailed(f"{what}: {_words(reply)}")
        read: Json = reply.json()
        return read


@contextmanager
def open_gateway(url: str, key: str) -> Iterator[Gateway]:
    """A gateway behind its URL; nothing goes through a proxy."""
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=180, trust_env=False) as http:
        yield Gateway(http)


def _digest(documents: Sequence[Document]) -> str:
    """Another corpus of the same name is another collection."""
    return sha256(repr([(d.id, d.title, d.text) for d in documents]).encode()).hexdigest()[:8]


def _words(reply: httpx.Response) -> str:
    try:
        return f"{reply.status_code}, {reply.json()['error']['message']}"
    except (ValueError, KeyError, TypeError):
        return f"status {reply.status_code}"
