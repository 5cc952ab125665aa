"""A model's folder is written, verified, copied and waited for by the command line that containers run."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rag_common.model_manifest import MANIFEST, Damaged, Incomplete, read_manifest
from rag_common.models import copy, main, verify, wait, write

SOURCES = Path(__file__).parents[2] / "services/common/src"
WEIGHTS = b"weights " * 300_000


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """What the models image has: one model with its manifest."""
    folder = tmp_path / "carried" / "small"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "1_Pooling" / "config.json").write_text('{"pool": true}')
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    write(folder)
    return folder.parent


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "volume"


def inodes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir() if path.is_file()}


def test_the_standard_library_is_enough(carried: Path, target: Path) -> None:
    command = [sys.executable, "-S", "-m", "rag_common.models", "copy", "small", str(target)]
    environment = {"PYTHONPATH": str(SOURCES)}
    ended = subprocess.run(
        [*command, "--from", str(carried)], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "copied and verified: 3 files, 2.4 MB" in ended.stdout


def test_a_manifest_holds_size_and_sum_of_every_file(carried: Path) -> None:
    files = json.loads((carried / "small" / MANIFEST).read_text())["files"]
    assert list(files) == ["1_Pooling/config.json", "config.json", "model.safetensors"]
    assert files["config.json"] == {
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "size": 2,
    }


def test_what_a_volume_or_a_download_keeps_for_itself_is_no_part_of_a_model(carried: Path) -> None:
    folder, before = carried / "small", read_manifest(carried / "small")
    for name in (".cache/x.metadata", "lost+found/#1", "model.safetensors.partial"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    write(folder)
    assert read_manifest(folder) == before


def test_a_copy_is_whole_and_a_second_run_touches_nothing(
    carried: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy("small", target, carried)
    verify(target / "small")
    first = inodes(target / "small")
    copy("small", target, carried)
    assert inodes(target / "small") == first
    assert "already there" in capsys.readouterr().out


def test_a_copy_that_broke_off_goes_on_where_it_was(carried: Path, target: Path) -> None:
    copy("small", target, carried)
    kept = inodes(target / "small")["config.json"]
    (target / "small" / MANIFEST).unlink()
    (target / "small" / "model.safetensors").rename(target / "small" / "model.safetensors.partial")
    copy("small", target, carried)
    verify(target / "small")
    assert inodes(target / "small")["config.json"] == kept
    assert not list(target.rglob("*.partial"))


def test_another_version_replaces_the_files_of_the_one_before(carried: Path, target: Path) -> None:
    copy("small", target, carried)
    (carried / "small" / "model.safetensors").rename(carried / "small" / "model-00001.safetensors")
    write(carried / "small")
    copy("small", target, carried)
    assert sorted(path.name for path in target.rglob("*.safetensors")) == ["model-00001.safetensors"]


def test_a_damaged_source_is_not_passed_on(
    carried: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (carried / "small" / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"!")
    assert main(["copy", "small", str(target), "--from", str(carried)]) == 78
    assert "model.safetensors is damaged: its sha256 is" in capsys.readouterr().err
    assert not (target / "small" / "model.safetensors").exists()
    assert not (target / "small" / MANIFEST).exists()


def test_a_model_that_the_image_lacks_is_named_with_those_it_has(
    carried: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["copy", "large", str(target), "--from", str(carried)]) == 78
    assert "has no model large; it has small" in capsys.readouterr().err


def test_a_volume_mounted_over_the_images_models_is_said(
    carried: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["copy", "small", str(carried), "--from", str(carried)]) == 78
    assert "mount the volume somewhere else" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("model.safetensors", b"short", 69, "has 5 bytes; the manifest says 2400000 bytes"),
        ("config.json", b"[]", 78, "is damaged: its sha256 is"),
        (MANIFEST, b"not json", 78, "is no manifest"),
        (MANIFEST, b'{"files": {"../x": {"sha256": "0", "size": 1}}}', 78, "outside the folder"),
    ],
)
def test_verify_says_what_is_wrong(
    carried: Path,
    name: str,
    content: bytes,
    status: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (carried / "small" / name).write_bytes(content)
    assert main(["verify", str(carried / "small")]) == status
    assert words in capsys.readouterr().err


def test_a_file_that_is_gone_is_missed(carried: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (carried / "small" / "config.json").unlink()
    assert main(["verify", str(carried / "small")]) == 69
    assert "config.json is missing" in capsys.readouterr().err


def test_waiting_ends_when_the_copy_does(
    carried: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def arrive() -> None:
        time.sleep(0.3)
        copy("small", target, carried)

    arriving = threading.Thread(target=arrive)
    arriving.start()
    wait(target / "small", limit_s=20)
    arriving.join()
    said = capsys.readouterr().out
    assert f"waiting (0 of 20 s): {target / 'small'} has no {MANIFEST}" in said
    assert f"{target / 'small'}: verified" in said


def test_waiting_gives_up_with_69_and_says_for_what(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wait", str(target), "--limit-s", "0.2"]) == os.EX_UNAVAILABLE
    assert f"gave up after 0 s: {target} has no {MANIFEST}" in capsys.readouterr().err


def test_waiting_for_a_damaged_model_is_in_vain(carried: Path) -> None:
    (carried / "small" / "config.json").write_text("[]")
    with pytest.raises(Damaged, match="fill the folder anew"):
        wait(carried / "small", limit_s=20)


def test_an_empty_folder_gets_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(Incomplete, match="holds no files"):
        write(tmp_path)
