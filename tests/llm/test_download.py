"""A model comes from the hub whole and safe, or not at all, and the reason is said in one line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rag_common.model_manifest import MANIFEST, read_manifest
from rag_common.models import verify

from tests.fakes.hub import TOKEN, FakeHub, Repository, fake_hub

WEIGHTS = b"weights " * 200
SMALL = {
    "config.json": b"{}",
    "tokenizer.json": b'{"version": "1.0"}',
    "tokenizer.model": b"sentencepiece",
    "chat_template.jinja": b"{{ messages }}",
    "model.safetensors": WEIGHTS,
}
BESIDE = {"README.md": b"#", "pytorch_model.bin": b"pickle", "original/consolidated.safetensors": WEIGHTS}


@pytest.fixture(scope="module")
def server() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        yield hub


@pytest.fixture
def hub(server: FakeHub) -> FakeHub:
    """A hub with one model that has more than is fetched."""
    server.repositories, server.status = {"owner/small": Repository(SMALL | BESIDE)}, None
    server.sent.clear()
    return server


def download(hub: FakeHub, source: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a Job runs it, without a home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = inherited | {"HF_ENDPOINT": hub.url, "HOME": "/nowhere"} | variables
    command = [sys.executable, "-m", "rag_llm.download", source, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def refused(hub: FakeHub, source: str, folder: Path, status: int, **variables: str) -> str:
    """The one line with which the command ends; the folder then has no manifest."""
    ended = download(hub, source, folder, **variables)
    assert (ended.returncode, ended.stderr.count("\n")) == (status, 1), ended.stderr
    assert not (folder / MANIFEST).exists()
    return ended.stderr


def test_a_model_arrives_with_its_manifest_and_nothing_that_is_not_needed(
    hub: FakeHub, tmp_path: Path
) -> None:
    ended = download(hub, "hf://owner/small", tmp_path / "small")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "models: model.safetensors is there" in ended.stdout
    assert set(read_manifest(tmp_path / "small")) == set(SMALL)
    verify(tmp_path / "small")


def test_a_second_run_asks_nobody(hub: FakeHub, tmp_path: Path) -> None:
    download(hub, "hf://owner/small", tmp_path)
    hub.status = 500
    again = download(hub, "hf://owner/small", tmp_path)
    assert (again.returncode, "already there" in again.stdout) == (0, True)


def test_a_run_that_broke_off_fetches_only_what_is_missing(hub: FakeHub, tmp_path: Path) -> None:
    download(hub, "hf://owner/small", tmp_path)
    (tmp_path / MANIFEST).unlink()
    (tmp_path / "model.safetensors").unlink()
    hub.sent.clear()
    assert download(hub, "hf://owner/small@main", tmp_path / "other").returncode == 0
    assert sorted(hub.sent) == sorted(SMALL)
    hub.sent.clear()
    assert download(hub, "hf://owner/small", tmp_path).returncode == 0
    assert hub.sent == ["model.safetensors"]


def test_a_folder_that_is_another_models_is_left_alone(hub: FakeHub, tmp_path: Path) -> None:
    download(hub, "hf://owner/small", tmp_path)
    other = download(hub, "hf://owner/other", tmp_path)
    assert other.returncode == 78
    assert "is for hf://owner/small, not for hf://owner/other" in other.stderr


def test_pickled_weights_alone_are_refused_before_anything_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["owner/old"] = Repository({"config.json": b"{}", "pytorch_model.bin": WEIGHTS})
    said = refused(hub, "hf://owner/old", tmp_path, 78)
    assert "owner/old holds pytorch_model.bin: only safetensors are loaded" in said
    assert hub.sent == []


def test_a_model_with_code_of_its_own_is_refused_before_its_weights(hub: FakeHub, tmp_path: Path) -> None:
    files = SMALL | {"config.json": b'{"auto_map": {"AutoModel": "mine.Mine"}}', "mine.py": b"import os"}
    hub.repositories["owner/mine"] = Repository(files)
    assert "auto_map in config.json" in refused(hub, "hf://owner/mine", tmp_path, 78)
    assert "model.safetensors" not in hub.sent
    assert "mine.py" not in hub.sent


def test_weights_that_lie_there_twice_are_fetched_once(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["owner/twice"] = Repository(SMALL | {"consolidated.safetensors": WEIGHTS})
    assert download(hub, "hf://owner/twice", tmp_path).returncode == 0
    assert "consolidated.safetensors" not in hub.sent


@pytest.mark.parametrize(
    "source", ["owner/small", "hf://small", "hf://owner/small@", "hf://../x", "s3://a/b"]
)
def test_a_name_that_is_none_is_refused(hub: FakeHub, tmp_path: Path, source: str) -> None:
    assert "write hf://owner/name" in refused(hub, source, tmp_path, 78)


def test_an_unknown_model_or_revision_is_said(hub: FakeHub, tmp_path: Path) -> None:
    assert "knows no model owner/none" in refused(hub, "hf://owner/none", tmp_path, 78)
    assert "has no revision v9" in refused(hub, "hf://owner/small@v9", tmp_path, 78)


def test_a_gated_model_needs_the_token_of_the_secret(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["owner/gated"] = Repository(SMALL, gated=True)
    said = refused(hub, "hf://owner/gated", tmp_path / "a", 78)
    assert f"accept its terms at {hub.url}/owner/gated" in said
    (tmp_path / "hf_token").write_text(TOKEN + "\n")
    given = download(hub, "hf://owner/gated", tmp_path / "b", SECRETS_DIR=str(tmp_path))
    assert given.returncode == 0
    assert TOKEN not in given.stdout + given.stderr


@pytest.mark.parametrize(("status", "exit_status"), [(401, 78), (403, 78), (500, 69), (503, 69)])
def test_a_hub_that_refuses_or_fails_is_said(
    hub: FakeHub, tmp_path: Path, status: int, exit_status: int
) -> None:
    hub.status = status
    assert hub.url in refused(hub, "hf://owner/small", tmp_path, exit_status)


def test_a_hub_that_is_away_is_said(hub: FakeHub, tmp_path: Path) -> None:
    said = refused(hub, "hf://owner/small", tmp_path, 69, HF_ENDPOINT="http://127.0.0.1:9")
    assert "cannot be reached" in said
    assert "set HF_ENDPOINT to a mirror" in said


def test_a_file_that_is_not_the_hubs_is_removed(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["owner/small"].damaged.add("model.safetensors")
    assert "is not what the hub has" in refused(hub, "hf://owner/small", tmp_path, 69)
    hub.repositories["owner/small"].damaged.clear()
    assert download(hub, "hf://owner/small", tmp_path).returncode == 0


def test_a_model_larger_than_the_volume_is_refused_before_anything_is_fetched(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.repositories["owner/small"].said_bytes["model.safetensors"] = 10**18
    said = refused(hub, "hf://owner/small", tmp_path, 78)
    assert "owner/small needs 1000000000.0 GB; use a larger volume" in said
    assert hub.sent == []
