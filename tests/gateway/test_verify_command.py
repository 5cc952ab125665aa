"""`groundwork verify` against a real gateway: what it proves, what it says when something is wrong, what it leaves."""

import json
import os
import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY, WEBAPP_KEY
from tests.fakes.knobs import Knobs
from tests.gateway.conftest import RunningGateway

CHECKS = [
    "gateway",
    "key",
    "collection",
    "upload",
    "searchable",
    "ask",
    "answer",
    "citation",
    "trace",
    "usage",
]
CHECKS += ["feedback", "removed", "emptied"]


def verified(gateway: RunningGateway, *words: str, **variables: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and lines of one verification."""
    ours = {"GROUNDWORK_URL": gateway.url, "GROUNDWORK_API_KEY": BOOTSTRAP_KEY}
    command = [sys.executable, "-m", "groundwork", "verify", "--json", *words]
    ended = subprocess.run(
        command, env=os.environ | ours | variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.stderr == ""
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def left_behind(http: httpx.Client) -> list[str]:
    """Collections of verifications."""
    listed = http.get("/v1/collections", params={"limit": 100}).json()["data"]
    return [one["name"] for one in listed if one["name"].startswith("verify-")]


@pytest.mark.parametrize("mode", ["quote", "both"])
def test_a_whole_life_passes_and_leaves_nothing(
    gateway: RunningGateway, http: httpx.Client, mode: str
) -> None:
    status, (*checks, verdict) = verified(gateway, "--mode", mode)
    assert [line for line in checks if not line["ok"]] == []
    assert [line["check"] for line in checks] == CHECKS
    assert all(set(line) == {"check", "ok", "seconds", "detail"} for line in checks)
    assert (status, verdict["verdict"], verdict["checks"]) == (0, "passed", len(CHECKS))
    assert left_behind(http) == []


def test_an_answer_without_the_fact_fails_with_a_hint_and_is_cleaned_up(
    gateway: RunningGateway, http: httpx.Client
) -> None:
    gateway.model.knobs = Knobs(words="Nobody knows.")
    status, (*checks, verdict) = verified(gateway, "--mode", "write")
    failed = {line["check"]: line for line in checks if not line["ok"]}
    assert set(failed) == {"answer", "citation"}
    assert "Nobody knows." in failed["answer"]["detail"]
    assert "--mode quote" in failed["answer"]["hint"]
    assert (status, verdict["verdict"], verdict["failed"]) == (1, "failed", 2)
    assert left_behind(http) == []


def test_a_model_that_is_away_ends_it_and_what_was_made_is_removed(
    gateway: RunningGateway, http: httpx.Client
) -> None:
    gateway.model.knobs = Knobs(status=500)
    status, (*checks, _) = verified(gateway, "--mode", "write", "--timeout", "20")
    assert status == 1
    assert checks[-1]["check"] in ("gateway", "cleanup")
    assert left_behind(http) == []


def test_a_gateway_that_is_away_is_waited_for_within_the_time(gateway: RunningGateway) -> None:
    status, (check, verdict) = verified(gateway, "--timeout", "2", GROUNDWORK_URL="http://127.0.0.1:9")
    assert (status, check["check"], check["ok"]) == (1, "gateway", False)
    assert "No gateway at http://127.0.0.1:9" in check["detail"]
    assert 2 <= verdict["seconds"] < 6


def test_a_wrong_key_ends_it_before_anything_is_made(gateway: RunningGateway) -> None:
    status, (_, key, verdict) = verified(gateway, GROUNDWORK_API_KEY=WEBAPP_KEY[:-1] + "x")
    assert (status, key["check"], key["ok"], verdict["checks"]) == (1, "key", False, 2)
    assert "SECRETS_DIR" in key["hint"]


def test_the_key_may_be_a_file(gateway: RunningGateway, tmp_path: Any) -> None:
    (tmp_path / "groundwork_api_key").write_text(f"{BOOTSTRAP_KEY}\n")
    environment = {name: value for name, value in os.environ.items() if name != "GROUNDWORK_API_KEY"}
    environment |= {"GROUNDWORK_URL": gateway.url, "SECRETS_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "groundwork", "verify", "--mode", "quote"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout
    *lines, verdict = ended.stdout.splitlines()
    assert [line.split()[1] for line in lines] == CHECKS
    assert verdict.startswith(f"passed: {len(CHECKS)} of {len(CHECKS)} checks in ")


def test_a_secrets_folder_that_is_not_there_is_one_line(gateway: RunningGateway, tmp_path: Any) -> None:
    command = [sys.executable, "-m", "groundwork", "verify"]
    environment = os.environ | {"SECRETS_DIR": str(tmp_path / "nowhere")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (78, 1)
