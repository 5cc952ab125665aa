"""What the gateway has acknowledged, and whether the database holds just that, at any moment and in the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Any

import httpx
import psycopg
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.split import split

from tests.conftest import Database

COLLECTION = "/v1/collections/crashes/documents"
SNAPSHOT = """
SELECT d.external_id, d.current_version, count(c.id), count(DISTINCT c.start_char), count(v.chunk_id),
       count(DISTINCT c.version), max(c.version)
  FROM documents d
  LEFT JOIN chunks c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
  LEFT JOIN active_vectors v ON v.tenant_id = c.tenant_id AND v.chunk_id = c.id
 GROUP BY d.tenant_id, d.id
"""
IN_DOUBT = """
SELECT (SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')),
       (SELECT count(*) FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM postings p WHERE p.chunk_id = c.id)),
       (SELECT count(*) FROM active_vectors v WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = v.chunk_id)),
       (SELECT sum(s.chunks) FROM lexical_statistics s) - (SELECT count(*) FROM chunks)
"""


def written(rng: Random) -> str:
    """A document of one to some dozen chunks that is like no other."""
    parts = rng.randint(1, 40)
    return "\n\n".join(
        f"## Part {n} of {rng.getrandbits(40)}\n\nThe barrel {rng.getrandbits(30)} holds {n} litres of oil."
        for n in range(parts)
    )


@dataclass
class Ledger:
    """`texts`: by external id, the versions in the order in which they were acknowledged."""

    http: httpx.Client
    database: Database
    texts: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)

    def upload(self, name: str, text: str) -> None:
        """Sends a document until it is acknowledged."""
        self._sizes[text] = len(split(parse(text.encode(), "text/markdown")))
        self._asked("POST", COLLECTION, json={"text": text, "external_id": name})
        versions = self.texts.setdefault(name, [])
        if not versions or versions[-1] != text:
            versions.append(text)

    def _asked(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """The reply, asked for again as long as it is a 5xx or none, as after a crash it is for a while."""
        until = time.monotonic() + 60
        while True:
            try:
                reply = self.http.request(method, path, **more)
                if reply.is_success:
                    return dict(reply.json())
                assert reply.status_code >= 500, reply.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < until, "the gateway answered nothing for a minute"
            time.sleep(0.1)

    def look(self) -> None:
        """Notes what is half visible, doubled or of two versions at this moment."""
        sizes = {name: [self._sizes[text] for text in texts] for name, texts in self.texts.items()}
        with self._owner() as owner:
            for name, version, chunks, places, vectors, versions, newest in owner.execute(SNAPSHOT):
                expected = set(sizes.get(name, ())) if version else {0}
                whole = chunks == places == vectors and versions <= 1 and newest in (None, version)
                if not whole or (name in sizes and version and chunks not in expected):
                    self.wrong.append(f"{name} at {version}: {chunks} chunks, {places} places, {vectors}")

    def watch(self, over: Event) -> Thread:
        """Looks again and again until it is over."""

        def run() -> None:
            while not over.wait(0.05):
                try:
                    self.look()
                except psycopg.OperationalError:  # it is being crashed
                    continue

        thread = Thread(target=run)
        thread.start()
        return thread

    def settle(self, supervise: Callable[[], None], within_s: float) -> None:
        """Waits until no job is left to do, at most so long for the next one; `supervise` starts what has ended.

        A long series leaves hundreds of jobs behind, which a busy machine does one by one.
        """
        until, before = time.monotonic() + within_s, self._numbers()[0]
        while (left := self._numbers()[0]) > 0:
            supervise()
            if left < before:
                until, before = time.monotonic() + within_s, left
            assert time.monotonic() < until, f"{left} jobs were never done"
            time.sleep(0.2)

    def check(self) -> None:
        """Every acknowledged document answers with its last version, whole and once; nothing else is there."""
        self.look()
        assert self.wrong == []
        assert self._numbers() == (0, 0, 0, 0)
        seen = self._documents()
        assert sorted(seen) == sorted(self.texts)
        for name, texts in self.texts.items():
            document = seen[name]
            assert document["status"] == "succeeded", document
            content = self._asked("GET", f"/v1/documents/{document['id']}/content")
            expected = parse(texts[-1].encode(), "text/markdown").text
            assert content["text"] == expected, f"{name} answers with another version"

    def _documents(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        cursor: dict[str, str] = {}
        while True:
            page = self._asked("GET", COLLECTION, params={"limit": "100", **cursor})
            for document in page["data"]:
                assert document["external_id"] not in found, "one document became two"
                found[document["external_id"]] = document
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def _numbers(self) -> tuple[int, ...]:
        with self._owner() as owner:
            return tuple(int(number or 0) for number in owner.execute(IN_DOUBT).fetchone() or ())

    def _owner(self) -> psycopg.Connection:
        return psycopg.connect(self.database.dsn("owner"), options="-c search_path=rag,public")
