"""Loads a gateway on this machine and writes one HTML report: `python -m tests.load --users 8`."""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from groundwork_dev.stack import open_stack

from tests.fakes.knobs import Knobs
from tests.load.fake_gateway import gateway_with_fake_model
from tests.load.report import Row, add_table, read_rows

SCENARIO = Path(__file__).with_name("scenario.py")
MAX_USERS, MAX_SECONDS = 1_000, 3_600
STARTED_PER_S = 20
STOP_TIMEOUT_S = 60


def loopback(url: str) -> str:
    """The URL; another machine is refused, since load must not leave this one."""
    host = urlsplit(url).hostname
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise argparse.ArgumentTypeError(f"{host} is another machine; load stays on 127.0.0.1")
    return url.rstrip("/")


def arguments() -> argparse.Namespace:
    """What to load, how much and how long."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--url", type=loopback, help="gateway to load; without, the running stack's")
    parser.add_argument("--users", type=int, choices=range(1, MAX_USERS + 1), metavar="N", default=8)
    parser.add_argument("--seconds", type=int, choices=range(1, MAX_SECONDS + 1), metavar="N", default=30)
    parser.add_argument("--answer-mode", choices=("write", "quote", "both"), default="write")
    parser.add_argument("--llm", choices=("real", "fake"), default="real", help="fake: a gateway of its own")
    parser.add_argument("--ttft-ms", type=float, default=200, help="the fake's time to the first token")
    parser.add_argument("--tokens-per-s", type=float, default=50, help="the fake's speed")
    parser.add_argument("--report", type=Path, default=Path(".groundwork/load/report.html"))
    asked = parser.parse_args()
    if asked.url and asked.llm == "fake":
        parser.error("the fake model gets a gateway of its own; leave the URL out")
    return asked


def load(url: str, api_key: str, asked: argparse.Namespace) -> tuple[int, list[Row]]:
    """Runs locust; returns its exit status (1 when a request failed) and what was measured."""
    summary = asked.report.with_suffix(".json")
    summary.unlink(missing_ok=True)
    command = [sys.executable, "-m", "locust", "-f", str(SCENARIO), "--headless", "--only-summary"]
    command += ["--host", url, "--users", str(asked.users), "--spawn-rate", str(STARTED_PER_S)]
    command += ["--run-time", f"{asked.seconds}s", "--stop-timeout", str(STOP_TIMEOUT_S)]
    command += ["--html", str(asked.report), "--summary", str(summary), "--answer-mode", asked.answer_mode]
    ended = subprocess.run(command, env=os.environ | {"GROUNDWORK_API_KEY": api_key}, check=False)
    rows = read_rows(summary)
    add_table(asked.report, rows, f"{asked.users} users for {asked.seconds} s, model: {asked.llm}")
    return ended.returncode, rows


def main() -> int:
    """Exit status 0 when every request was answered."""
    asked, stack = arguments(), open_stack()
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    api_key = os.environ.get("GROUNDWORK_API_KEY") or stack.credentials["bootstrap_key"]
    with ExitStack() as ends:
        url = asked.url or stack.at.url("gateway")
        if asked.llm == "fake":
            knobs = Knobs(ttft_ms=asked.ttft_ms, tokens_per_s=asked.tokens_per_s)
            url = ends.enter_context(gateway_with_fake_model(stack, knobs))
        status, rows = load(url, api_key, asked)
    for row in rows:
        print(row)
    print(f"report: {asked.report}")
    return status


if __name__ == "__main__":
    sys.exit(main())
