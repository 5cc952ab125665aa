"""What the command line shows against the running stack."""

import uuid
from pathlib import Path

import pytest

from tests.cli.conftest import Groundwork

HARBOUR = "# Harbour\n\nThe harbour master of Lindholm is called Anneke Vos.\n"


@pytest.fixture
def collection() -> str:
    return f"cli-{uuid.uuid4().hex[:8]}"


def test_what_was_ingested_is_found_and_its_source_is_named(
    groundwork: Groundwork, collection: str, tmp_path: Path
) -> None:
    (tmp_path / "port").mkdir()
    (tmp_path / "port/harbour.md").write_text(HARBOUR)
    (tmp_path / "port/.hidden.md").write_text("# Hidden\n")
    (tmp_path / "port/picture.png").write_bytes(b"\x89PNG")
    first = groundwork("ingest", "port", "--collection", collection)
    assert first.returncode == 0, first.stderr
    assert "1 published, 0 unchanged, 0 failed" in first.stdout

    again = groundwork("ingest", "port", "--collection", collection)
    assert "0 published, 1 unchanged, 0 failed" in again.stdout

    found = groundwork("search", "harbour master", "--collection", collection)
    assert "Anneke Vos" in found.stdout
    asked = groundwork("ask", "Who is the harbour master?", "--mode", "quote", "--collection", collection)
    assert asked.returncode == 0, asked.stderr
    assert "Anneke Vos" in asked.stdout
    assert "[1] Harbour (harbour.md)" in asked.stdout


def test_a_file_that_is_gone_is_named_and_its_document_is_removed_on_demand(
    groundwork: Groundwork, collection: str, tmp_path: Path
) -> None:
    for name in ("kept", "gone"):
        (tmp_path / f"{name}.txt").write_text(f"The quay of Lindholm that is {name}.\n")
    assert groundwork("ingest", ".", "--collection", collection).returncode == 0
    (tmp_path / "gone.txt").unlink()

    again = groundwork("ingest", str(tmp_path), "--collection", collection)
    assert "0 published, 1 unchanged, 0 failed" in again.stdout
    assert f"1 in {collection} without a file here (gone.txt); --prune --dry-run lists them" in again.stdout
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe broken")
    failed = groundwork("ingest", ".", "--collection", collection, "--prune")
    assert "1 without a file stay: not everything is in" in failed.stdout
    (tmp_path / "bad.txt").unlink()
    planned = groundwork("ingest", ".", "--collection", collection, "--prune", "--dry-run")
    assert "to be removed: gone.txt\n1 unchanged, 1 to be removed; nothing was sent" in planned.stdout
    pruned = groundwork("ingest", ".", "--collection", collection, "--prune")
    assert "removed: gone.txt\n0 published, 1 unchanged, 0 failed, 1 removed" in pruned.stdout
    assert "gone" not in groundwork("search", "quay of Lindholm", "--collection", collection).stdout
    refused = groundwork("ingest", "kept.txt", "--collection", collection, "--prune")
    assert refused.returncode == 2
    assert "needs a folder" in refused.stderr


def test_each_failed_file_is_one_line_and_the_others_go_through(
    groundwork: Groundwork, collection: str, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("The lighthouse of Lindholm is 40 metres high.\n")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe broken")
    (tmp_path / "picture.png").write_text("no text")
    ended = groundwork("ingest", "good.txt", "bad.txt", "picture.png", "--collection", collection)
    assert ended.returncode == 1
    assert "failed: bad.txt: " in ended.stdout
    assert "failed: picture.png: " in ended.stdout
    assert "1 published, 0 unchanged, 2 failed" in ended.stdout


def test_an_empty_folder_is_refused(groundwork: Groundwork, collection: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = groundwork("ingest", "empty", "--collection", collection)
    assert ended.returncode == 2
    assert "no file there that can be read" in ended.stderr


def test_the_doctor_finds_a_running_stack_well(groundwork: Groundwork) -> None:
    ended = groundwork("doctor")
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert all(line.startswith("✓ ") for line in lines)
    assert {"gateway", "postgres", "embedder", "llm", "key", "search"} <= {
        line[2:].split(":")[0] for line in lines
    }


def test_the_doctor_says_what_to_do_about_a_wrong_key(groundwork: Groundwork) -> None:
    ended = groundwork("doctor", GROUNDWORK_API_KEY="gw_wrong")
    assert ended.returncode == 1
    assert "✗ key: No valid API key" in ended.stdout
    assert "set GROUNDWORK_API_KEY" in ended.stdout


@pytest.mark.parametrize("words", [("ask", "Anyone?"), ("search", "anyone")])
def test_a_gateway_that_is_away_is_one_line(groundwork: Groundwork, words: tuple[str, ...]) -> None:
    ended = groundwork(*words, GROUNDWORK_URL="http://127.0.0.1:9")
    assert ended.returncode == 1
    assert (
        ended.stderr
        == "groundwork: No gateway at http://127.0.0.1:9: start it with `make up`, or set GROUNDWORK_URL.\n"
    )


def test_an_unknown_collection_is_the_gateways_own_words(groundwork: Groundwork) -> None:
    ended = groundwork("search", "anything", "--collection", "nowhere")
    assert ended.returncode == 1
    assert ended.stderr.startswith("groundwork: ")
    assert len(ended.stderr.splitlines()) == 1


def test_without_a_word_it_shows_its_commands(groundwork: Groundwork) -> None:
    ended = groundwork()
    assert all(word in ended.stdout + ended.stderr for word in ("ask", "search", "ingest", "doctor"))
