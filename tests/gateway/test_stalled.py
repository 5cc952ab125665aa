"""What a job says while nobody works on it: no guess when it is done, but for how long nothing has moved."""

import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.gateway.conftest import finished
from tests.gateway.workplace import Workplace, running_workplace, wait_until, worker
from tests.real_embedder import RunningEmbedder
from tests.served import free_port


@pytest.fixture(scope="module")
def workplace(postgres: str, embedder: RunningEmbedder) -> Iterator[Workplace]:
    """The gateway; each test brings workers."""
    with running_workplace(postgres, embedder, "stalled") as workplace:
        yield workplace


def a_minute_passes(workplace: Workplace) -> None:
    """For all that the database knows of jobs."""
    times = ("created_at", "started_at", "advanced_at", "finished_at")
    earlier = ", ".join(f"{name} = {name} - interval '1 minute'" for name in times)
    with psycopg.connect(workplace.database.dsn("owner")) as owner:
        owner.execute(f"UPDATE jobs SET {earlier}")


def told(workplace: Workplace, job: str) -> dict[str, Any]:
    return dict(workplace.http.get(f"/v1/jobs/{job}").json())


def test_a_document_that_no_worker_takes_says_so_until_one_does(workplace: Workplace) -> None:
    with worker(workplace):
        finished(workplace.http, workplace.upload("The tide turns."))
    job = workplace.upload("The tide turns again.")
    assert (told(workplace, job)["eta_s"] or 0) > 0 and told(workplace, job)["stalled"] is None
    a_minute_passes(workplace)
    waiting = told(workplace, job)
    assert waiting["eta_s"] is None and 60 <= waiting["stalled"]["silent_s"] < 80
    assert waiting["stalled"]["message"].endswith(" s: is the worker running?")
    with worker(workplace):
        assert finished(workplace.http, job)["stalled"] is None


def test_a_worker_that_stands_still_is_told_by_its_document_and_by_those_behind_it(
    workplace: Workplace,
) -> None:
    with worker(workplace, WORKER_DOCUMENTS="1") as (process, _):
        job = workplace.upload()
        behind = workplace.upload("The tide turns.")
        workplace.wait_for_stage(job, "embed")
        process.send_signal(signal.SIGSTOP)
        assert told(workplace, job)["stalled"] is None
        a_minute_passes(workplace)
        assert "are the worker and the embedder running?" in told(workplace, job)["stalled"]["message"]
        for each in (job, behind):
            assert (
                told(workplace, each)["eta_s"] is None and told(workplace, each)["stalled"]["silent_s"] >= 60
            )
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: told(workplace, behind)["stalled"] is None)
        assert finished(workplace.http, job, within_s=60)["status"] == "succeeded"
        finished(workplace.http, behind)


def test_an_old_job_that_is_retried_has_not_stood_still_since_it_was_made(workplace: Workplace) -> None:
    job = workplace.upload("The tide turns.")
    workplace.http.post(f"/v1/jobs/{job}/cancel")
    a_minute_passes(workplace)
    with psycopg.connect(workplace.database.dsn("owner")) as owner:
        owner.execute(
            "DELETE FROM queue.procrastinate_jobs WHERE lock = %s", (job,)
        )  # as a worker would have
    again = workplace.http.post(f"/v1/jobs/{job}/retry").json()
    assert (again["status"], again["stalled"]) == ("queued", None)
    with worker(workplace):
        assert finished(workplace.http, job)["status"] == "succeeded"


def test_a_document_that_waits_for_a_part_that_is_away_promises_nothing(workplace: Workplace) -> None:
    with worker(workplace, EMBEDDER_URL=f"http://127.0.0.1:{free_port()}"):
        job = workplace.upload("The tide turns.")
        wait_until(lambda: told(workplace, job)["error"] is not None)
        waiting = told(workplace, job)
        assert waiting["error"]["code"] == "waiting" and waiting["error"]["retryable"]
        assert waiting["eta_s"] is None
