"""What the README tells a reader to type works against the running stack, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def fence(beginning: str) -> str:
    """The README's one block that begins so."""
    (block,) = (
        code for _, code in FENCE.findall((ROOT / "README.md").read_text()) if code.startswith(beginning)
    )
    return str(block)


def typed(command: list[str], stack: Any) -> str:
    """What a command prints; the stack under test listens on other ports than the README's."""
    ours = {"GROUNDWORK_URL": stack.gateway_url, "GROUNDWORK_API_KEY": stack.api_key}
    moved = [word.replace("http://127.0.0.1:8080", stack.gateway_url) for word in command]
    ended = subprocess.run(
        moved, cwd=ROOT, env=os.environ | ours, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_curl_gets_the_command_that_starts_it(stack: Any) -> None:
    assert "make run" in typed(["bash", "-c", fence("curl")], stack)


def test_the_openai_client_prints_an_answer_with_a_citation(stack: Any) -> None:
    assert "[1]" in typed([sys.executable, "-c", fence("import os")], stack)


def test_the_command_line_ingests_a_folder(stack: Any) -> None:
    assert " 0 failed" in typed(["bash", "-c", fence(".venv/bin/groundwork ingest")], stack)


def test_make_status_shows_every_part_and_the_key(stack: Any) -> None:
    status = typed(["make", "status"], stack)
    assert stack.api_key in status
    assert all(
        part in status for part in ("gateway", "worker", "embedder", "llm", "feedback", "webapp", "postgres")
    )
