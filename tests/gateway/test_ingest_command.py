"""`groundwork ingest` against a real gateway and worker, over a road that counts what is sent."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY
from tests.fakes.faulty_road import Road, faulty_road
from tests.gateway.conftest import RunningGateway
from tests.gateway.office import pdf

MANY = 300


@pytest.fixture
def collection() -> str:
    return f"ingest-{uuid4().hex[:8]}"


@pytest.fixture
def road(gateway: RunningGateway) -> Iterator[Road]:
    """The way to the gateway; without faults until a test asks for some."""
    with faulty_road(gateway.url) as road:
        yield road


class Command:
    """`groundwork ingest` as a process in a folder."""

    def __init__(self, road: Road, folder: Path, collection: str) -> None:
        self.road, self.folder, self.collection = road, folder, collection

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A running command."""
        ours = {"GROUNDWORK_URL": self.road.url, "GROUNDWORK_API_KEY": BOOTSTRAP_KEY, "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "groundwork", "ingest", *words, "--collection", self.collection]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, env=os.environ | ours, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, *words: str) -> tuple[int, list[str], str]:
        """Exit status, the lines of standard output, and standard error."""
        process = self.start(*words)
        said, wrong = process.communicate(timeout=240)
        return process.returncode, said.splitlines(), wrong


@pytest.fixture
def ingest(road: Road, tmp_path: Path, collection: str) -> Command:
    """The command in an empty folder."""
    return Command(road, tmp_path, collection)


def write(folder: Path, **texts: str) -> None:
    """Markdown files by name."""
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(f"{text}\n")


def write_many(folder: Path, count: int = MANY) -> None:
    """Small files in folders of fifty."""
    for n in range(count):
        below = folder / f"quay-{n // 50}"
        below.mkdir(parents=True, exist_ok=True)
        write(below, **{f"berth-{n}": f"Berth number {n} is {n % 89} metres long."})


def documents(http: httpx.Client, collection: str) -> list[dict[str, Any]]:
    """All documents of a collection."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = http.get(f"/v1/collections/{collection}/documents", params={"limit": 100, **cursor}).json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_hundreds_of_files_survive_an_interruption_and_nothing_is_sent_twice(
    ingest: Command, road: Road, http: httpx.Client, tmp_path: Path
) -> None:
    write_many(tmp_path / "port")
    (tmp_path / "port/bad.md").write_bytes(b"\xff\xfe broken")
    running = ingest.start("port", "--parallel", "8")
    while sum(road.sent.values()) < MANY // 3:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    said, wrong = running.communicate(timeout=30)
    assert (running.returncode, wrong) == (130, "")
    first = dict(road.sent)
    assert MANY // 3 <= len(first) < MANY
    *_, summary, advice = said.splitlines()
    counts = {words: int(n) for n, words in re.findall(r"(\d+) ([a-z ]+)", summary)}
    assert advice.startswith("interrupted: the same command goes on")
    assert counts["not sent"] == MANY + 1 - len(first)
    assert counts["published"] + counts.get("waiting for the worker", 0) + counts["failed"] == len(first)

    status, lines, wrong = ingest("port", "--parallel", "8")
    assert (status, wrong) == (1, "")
    assert lines[-2] == "failed: bad.md: The text is not written in UTF-8; save it as plain text (UTF-8)."
    assert lines[-1].endswith(" 1 failed") and "waiting" not in lines[-1]
    assert {name: n for name, n in road.sent.items() if n > 1 and name != "bad.md"} == {}
    there = documents(http, ingest.collection)
    assert Counter(each["external_id"] for each in there).most_common(1)[0][1] == 1
    assert len(there) == MANY
    assert {(each["status"], each["latest_version"]) for each in there} == {("succeeded", 1)}

    before = road.sent.total()
    (tmp_path / "port/bad.md").write_text("The bad file is good now.\n")
    write(tmp_path / "port/quay-1", **{"berth-50": "Berth number 50 was lengthened to 70 metres."})
    status, lines, _ = ingest("port")
    assert (status, lines[-1]) == (0, f"2 published, {MANY - 1} unchanged, 0 failed")
    assert road.sent.total() - before == 2
    versions = {each["external_id"]: each["version"] for each in documents(http, ingest.collection)}
    assert {name for name, version in versions.items() if version != 1} == {"quay-1/berth-50.md"}
    assert versions["quay-1/berth-50.md"] == 2


def test_what_is_on_its_way_is_followed_and_not_sent_again(
    ingest: Command, road: Road, tmp_path: Path
) -> None:
    write_many(tmp_path, 40)
    status, lines, _ = ingest(".", "--no-wait")
    assert status == 0 and "40 waiting for the worker" in lines[-1]
    status, lines, _ = ingest(".")
    assert status == 0 and lines[-1].endswith(" 0 failed") and "waiting" not in lines[-1]
    assert set(road.sent.values()) == {1}


def test_looking_at_jobs_costs_pages_and_not_a_request_for_each(
    ingest: Command, road: Road, tmp_path: Path
) -> None:
    write_many(tmp_path, 120)
    started = time.monotonic()
    assert ingest(".")[0] == 0
    took_s = time.monotonic() - started
    assert road.asked["GET /v1/jobs"] <= 2 * took_s + 10
    assert not [path for path in road.asked if path.startswith("GET /v1/jobs/")]


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(
    ingest: Command, road: Road, http: httpx.Client, tmp_path: Path
) -> None:
    write(tmp_path, same="The crane is green.", other="The crane is blue.", old="The crane is old.")
    (tmp_path / "crane.png").write_bytes(b"\x89PNG")
    left_out = "1 left out: 1 .png"
    status, lines, _ = ingest(".", "--dry-run", "--exclude", "ol*")
    assert (status, lines) == (0, ["new: other.md", "new: same.md", f"2 new; {left_out}; nothing was sent"])
    assert http.get(f"/v1/collections/{ingest.collection}").status_code == 404
    assert ingest(".", "--exclude", "ol*")[1] == [f"2 published, 0 unchanged, 0 failed; {left_out}"]
    write(tmp_path, other="The crane is red.")
    _, lines, _ = ingest(".", "--dry-run")
    counts = f"1 new, 1 changed, 1 unchanged; {left_out}; nothing was sent"
    assert lines == ["new: old.md", "changed: other.md", counts]
    assert road.sent.total() == 2


def test_files_that_cannot_be_sent_are_named_and_the_others_go_on(ingest: Command, tmp_path: Path) -> None:
    write(tmp_path, good="The mole is long.")
    (tmp_path / "gone.md").symlink_to("nowhere.md")
    (tmp_path / "circle.md").symlink_to("circle.md")
    (tmp_path / "round").mkdir()
    (tmp_path / "round/trip").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / os.fsdecode(b"name-\xff.md")).write_text("The name is no text.\n")
    (tmp_path / "big.txt").write_bytes(b"x" * 51_000_000)
    (tmp_path / "line\nbreak.md").write_text("The name has a line break.\n")
    (tmp_path / ".hidden.md").write_text("Hidden.\n")
    (tmp_path / ".folder").mkdir()
    write(tmp_path / ".folder", hidden="Hidden.")
    write(tmp_path, empty="")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    status, lines, wrong = ingest(".", "picture.png")
    assert (status, wrong) == (1, "")
    failed = dict(line.removeprefix("failed: ").split(": ", 1) for line in lines if line.startswith("failed"))
    assert lines[-1] == f"2 published, 0 unchanged, {len(failed)} failed"
    assert set(failed) == {
        "gone.md", "circle.md", "pipe.md", r"name-\udcff.md", "big.txt", "empty.md", "picture.png"
    }  # fmt: skip
    assert failed["gone.md"] == "it is not there any more"
    assert failed["pipe.md"] == "it is not a file"
    assert "not UTF-8" in failed[r"name-\udcff.md"]
    assert failed["big.txt"] == "A file may have at most 50 MB; split it."
    assert "`.png` files cannot be read" in failed["picture.png"]


def test_what_could_not_be_read_of_a_file_is_said_also_when_it_was_there_before(
    ingest: Command, tmp_path: Path
) -> None:
    write(tmp_path, whole="The quay is whole.")
    (tmp_path / "scan.pdf").write_bytes(pdf([["The quay was built in 1890."], []]))
    for summary in ("2 published, 0 unchanged, 0 failed", "0 published, 2 unchanged, 0 failed"):
        status, lines, _ = ingest(".")
        assert (status, lines[-1]) == (0, summary)
        assert lines[-2].startswith("scan.pdf: No text on page 2 of 2;")
        assert not [line for line in lines if line.startswith("whole.md")]


def test_two_files_that_would_be_one_document_stop_everything(
    ingest: Command, road: Road, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, same=f"From {name}.")
    ingest.folder = here
    status, _, wrong = ingest("../a", "../b")
    assert status == 2 and "would be one document, same.md" in re.sub(r"[\s│]+", " ", wrong)
    assert road.asked.total() == 0
    assert ingest("..")[1][-1] == "2 published, 0 unchanged, 0 failed"


def test_scripted_faults_of_the_network_and_busy_replies_are_tried_again(
    ingest: Command, road: Road, http: httpx.Client, tmp_path: Path
) -> None:
    write_many(tmp_path, 12)
    road.faults.extend(["break before", "busy", "break after", "busy", "break after", "break before"])
    status, lines, _ = ingest(".")
    assert status == 0 and lines[-1].endswith(" 0 failed")
    assert road.sent.total() == 14 and len(documents(http, ingest.collection)) == 12
    assert {each["latest_version"] for each in documents(http, ingest.collection)} == {1}


def test_a_key_that_may_not_upload_ends_it_at_once(ingest: Command, road: Road, tmp_path: Path) -> None:
    write_many(tmp_path, 100)
    road.faults.extend(["refused"] * 100)
    status, lines, wrong = ingest(".")
    assert (status, wrong) == (1, "groundwork: The key lacks the scope `ingest`.\n")
    assert "100 not sent" in lines[-1]
    assert len(road.faults) >= 90
