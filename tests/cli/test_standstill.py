"""What `groundwork ingest` shows while nobody works on what was sent."""

from typing import Any

import httpx
from groundwork.collection import Collection
from groundwork.follow import Follower
from groundwork.gateway import Gateway
from groundwork.patience import Patience
from groundwork.tally import Tally

WORDS = "No progress for 40 s: is the worker running?"


def followed(*jobs: dict[str, Any]) -> Tally:
    """The tally after one look at a gateway that lists these jobs, of which all are waited for."""
    page = {"data": [{"error": None, **job} for job in jobs], "next_cursor": None}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=page))
    tally = Tally(total=9, published=3, waiting={job["id"]: f"{job['id']}.md" for job in jobs})
    tally.unsent = 0
    with httpx.Client(transport=transport, base_url="http://gateway") as client:
        Follower(Collection(Gateway(client), "docs", Patience()), tally).look()
    return tally


def stalled(job_id: str, status: str = "queued") -> dict[str, Any]:
    return {"id": job_id, "status": status, "stalled": {"silent_s": 40, "message": WORDS}}


def test_where_nothing_moves_no_time_is_promised_and_the_reason_is_said() -> None:
    tally = followed(stalled("a"), stalled("b", "running"))
    assert tally.pace == "0 failed; waiting: no progress for 40 s: is the worker running?"


def test_a_part_that_is_away_is_said_in_the_gateways_words() -> None:
    error = {"code": "waiting", "message": "It waits and is tried again by itself: the embedder is away."}
    assert followed({"id": "a", "status": "queued", "error": error}).pace.endswith("the embedder is away.")


def test_as_long_as_one_moves_the_time_left_is_told() -> None:
    moving = {"id": "b", "status": "running", "stalled": None}
    assert " left, 0 failed" in followed(stalled("a"), moving).pace
    assert " left, 0 failed" in followed({"id": "a", "status": "queued"}).pace  # an earlier gateway


def test_what_ends_ends_the_standstill() -> None:
    tally = followed(stalled("a"))
    tally.end({"id": "a", "status": "succeeded"})
    assert tally.standstill == ""
