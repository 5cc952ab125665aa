"""A document that is removed before any step of its ingestion stays removed, on real parts."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.conftest import Database
from tests.gateway.test_removals import found, left, upload, uploaded

STEPS = ["parse", "split", "embed", "publish", "succeeded"]
"""What the worker writes into the row of a small document's job, in this order."""
HOLD = "SELECT FROM jobs WHERE id = %s FOR UPDATE"
BLOCKED_BY = "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT granted AND %s = ANY (pg_blocking_pids(l.pid)))"
BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = %s)"
SEVERAL_BLOCKED = "SELECT count(*) = %s FROM pg_locks WHERE NOT granted"


def wait_for(dsn: str, holds: str, value: int) -> None:
    """Returns once a question about locks is answered with yes."""
    until = time.monotonic() + 30
    with psycopg.connect(dsn, autocommit=True) as look:
        while look.execute(holds, (value,)).fetchone() != (True,):
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.mark.parametrize("step", STEPS)
def test_what_is_removed_before_a_step_of_its_reading_does_not_come_back(
    http: httpx.Client, database: Database, step: str
) -> None:
    """The job's row is held, so that the worker waits to write each step; the removal waits right behind it."""
    collection, dsn = f"under-way-{uuid4().hex[:8]}", database.dsn("owner")
    http.post("/v1/collections", json={"name": collection}).raise_for_status()
    with ExitStack() as stack, ThreadPoolExecutor(2) as threads:
        clock = stack.enter_context(psycopg.connect(dsn))
        clock.execute("SELECT FROM ingest_clock FOR UPDATE")  # no job starts
        document = upload(http, collection, "The lock of Ostby has nine gates.")
        wait_for(dsn, BLOCKED_BY, clock.info.backend_pid)
        held = stack.enter_context(psycopg.connect(dsn))
        held.execute(HOLD, (document["job_id"],))
        clock.commit()
        wait_for(dsn, BLOCKED_BY, held.info.backend_pid)
        for _ in STEPS[: STEPS.index(step)]:
            behind = stack.enter_context(psycopg.connect(dsn))
            holding = threads.submit(behind.execute, HOLD, (document["job_id"],))
            wait_for(dsn, BLOCKED, behind.info.backend_pid)
            held.commit()
            holding.result(30)
            held = behind
            wait_for(dsn, BLOCKED_BY, held.info.backend_pid)
        removal = threads.submit(http.delete, f"/v1/documents/{document['document_id']}")
        wait_for(dsn, SEVERAL_BLOCKED, 2)
        held.commit()
        assert removal.result(30).status_code == 204
    after = "This is read only once the worker is done with the lock."
    uploaded(http, collection, after)
    assert left(database, document["document_id"]) == {}
    assert found(http, collection, "lock with gates") == [after]
