"""What `groundwork ingest` is made of: names of files, patience, what is shown."""

import io
import os
from pathlib import Path

import pytest
from groundwork.files import Clash, NoFile, check_file, find_files, printable
from groundwork.patience import Away, Patience, Stopped
from groundwork.progress import shown
from groundwork.refusals import GatewayError, about_file
from groundwork.tally import Tally
from rich.console import Console


def test_a_link_is_called_as_it_is_written_and_a_linked_folder_is_not_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/tide.md").write_text("The tide.\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "here/also.md").symlink_to(tmp_path / "elsewhere/tide.md")
    monkeypatch.chdir(tmp_path / "here")
    assert set(find_files([Path()]).files) == {"also.md"}
    assert set(find_files([Path("linked"), Path("linked/../also.md")]).files) == {"tide.md", "also.md"}
    assert set(find_files([Path("../elsewhere")]).files) == {"tide.md"}
    assert set(find_files([Path(), Path("also.md"), tmp_path / "here"]).files) == {"also.md"}
    with pytest.raises(Clash, match=r"one document, also\.md"):
        (tmp_path / "also.md").write_text("Another.\n")
        find_files([Path(), Path("../also.md")])


def test_a_file_has_one_name_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("handbook/port/tide.md", "handbook/README.md", "manual/README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("The tide.\n")
    names = {"port/tide.md", "README.md"}
    monkeypatch.chdir(tmp_path)
    assert set(find_files([Path("handbook")]).files) == names
    assert set(find_files([tmp_path / "handbook", Path("handbook/port/tide.md")]).files) == names
    assert set(find_files([Path("handbook/port"), Path("handbook")]).files) == names
    monkeypatch.chdir(tmp_path / "handbook")
    assert set(find_files([Path()]).files) == set(find_files([Path("../handbook")]).files) == names
    assert set(find_files([Path("port/tide.md")]).files) == {"tide.md"}
    assert set(find_files([Path("port/tide.md")], base=Path()).files) == {"port/tide.md"}
    both = [tmp_path / "handbook", tmp_path / "manual"]
    with pytest.raises(Clash, match=r"one document, README\.md: say with --base"):
        find_files(both)
    assert set(find_files(both, base=Path("..")).files) == {
        "handbook/port/tide.md",
        "handbook/README.md",
        "manual/README.md",
    }
    with pytest.raises(ValueError, match="manual is not in "):
        find_files(both, base=tmp_path / "handbook")


def test_documents_without_a_file_are_found_but_not_those_that_are_left_out(tmp_path: Path) -> None:
    for name in ("note.md", "named.bin", "old/note.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A note.\n")
    found = find_files([tmp_path], ["*/old/*"])
    assert set(found.files) == {"note.md"}
    known = ["note.md", "named.bin", "old/note.md", "old/gone.md", "gone.md", "note.txt"]
    assert found.without_file(known) == ["gone.md", "note.txt"]
    below = find_files([tmp_path / "old"], base=tmp_path)
    assert below.without_file([*known, "older/note.md"]) == ["old/gone.md"], "another folder's are not its"


def test_a_folder_that_cannot_be_read_is_named_and_the_others_are_found(open_folder: Path) -> None:
    for name in ("closed", "open"):
        (open_folder / "tree" / name).mkdir(parents=True)
        (open_folder / "tree" / name / "note.md").write_text("A note.\n")
    (open_folder / "tree/closed").chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)  # root could read it
    try:
        found = find_files([open_folder / "tree"])
    finally:
        os.seteuid(was)
    assert set(found.files) == {"open/note.md"}
    assert found.unreadable == [(str(open_folder / "tree/closed"), "Permission denied")]


