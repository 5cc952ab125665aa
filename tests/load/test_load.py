"""Half a minute of load: nothing fails, whatever the speed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.report import HEADINGS, read_rows

KINDS = {"search", "chat write (stream)", "chat write (whole)", "feedback"}


@pytest.mark.timeout(180)
def test_half_a_minute_of_load_fails_nothing_and_is_reported(stack: object, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    command = [sys.executable, "-m", "tests.load", "--users", "4", "--seconds", "30", "--llm", "fake"]
    ended = subprocess.run([*command, "--report", str(report)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = read_rows(report.with_suffix(".json"))
    assert {row.name for row in rows} == KINDS
    assert all(row.requests and not row.failures for row in rows)
    streamed = next(row for row in rows if row.name.endswith("(stream)"))
    assert streamed.first_token_ms is not None
    assert streamed.tokens_per_s is not None
    assert all(words in report.read_text() for words in (*KINDS, *HEADINGS.values()))


def test_another_machine_is_not_loaded() -> None:
    command = [sys.executable, "-m", "tests.load", "--url", "http://example.com"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "example.com is another machine" in refused.stderr
