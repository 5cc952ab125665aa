"""How the worker ends: readiness says so, and the document that it was reading is not lost."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from rag_gateway.ingest.work import MOST_DEATHS

from tests.gateway.conftest import finished
from tests.gateway.workplace import Workplace, running_workplace, status_of, wait_until, worker
from tests.real_embedder import RunningEmbedder


@pytest.fixture(scope="module")
def workplace(postgres: str, embedder: RunningEmbedder) -> Iterator[Workplace]:
    """The gateway; each test brings workers."""
    with running_workplace(postgres, embedder, "workplace") as workplace:
        yield workplace


def test_a_worker_that_is_asked_to_end_finishes_its_document_and_says_draining(workplace: Workplace) -> None:
    with worker(workplace, DRAIN_S="60", WORKER_DOCUMENTS="1") as (process, url):
        job = workplace.upload()
        workplace.wait_for_stage(job, "embed")
        waiting = workplace.upload()
        process.terminate()
        wait_until(lambda: status_of(f"{url}/readyz") == (503, "draining"), within_s=2)
        assert status_of(f"{url}/healthz") == (200, "alive")
        assert process.wait(60) == 0
    assert finished(workplace.http, job, within_s=1)["status"] == "succeeded"
    assert workplace.http.get(f"/v1/jobs/{waiting}").json()["status"] == "queued"
    with worker(workplace):
        assert finished(workplace.http, waiting, within_s=60)["status"] == "succeeded"


def test_a_document_that_takes_longer_than_the_drain_is_taken_up_again(workplace: Workplace) -> None:
    with worker(workplace, DRAIN_S="0.2") as (process, _):
        job = workplace.upload()
        workplace.wait_for_stage(job, "embed")
        process.terminate()
        assert process.wait(10) == 0
    assert workplace.http.get(f"/v1/jobs/{job}").json()["status"] == "running"
    assert workplace.deaths(job) == 0, "a restart counts against the document"
    with worker(workplace):
        assert finished(workplace.http, job, within_s=60)["status"] == "succeeded"


def test_a_death_counts_against_a_document_while_it_is_read_and_little_afterwards(
    workplace: Workplace,
) -> None:
    with worker(workplace, JOB_LEASE_S="1") as (process, _):
        job = workplace.upload()
        workplace.wait_for_stage(job, "embed")
        process.kill()
        assert workplace.deaths(job) == 1
    with psycopg.connect(workplace.database.dsn("owner")) as owner:
        owner.execute("UPDATE jobs SET deaths = %s WHERE id = %s", (MOST_DEATHS - 5, job))
    with worker(workplace, JOB_LEASE_S="1"):
        state = finished(workplace.http, job, within_s=60)
    assert (state["status"], state["error"]["code"]) == ("failed", "reader_lost")
    workplace.http.post(f"/v1/jobs/{job}/retry").raise_for_status()
    with worker(workplace):
        assert finished(workplace.http, job, within_s=60)["status"] == "succeeded"


def test_a_worker_reads_several_documents_at_once_and_the_next_one_waits(workplace: Workplace) -> None:
    def statuses() -> list[str]:
        return [workplace.http.get(f"/v1/jobs/{job}").json()["status"] for job in jobs]

    with worker(workplace, WORKER_DOCUMENTS="2"):
        jobs = [workplace.upload() for _ in range(3)]
        wait_until(lambda: statuses() == ["running", "running", "queued"])
        for job in jobs:
            assert finished(workplace.http, job, within_s=120)["status"] == "succeeded"


def test_what_is_said_of_an_embeddings_progress_only_grows_to_the_number_of_passages(
    workplace: Workplace,
) -> None:
    with worker(workplace):
        job = workplace.upload()
        seen = []
        while (state := workplace.http.get(f"/v1/jobs/{job}").json())["status"] in ("queued", "running"):
            if state["stage"] == "embed":
                seen.append((state["done"], state["total"]))
            time.sleep(0.02)
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done) and len(set(done)) > 2 and done[-1] <= totals[0]
    assert set(totals) == {state["total"]} and state["done"] == state["total"]


def test_a_worker_listens_where_it_is_told(workplace: Workplace) -> None:
    with worker(workplace, HOST="0.0.0.0") as (_, url):
        other = url.replace("127.0.0.1", "127.0.0.2")
        assert status_of(f"{other}/readyz")[0] == 200


def test_a_document_that_another_worker_takes_from_one_that_drains_is_not_lost(workplace: Workplace) -> None:
    with worker(workplace, DRAIN_S="60", JOB_LEASE_S="1") as (first, _):
        job = workplace.upload()
        workplace.wait_for_stage(job, "embed")
        first.terminate()  # from now on it tells nobody that it lives, and reads on
        with worker(workplace, JOB_LEASE_S="1"):
            assert finished(workplace.http, job, within_s=90)["status"] == "succeeded"
            assert first.wait(60) == 0


def test_a_job_whose_entry_in_the_queue_is_gone_is_put_back(workplace: Workplace) -> None:
    job = workplace.upload()
    with psycopg.connect(workplace.environment["DATABASE_URL"], autocommit=True) as connection:
        gone = connection.execute("DELETE FROM queue.procrastinate_jobs WHERE lock = %s", (job,))
        assert gone.rowcount == 1
    with worker(workplace, JOB_LEASE_S="1"):
        assert finished(workplace.http, job, within_s=60)["status"] == "succeeded"


def test_a_waiting_job_whose_entry_a_living_worker_only_seems_to_work_on_is_put_back(
    workplace: Workplace,
) -> None:
    with worker(workplace, JOB_LEASE_S="1", WORKER_DOCUMENTS="1"):
        workplace.wait_for_stage(workplace.upload(), "embed")  # it takes no other one meanwhile
        job = workplace.upload("The quay is long.")
        with psycopg.connect(workplace.database.dsn("owner")) as owner:
            seized = owner.execute(
                """UPDATE queue.procrastinate_jobs SET status = 'doing', worker_id =
                     (SELECT max(id) FROM queue.procrastinate_workers) WHERE lock = %s AND status = 'todo'""",
                (job,),
            )
            assert seized.rowcount == 1
            owner.execute("UPDATE jobs SET advanced_at = now() - interval '2 minutes' WHERE id = %s", (job,))
        assert finished(workplace.http, job, within_s=90)["status"] == "succeeded"


def test_a_waiting_job_that_is_cancelled_and_retried_stands_in_line_once(workplace: Workplace) -> None:
    job = workplace.upload()
    for _ in range(3):
        for act in ("cancel", "retry"):
            workplace.http.post(f"/v1/jobs/{job}/{act}").raise_for_status()
    jobs = [each["id"] for each in workplace.http.get("/v1/jobs?limit=100").json()["data"]]
    assert jobs.count(job) == 1
    with worker(workplace):
        assert finished(workplace.http, job, within_s=60)["status"] == "succeeded"


def test_a_job_that_is_retried_while_it_waits_for_a_part_starts_at_once(workplace: Workplace) -> None:
    with worker(workplace, EMBEDDER_URL="http://127.0.0.1:9"):
        job = f"/v1/jobs/{workplace.upload('The tide turns at noon.')}"
        wait_until(lambda: workplace.http.get(job).json()["error"] is not None)
        wait_until(lambda: workplace.http.get(job).json()["status"] == "queued")
        for act in ("cancel", "retry"):
            workplace.http.post(f"{job}/{act}").raise_for_status()
        wait_until(lambda: workplace.http.get(job).json()["error"] is not None, within_s=1.5)
