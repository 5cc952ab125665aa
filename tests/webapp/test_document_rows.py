"""Documents, files on their way and found passages as HTML: what is said of each, and that names do no harm."""

from html.parser import HTMLParser
from typing import Any

import pytest

from answers import Source, Span
from documents import Document, Job
from handover import Transfer
from shelf import Row
from tests.webapp.scripted_library import document, job
from views.document_rows import rows_html, transfers_html
from views.found import found_html
from views.wording import plain_name

HOSTILE = (
    "<script>alert(1)</script>.md",
    "<img src=x onerror=alert(1)>.md",
    '"><button data-click="cancel j1">x</button>.md',
    "'; DROP TABLE documents; --.md",
    "photo\u202egpj.exe",
    "\u2067right to left\u2069.md",
    "n" * 200,
)


def row(job_fields: dict[str, Any] | None = None, **fields: Any) -> Row:
    found = Job.of(job(1, **job_fields)) if job_fields is not None else None
    return Row(Document.of(document(1, **fields)), found)


class Read(HTMLParser):
    """The tags, the buttons' targets and the text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value for name, value in attrs if name == "data-click"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "queued", "stage": None, "queue_position": 1}, "Next in line · about 30 s left"),
        ({"status": "queued", "stage": None, "queue_position": 3, "eta_s": 200}, "number 3 in line · about 3 min"),
        ({"stage": None, "total": 0, "eta_s": None}, "Starting"),
        ({"stage": "parse", "total": 0, "eta_s": None}, "Reading the file"),
        ({"stage": "split", "total": 0}, "Splitting it into passages"),
        ({"stage": "embed", "done": 1200, "total": 4800, "eta_s": 4}, "1,200 of 4,800 · a few seconds left"),
        ({"stage": "publish"}, "Publishing"),
        ({"stalled": {"silent_s": 44}, "eta_s": None}, "Waiting: no progress for 40 s"),
        ({"stalled": {"silent_s": 600}, "eta_s": None, "status": "queued"}, "Waiting: no progress for 10 min"),
    ],
)  # fmt: skip
def test_each_stage_is_said(fields: dict[str, Any], said: str) -> None:
    assert said in Read(rows_html([row(fields, status="running")], True)).text


def test_the_present_stage_is_marked_and_counted() -> None:
    html = rows_html([row({"stage": "embed"}, status="running")], True)
    assert '<li class="past">Read</li><li class="past">Split</li><li aria-current="step">Index</li>' in html
    assert '<progress max="4" value="1"></progress>' in html


def test_nothing_turns_or_runs_while_nothing_moves() -> None:
    stalled = {"stage": "parse", "total": 0, "eta_s": None, "stalled": {"silent_s": 40}}
    html = rows_html([row(stalled, status="running")], True)
    assert "row-running" not in html and "<progress" not in html and "left" not in Read(html).text
    assert "row-running" in rows_html([row({"stage": "parse", "total": 0}, status="running")], True)


def test_what_could_not_be_read_of_a_ready_document_is_said() -> None:
    left_out = [{"code": "no_text", "message": "No text on page 2 of 6; run `ocr` on it."}]
    html = rows_html([Row(Document.of(document(1, notices=left_out)), None)], True)
    assert "Ready" in html and "No text on page 2 of 6; run <code>ocr</code> on it." in html


def test_a_failure_stands_in_words_with_what_to_do() -> None:
    failure = {"code": "encrypted", "message": "The file is encrypted; save it without a password."}
    read = Read(rows_html([row({"status": "failed", "error": failure}, status="failed", version=None)], True))
    assert "Failed" in read.text
    assert "save it without a password." in read.text
    assert read.targets == ["open d1", "retry j1"]  # an earlier gateway does not say that it cannot help


OF_THE_FILE = {
    "code": "encrypted",
    "message": "It is encrypted; save it without a password.",
    "retryable": False,
}
OF_THE_DAY = {"code": "gave_up", "message": "Given up after 60 attempts.", "retryable": True}


def test_another_try_is_offered_only_where_it_may_help() -> None:
    for known in ({"status": "failed", "error": OF_THE_FILE}, None):
        failed = {"status": "failed", "error": OF_THE_FILE, "version": None}
        read = Read(rows_html([row(known, **failed)], True))
        assert read.targets == ["open d1", "delete d1"]
        assert "mend the file as said, then upload it again" in read.text
    passing = row({"status": "failed", "error": OF_THE_DAY}, status="failed", error=OF_THE_DAY, version=None)
    assert Read(rows_html([passing], True)).targets == ["open d1", "retry j1"]
    cancelled = row({"status": "cancelled"}, status="cancelled", version=None)
    assert Read(rows_html([cancelled], True)).targets == ["open d1", "retry j1"]


def test_a_document_whose_older_version_answers_is_not_offered_for_deletion_with_its_newer_one() -> None:
    failed = {"status": "failed", "error": OF_THE_FILE, "version": 1, "latest_version": 2}
    assert Read(rows_html([row(None, **failed)], True)).targets == ["open d1"]
    assert "mend the file" not in Read(rows_html([row(None, **failed)], False)).text


def test_the_failure_is_known_from_the_document_where_its_job_is_long_past() -> None:
    failure = {"code": "no_text", "message": "The pages are pictures without text."}
    assert "pictures without text" in rows_html([row(status="failed", error=failure)], True)


def test_an_older_version_that_goes_on_answering_is_said() -> None:
    html = rows_html([row({"version": 2}, status="running", latest_version=2)], True)
    assert "Version 1 goes on answering." in html


def test_who_may_not_change_anything_sees_no_button_that_does() -> None:
    rows = [row({"status": "failed"}, status="failed"), row({}, status="running"), row()]
    assert Read(rows_html(rows, False)).targets == ["open d1"] * 3


def test_a_ready_document_says_size_and_version() -> None:
    assert "Ready · 1.md · 1 kB · version 3 · " in rows_html([row(latest_version=3, version=3)], True)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(name: str) -> None:
    passage = Source(1, "d1", 1, name, name, None, Span(0, 4), "text")
    transfer = Transfer("docs", name, 1, b"", state="refused", problem=name)
    pieces = [rows_html([row(title=name)], True), transfers_html([transfer]), found_html([passage])]
    for read in map(Read, pieces):
        assert not read.tags & {"script", "img", "a", "style", "svg"}
        assert plain_name(name) in read.text
        assert set(read.targets) <= {"open d1", "d1", f"dismiss {transfer.id}"}


def test_no_character_turns_the_direction_of_a_name() -> None:
    assert plain_name("photo\u202egpj.exe") == "photo\ufffdgpj.exe"
    assert plain_name("line\nbreak\x00") == "line\ufffdbreak\ufffd"
    assert plain_name("Übersicht – 概要.md") == "Übersicht – 概要.md"


def test_a_file_that_can_be_tried_again_says_so_and_one_that_cannot_does_not() -> None:
    kept = Transfer("docs", "a.md", 1, b"x", state="refused", problem="The gateway is away.")
    given_up = Transfer("docs", "a.md", 1, b"", state="refused", problem="The document has no text.")
    assert Read(transfers_html([kept])).targets == [f"send {kept.id}", f"dismiss {kept.id}"]
    assert Read(transfers_html([given_up])).targets == [f"dismiss {given_up.id}"]


def test_code_in_a_found_passage_is_shown_as_code() -> None:
    passage = Source(1, "d1", 1, "README", "", 4, Span(0, 4), "To start:\n```\nmake run\n```")
    html = found_html([passage])
    assert "<p>To start:</p><pre><code>make run</code></pre>" in html
    assert "page 4" in html
