"""Jobs are listed, ended and started again by those who may read their documents."""

import json
import time
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.conftest import WEBAPP_KEY
from tests.gateway.conftest import finished
from tests.gateway.test_bad_input import refused

UPLOAD = "/v1/collections/jobs/documents"
LONG = "\n\n".join(
    f"Paragraph {n} tells of the harbour, its ropes and its tides at length." * 8 for n in range(400)
)


@pytest.fixture(autouse=True)
def collection(http: httpx.Client) -> None:
    """An own collection."""
    http.post("/v1/collections", json={"name": "jobs"})


def sent(http: httpx.Client, name: str, data: bytes, **fields: str) -> str:
    """The job of an upload."""
    reply = http.post(UPLOAD, files={"file": (name, data)}, data=fields)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["job_id"])


def listed(http: httpx.Client, **query: Any) -> list[str]:
    """Ids of jobs, in the order of the list."""
    return [job["id"] for job in http.get("/v1/jobs", params={"collection": "jobs", **query}).json()["data"]]


def test_jobs_are_listed_by_status_with_the_newest_first(http: httpx.Client) -> None:
    good, bad = sent(http, "good.md", b"The quay is long."), sent(http, "bad.pdf", b"no pdf")
    assert [finished(http, job)["status"] for job in (good, bad)] == ["succeeded", "failed"]
    assert listed(http)[:2] == [bad, good]
    assert bad in listed(http, status="failed") and good not in listed(http, status="failed")
    refused(http.get("/v1/jobs", params={"status": "lost"}), 422, "invalid_request")


def test_a_list_of_jobs_goes_on_where_it_ended(http: httpx.Client) -> None:
    jobs = [sent(http, f"{n}.md", f"Quay number {n}.".encode()) for n in range(3)]
    first = http.get("/v1/jobs", params={"collection": "jobs", "limit": 2}).json()
    rest = http.get(
        "/v1/jobs", params={"collection": "jobs", "limit": 2, "cursor": first["next_cursor"]}
    ).json()
    assert [job["id"] for job in first["data"] + rest["data"]][:3] == jobs[::-1]


def test_a_job_that_is_cancelled_publishes_nothing_until_it_is_retried(http: httpx.Client) -> None:
    job = sent(http, "long.md", LONG.encode())
    ended = http.post(f"/v1/jobs/{job}/cancel").json()
    assert ended["status"] == "cancelled" and ended["finished_at"]
    document = http.get(f"/v1/documents/{ended['document_id']}").json()
    assert document["version"] is None
    refused(http.post(f"/v1/jobs/{job}/cancel"), 409, "job_ended")
    time.sleep(1)
    assert http.get(f"/v1/jobs/{job}").json()["status"] == "cancelled"
    assert http.post(f"/v1/jobs/{job}/retry").json()["status"] == "queued"
    assert finished(http, job, within_s=120)["status"] == "succeeded"
    assert http.get(f"/v1/documents/{ended['document_id']}").json()["version"] == 1


def test_a_job_can_be_watched_until_it_is_over(http: httpx.Client) -> None:
    job = sent(http, "watched.md", LONG.replace("harbour", "mole").encode())
    with http.stream("GET", f"/v1/jobs/{job}/events", timeout=120) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        seen = [json.loads(line[6:]) for line in reply.iter_lines() if line.startswith("data: ")]
    assert {each["id"] for each in seen} == {job} and seen[-1]["status"] == "succeeded"
    assert len(seen) > 2 and seen == [each for at, each in enumerate(seen) if at == 0 or each != seen[at - 1]]
    refused(http.get(f"/v1/jobs/{UUID(int=1)}/events"), 404, "not_found")


def test_only_the_newest_versions_job_is_started_again(http: httpx.Client) -> None:
    old = sent(http, "a.pdf", b"no pdf", external_id="contract")
    assert finished(http, old)["status"] == "failed"
    new = sent(http, "b.md", b"The contract is short.", external_id="contract")
    assert finished(http, new)["status"] == "succeeded"
    refused(http.post(f"/v1/jobs/{old}/retry"), 409, "not_newest")
    refused(http.post(f"/v1/jobs/{new}/retry"), 409, "job_not_ended")


def test_jobs_of_documents_that_a_caller_may_not_read_are_not_there(http: httpx.Client) -> None:
    body = {"text": "Only ann reads this.", "readers": ["user:ann"]}
    as_ann = {"Authorization": f"Bearer {WEBAPP_KEY}", "X-Groundwork-User": "ann"}
    as_bob = {**as_ann, "X-Groundwork-User": "bob"}
    job = http.post(UPLOAD, json=body, headers=as_ann).json()["job_id"]
    assert job in [each["id"] for each in http.get("/v1/jobs", headers=as_ann).json()["data"]]
    assert job not in [each["id"] for each in http.get("/v1/jobs", headers=as_bob).json()["data"]]
    for act in ("cancel", "retry"):
        refused(http.post(f"/v1/jobs/{job}/{act}", headers=as_bob), 404, "not_found")


def test_a_text_that_takes_long_to_split_can_be_cancelled_and_holds_nobody_up(http: httpx.Client) -> None:
    slow = [sent(http, f"slow-{n}.txt", b"A b. " * 500_000 + str(n).encode()) for n in range(2)]
    for job in slow:
        while http.get(f"/v1/jobs/{job}").json()["stage"] != "split":
            time.sleep(0.2)
        assert http.post(f"/v1/jobs/{job}/cancel").json()["status"] == "cancelled"
    started = time.monotonic()
    assert finished(http, sent(http, "next.txt", b"Two words."))["status"] == "succeeded"
    assert time.monotonic() - started < 15
    assert {http.get(f"/v1/jobs/{job}").json()["status"] for job in slow} == {"cancelled"}


def test_characters_that_nobody_sees_do_not_hold_a_document_up(http: httpx.Client) -> None:
    job = sent(http, "nul.json", b'{"a": "quay\\u0000side"}')
    assert finished(http, job)["status"] == "succeeded"
