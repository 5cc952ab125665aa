"""`groundwork doctor --reconcile` against the database of a real gateway and worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
from groundwork.reconcile import ADVICE, count_orphans
from psycopg.conninfo import make_conninfo

from tests.conftest import BOOTSTRAP_KEY, Database
from tests.fakes.fake import Fake
from tests.gateway.conftest import RunningGateway, finished, running_gateway
from tests.real_embedder import RunningEmbedder

THIS = "WHERE document_id = %(id)s"
CHUNK = f"(SELECT min(id) FROM rag.chunks {THIS})"
BROKEN = {
    "chunks_of_other_versions": "UPDATE rag.documents SET current_version = NULL WHERE id = %(id)s",
    "chunks_without_vector": f"DELETE FROM rag.active_vectors WHERE chunk_id = {CHUNK}",
    "chunks_without_postings": f"DELETE FROM rag.postings WHERE chunk_id = {CHUNK}",
    "vectors_without_chunk": """INSERT INTO rag.active_vectors
                                SELECT tenant_id, -1, embedding FROM rag.active_vectors LIMIT 1""",
    "postings_without_chunk": """INSERT INTO rag.postings (tenant_id, term, chunk_id, frequency, length)
                                 SELECT id, 1, -1, 1, 1 FROM rag.tenants LIMIT 1""",
    "statistics_that_differ": "UPDATE rag.lexical_statistics SET length = length + 1",
    "documents_without_text": f"UPDATE rag.document_versions SET text = NULL {THIS}",
    "versions_without_job": f"DELETE FROM rag.jobs {THIS}",
    "blobs_without_version": """INSERT INTO rag.blobs (tenant_id, document_id, version, part, bytes)
                                SELECT tenant_id, id, 99, 0, 'x' FROM rag.documents WHERE id = %(id)s""",
    "jobs_not_queued": f"UPDATE rag.jobs SET status = 'queued' {THIS}",
    "queued_without_job": """INSERT INTO queue.procrastinate_jobs (queue_name, task_name, lock)
                             VALUES ('elsewhere', 'ingest', gen_random_uuid())""",
    "ratings_without_answer": "DELETE FROM rag.answers WHERE id = %(answer)s",
    "told_without_document": """INSERT INTO rag.answer_documents
                                SELECT tenant_id, gen_random_uuid(), id FROM rag.answers WHERE id = %(answer)s""",
    "removals_not_told": """INSERT INTO rag.outbox (tenant_id, kind, payload, created_at)
                            SELECT id, 'redaction', '{}', now() - interval '2 hours' FROM rag.tenants LIMIT 1""",
}
"""For each kind, a statement that makes one of it out of a document and an answer that was rated."""


@pytest.fixture(scope="module")
def database(postgres: str) -> Database:
    """A database of its own: other tests leave what belongs to nothing on purpose."""
    database = Database(postgres, "reconcile")
    database.migrate()
    return database


@pytest.fixture(scope="module")
def gateway(database: Database, embedder: RunningEmbedder, fake_model: Fake) -> Iterator[RunningGateway]:
    """A gateway over it."""
    with running_gateway(database, embedder, fake_model) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def made(gateway: RunningGateway) -> dict[str, str]:
    """The document and the rated answer that are broken."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as http:
        http.post("/v1/collections", json={"name": "ships"}).raise_for_status()
        text = "The Anna of Lindholm carries 412 barrels of oil."
        document = http.post("/v1/collections/ships/documents", json={"text": text}).json()
        assert finished(http, document["job_id"])["status"] == "succeeded"
        question = [{"role": "user", "content": "What does the Anna of Lindholm carry?"}]
        body = {"messages": question, "rag": {"answer_mode": "quote"}}
        answer = http.post("/v1/chat/completions", json=body).json()["rag"]["answer_id"]
        http.post("/v1/feedback", json={"answer_id": answer, "rating": "up"}).raise_for_status()
    return {"id": document["document_id"], "answer": answer}


@pytest.fixture
def superuser(database: Database) -> Iterator[psycopg.Connection]:
    """A connection that foreign keys do not bind; what it does is rolled back."""
    with psycopg.connect(make_conninfo(database.admin_dsn, dbname=database.name)) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
        connection.rollback()


def doctor(**variables: str) -> tuple[int, str, str]:
    """Exit status and both outputs of one command."""
    command = [sys.executable, "-m", "groundwork", "doctor", "--reconcile"]
    ended = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_nothing_is_an_orphan_after_uploads_new_versions_and_removals(
    http: httpx.Client, database: Database, made: dict[str, str]
) -> None:
    name = f"reconcile-{uuid4().hex[:8]}"
    http.post("/v1/collections", json={"name": name}).raise_for_status()
    path = f"/v1/collections/{name}/documents"
    jobs, ids = [], set()
    for version in range(3):
        for n in range(5):
            text = f"# Ship {n}\n\nShip {n} carries {version * 100 + n} barrels.\n\n— the of —\n"
            accepted = http.post(path, json={"text": text, "external_id": f"ship-{n}"}).json()
            jobs.append(accepted["job_id"])
            ids.add(accepted["document_id"])
    bad = http.post(path, files={"file": ("bad.pdf", b"no pdf")}).json()
    assert {finished(http, job)["status"] for job in jobs} == {"succeeded"}
    assert finished(http, bad["job_id"])["status"] == "failed"
    http.delete(f"/v1/documents/{ids.pop()}").raise_for_status()
    assert doctor(DATABASE_OWNER_URL=database.dsn("owner")) == (0, "0 orphans\n", "")
    http.delete(f"/v1/collections/{name}").raise_for_status()
    assert doctor(DATABASE_OWNER_URL=database.dsn("owner")) == (0, "0 orphans\n", "")


def test_every_kind_that_is_looked_for_is_broken_here() -> None:
    assert set(BROKEN) == set(ADVICE)


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_of_orphan_is_found(superuser: psycopg.Connection, made: dict[str, str], kind: str) -> None:
    before = {each.name: each.count for each in count_orphans(superuser)}
    broken = superuser.execute(BROKEN[kind], made).rowcount
    assert broken > 0
    found = {each.name: each for each in count_orphans(superuser)}
    assert found[kind].count > before.get(kind, 0)
    assert found[kind].example and found[kind].advice


def test_orphans_are_counted_by_kind_with_what_to_do(database: Database, made: dict[str, str]) -> None:
    miscount = "UPDATE rag.lexical_statistics SET chunks = chunks + %s"
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        owner.execute(miscount, (1,))
        try:
            status, said, _ = doctor(DATABASE_OWNER_URL=database.dsn("owner"))
        finally:
            owner.execute(miscount, (-1,))
    assert status == 1
    assert said.splitlines() == [
        "✗ statistics that differ: 1, such as tenant 1 → "
        "the tenant's search ranks by wrong lengths: set its row to what is counted",
        "1 orphans",
    ]


def test_a_role_that_would_not_see_everything_is_refused(database: Database) -> None:
    status, said, wrong = doctor(DATABASE_OWNER_URL=database.dsn("app"))
    assert (status, said) == (1, "")
    assert wrong == "groundwork: rag_app does not see all tenants: DATABASE_OWNER_URL must name `rag_owner`\n"


def test_without_a_connection_it_says_what_to_set() -> None:
    assert doctor()[2].startswith("groundwork: DATABASE_OWNER_URL is not set")
    status, _, wrong = doctor(DATABASE_OWNER_URL="postgresql://rag_owner@127.0.0.1:9/groundwork")
    assert status == 1 and wrong.startswith("groundwork: no database: ") and wrong.count("\n") == 1
