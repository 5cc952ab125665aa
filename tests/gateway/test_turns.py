"""Tenants take turns: nobody's first document waits for another's thousand."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psycopg
import pytest
from rag_gateway.keys import hash_of, new_key, prefix_of

from tests.conftest import PEPPER, Database
from tests.gateway.conftest import TOKEN, finished
from tests.real_embedder import RunningEmbedder
from tests.served import free_port, served

ORDER = """
SELECT t.name FROM queue.procrastinate_jobs q JOIN tenants t ON t.id = (q.args ->> 'tenant_id')::int
 WHERE q.status = 'todo' ORDER BY q.priority DESC, q.id
"""
STARTED = "SELECT t.name FROM jobs j JOIN tenants t ON t.id = j.tenant_id ORDER BY j.started_at"


class Place:
    """A gateway over a database of its own, with three tenants."""

    def __init__(self, database: Database, embedder: str) -> None:
        self.database = database
        self._shared = {"SERVICE_TOKEN": TOKEN, "API_KEY_PEPPER": PEPPER, "EMBEDDER_URL": embedder}
        self._keys = {name: new_key() for name in ("anna", "bert", "cleo")}
        with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
            for name, key in self._keys.items():
                owner.execute(
                    """WITH new AS (INSERT INTO tenants (name) VALUES (%s) RETURNING id)
                       INSERT INTO api_keys (tenant_id, prefix, hash, name, scopes)
                       SELECT id, %s, %s, 'test', '{ingest}' FROM new""",
                    (name, prefix_of(key), hash_of(key, PEPPER)),
                )
        self.url = ""

    @contextmanager
    def gateway(self) -> Iterator[None]:
        """Serves, and every tenant has a collection."""
        app = {"DATABASE_URL": self.database.dsn("app"), "OPERATIONS_PORT": str(free_port())}
        with served(sys.executable, "rag_gateway", self._shared | app) as self.url:
            for name in self._keys:
                with self.client(name) as http:
                    http.post("/v1/collections", json={"name": "all"}).raise_for_status()
            yield

    @contextmanager
    def worker(self, **more: str) -> Iterator[None]:
        """Works."""
        environment = self._shared | {"DATABASE_URL": self.database.dsn("worker")} | more
        with served(sys.executable, "rag_gateway.worker", environment, port_variable="OPERATIONS_PORT"):
            yield

    def client(self, name: str) -> httpx.Client:
        """A client of one tenant."""
        headers = {"authorization": f"Bearer {self._keys[name]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def upload(self, name: str, documents: int) -> list[str]:
        """The jobs of so many documents."""
        with self.client(name) as http:
            replies = [
                http.post("/v1/collections/all/documents", json={"text": f"{name} has {uuid4()}."})
                for _ in range(documents)
            ]
        return [reply.raise_for_status().json()["job_id"] for reply in replies]

    def ask(self, query: str) -> list[str]:
        """The first column of a query."""
        with psycopg.connect(self.database.dsn("owner"), options="-c search_path=rag,public") as owner:
            return [row[0] for row in owner.execute(query.encode()).fetchall()]


@pytest.fixture
def place(postgres: str, embedder: RunningEmbedder) -> Iterator[Place]:
    """Fresh."""
    database = Database(postgres, name=f"turns_{free_port()}")
    database.migrate()
    place = Place(database, embedder.url)
    with place.gateway():
        yield place


def test_documents_of_three_tenants_wait_in_turn(place: Place) -> None:
    for name, documents in (("anna", 5), ("bert", 3), ("cleo", 1)):
        place.upload(name, documents)
    assert place.ask(ORDER) == ["anna", "bert", "cleo", "anna", "bert", "anna", "bert", "anna", "anna"]


def test_a_tenants_first_document_starts_after_at_most_one_that_runs(place: Place) -> None:
    jobs = place.upload("anna", 12)
    with place.worker(), place.client("anna") as anna, place.client("bert") as bert:
        finished(anna, jobs[0], within_s=60)
        (first,) = place.upload("bert", 1)
        before = len(place.ask("SELECT 1 FROM jobs WHERE started_at IS NOT NULL"))
        position = bert.get(f"/v1/jobs/{first}").json()["queue_position"]
        assert position in (1, None)
        finished(bert, first, within_s=60)
        for job in jobs:
            assert finished(anna, job, within_s=60)["status"] == "succeeded"
    started = place.ask(STARTED)
    assert started.index("bert") <= before + 1, "more than the running document went before"


def test_who_waits_for_a_part_that_was_away_loses_no_turn_and_takes_none(place: Place) -> None:
    place.upload("anna", 3)
    with place.worker(EMBEDDER_URL="http://127.0.0.1:9"):
        until = time.monotonic() + 30
        while len(place.ask("SELECT 1 FROM jobs WHERE waits > 0")) < 3:
            assert time.monotonic() < until
            time.sleep(0.1)
    place.upload("bert", 1)
    assert place.ask(ORDER)[0] == "bert"


def test_a_tenant_that_was_busy_yesterday_waits_no_longer_than_a_new_one(place: Place) -> None:
    jobs = place.upload("anna", 6)
    with place.worker(), place.client("anna") as anna:
        for job in jobs:
            finished(anna, job, within_s=60)
    place.upload("bert", 3)
    place.upload("anna", 2)
    assert place.ask(ORDER)[:4] in (["bert", "anna", "bert", "anna"], ["bert", "bert", "anna", "bert"])


def test_a_job_says_its_place_in_line_and_when_it_is_probably_done(place: Place) -> None:
    jobs = place.upload("anna", 3)
    with place.client("anna") as anna:
        waits = [anna.get(f"/v1/jobs/{job}").json() for job in jobs]
        assert [job["queue_position"] for job in waits] == [1, 2, 3]
        assert [job["eta_s"] for job in waits] == [None] * 3, "nothing was measured yet"
        with place.worker():
            for job in jobs:
                done = finished(anna, job, within_s=60)
                assert (done["queue_position"], done["eta_s"]) == (None, None)
        again = [anna.get(f"/v1/jobs/{job}").json() for job in place.upload("anna", 5)[-2:]]
        assert [job["queue_position"] for job in again] == [4, 5]
        assert again[1]["eta_s"] >= again[0]["eta_s"] > 0
