"""`make up` and `make down` with a model that is served elsewhere; here the knobbed fake, over HTTP."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, left_behind
from tests.fakes.openai_server import running_fake

# Its ports lie beside the shared stack's, below those that Linux gives to outgoing connections (32768 to 60999).
OFFSET = 23_000


@dataclass(frozen=True)
class SecondStack:
    """A stack in the background without a model of its own."""

    state: Path
    environment: dict[str, str]

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One make command with the stack's settings."""
        command = ["make", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False
        )


@pytest.fixture(scope="module")
def second(open_folder: Path) -> Iterator[SecondStack]:
    """Made known, not started."""
    state = open_folder / "second"
    with running_fake() as model:
        own = {
            "GROUNDWORK_STATE": str(state),
            "GROUNDWORK_PORT_OFFSET": str(OFFSET),
            "GROUNDWORK_TRACES": "off",
            "LLM_URL": model.url,
        }
        stack = SecondStack(state, os.environ | own)
        yield stack
        stack.make("down")


def test_up_without_a_model_of_its_own_answers_and_a_second_up_reuses_everything(second: SecondStack) -> None:
    up = second.make("up")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "llm" not in [line.split(":")[0] for line in up.stdout.splitlines()]
    gateway = f"http://127.0.0.1:{8080 + OFFSET}"
    assert httpx.get(f"{gateway}/readyz").json()["status"] == "ready"
    started = time.monotonic()
    again = second.make("up")
    assert again.returncode == 0, again.stdout + again.stderr
    assert time.monotonic() - started < 30
    assert second.make("status").returncode == 0


def test_a_port_in_use_is_one_line_that_names_the_part(second: SecondStack, open_folder: Path) -> None:
    other = second.environment | {"GROUNDWORK_STATE": str(open_folder / "third")}
    up = subprocess.run(["make", "up"], cwd=ROOT, env=other, text=True, capture_output=True, check=False)
    assert up.returncode != 0
    line = next(line for line in up.stderr.splitlines() if line.startswith("groundwork:"))
    assert "port" in line
    assert any(part in line for part in ("postgres", "gateway", "embedder", "feedback", "webapp"))


def test_down_leaves_no_process_and_keeps_the_data(second: SecondStack) -> None:
    assert second.make("down").returncode == 0
    assert left_behind(second.state) == []
    assert (second.state / "secrets.json").exists()