def test_files_of_a_folder_that_are_left_out_for_their_endings_are_counted_by_ending(tmp_path: Path) -> None:
    for name in ("a.exe", "b.EXE", "README", "note.md", ".hidden.exe", "old.bak", "named.bin"):
        (tmp_path / name).write_text("A note.\n")
    found = find_files([tmp_path, tmp_path / "named.bin"], ["*.bak"])
    assert set(found.files) == {"note.md", "named.bin"}
    assert found.left_out == "3 left out: 2 .exe, 1 without ending"
    assert find_files([tmp_path / "note.md"]).left_out == ""
    for n in range(10):
        (tmp_path / f"part.{n}").write_text("A part.\n")
    many = find_files([tmp_path]).left_out
    assert many.startswith("15 left out: 2 .exe, 1 without ending, ") and many.endswith(", 1 .3, 6 others")


def test_a_name_cannot_command_the_terminal() -> None:
    assert printable("quay \x1b[2J\n\udcff ümlaut.md") == r"quay \x1b[2J\n\udcff ümlaut.md"


def test_a_request_is_tried_again_until_its_patience_is_over() -> None:
    asked = []

    def busy(after: int) -> str:
        asked.append(after)
        if len(asked) < after:
            raise GatewayError("Too much at once.", 503, retry_after_s=0)
        return "done"

    assert Patience(limit_s=10)(lambda: busy(2)) == "done"
    asked.clear()
    with pytest.raises(Away, match="Too much at once"):
        Patience(limit_s=1)(lambda: busy(100))
    assert 1 < len(asked) < 5


def test_one_request_that_never_gets_through_is_not_the_whole_run() -> None:
    patience = Patience(limit_s=1)
    lost = GatewayError("The gateway did not answer.", retry_after_s=0)

    def broken() -> None:
        patience(lambda: "another thread's reply")
        raise lost

    with pytest.raises(GatewayError) as raised:
        patience(broken)
    assert raised.value is lost


def test_a_quota_that_opens_later_than_anyone_waits_ends_the_run_at_once() -> None:
    def refuse() -> None:
        raise GatewayError("The quota is used up.", 429, retry_after_s=3600)

    with pytest.raises(Away):
        Patience()(refuse)


@pytest.mark.parametrize(("name", "words"), [(".md", "no name before its ending"), ("README", "no ending")])
def test_a_file_whose_name_does_not_say_its_kind_is_not_sent(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text("A note.\n")
    with pytest.raises(NoFile, match=words):
        check_file(name, tmp_path / name)


def test_a_file_that_is_too_large_is_told_the_limit_of_files_and_other_refusals_stay() -> None:
    whole = GatewayError("The body is larger than 50,200,000 bytes; send less.", 413)
    assert about_file(whole) == "A file may have at most 50 MB; split it."
    for other in (GatewayError("Too large.", 413), GatewayError("Not 7,000,000 bytes.", 400)):
        assert about_file(other) == str(other)


def test_a_job_of_a_gateway_that_sends_no_notices_has_no_gaps() -> None:
    tally = Tally(total=2, waiting={"a": "a.md", "b": "b.pdf"})
    tally.end({"id": "a", "status": "succeeded"})
    notices = [{"code": "no_text", "message": "No text on page 2."}, {"code": "x", "message": "And more."}]
    tally.end({"id": "b", "status": "succeeded", "notices": notices})
    assert tally.gaps == {"b.pdf": "No text on page 2. And more."}


def test_who_waits_to_try_again_hears_that_the_run_is_over() -> None:
    patience = Patience()
    patience.stopped = True
    with pytest.raises(Stopped):
        patience(_lost)


def _lost() -> None:
    raise GatewayError("Lost.", retry_after_s=0)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_bars_on_a_terminal_and_lines_elsewhere(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    tally = Tally(total=10)
    tally.unsent, tally.published, tally.waiting = 4, 3, {"a": "a.md", "b": "b.md"}
    tally.fail("c.md", "It is empty.")
    with shown(console, line_every_s=0) as show:
        show(tally)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(words in said for words in ("6/10", "3/10", "/s, about", " left, 1 failed"))
    assert ("━" in said) is terminal
