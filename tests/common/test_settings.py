"""Settings as a process reads them: the environment first, then files in `SECRETS_DIR`; what is wrong is one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = """
from pydantic import SecretStr
from rag_common.settings import ServiceSettings, load_settings

class Settings(ServiceSettings):
    service_token: SecretStr = SecretStr("change-me")

print([load_settings(Settings).service_token.get_secret_value()])
"""
CLASSES = [
    ("rag_gateway.settings", "GatewaySettings", "service_token"),
    ("rag_gateway.settings", "DatabaseSettings", "database_password"),
    ("rag_gateway.settings", "MigrationSettings", "rag_owner_password"),
    ("rag_feedback.settings", "Settings", "service_token"),
    ("rag_feedback.settings", "MigrationSettings", "rag_owner_password"),
    ("rag_llm.settings", "LlmSettings", "llm_api_key"),
    ("settings", "Settings", "gateway_api_key"),
]
ROOT = Path(__file__).parents[2]


def shown(code: str = SHOW, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a process with these variables says."""
    environment = os.environ | variables | {"PYTHONPATH": str(ROOT / "webapp")}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_a_secret_comes_from_a_file_without_its_line_break(tmp_path: Path) -> None:
    (tmp_path / "service_token").write_text("from a file\n")
    assert shown(SECRETS_DIR=str(tmp_path)).stdout == "['from a file']\n"
    assert shown(SECRETS_DIR="").stdout == "['change-me']\n"


def test_a_file_that_kubernetes_mounts_as_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "..2026_01_01").mkdir()
    (tmp_path / "..2026_01_01/service_token").write_text("mounted")
    (tmp_path / "..data").symlink_to("..2026_01_01")
    (tmp_path / "service_token").symlink_to("..data/service_token")
    assert shown(SECRETS_DIR=str(tmp_path)).stdout == "['mounted']\n"


def test_the_environment_wins_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "service_token").write_text("from a file")
    assert shown(SECRETS_DIR=str(tmp_path), SERVICE_TOKEN="set").stdout == "['set']\n"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    ended = shown(SECRETS_DIR=str(tmp_path / "nowhere"))
    assert ended.returncode == 78
    assert ended.stderr == f"configuration: SECRETS_DIR: there is no folder {tmp_path}/nowhere\n"


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "service_token").write_bytes(b"\xff")
    ended = shown(SECRETS_DIR=str(tmp_path))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (78, 1)


def test_a_placeholder_in_a_file_is_refused_in_production(tmp_path: Path) -> None:
    (tmp_path / "service_token").write_text("change-me\n")
    ended = shown(SECRETS_DIR=str(tmp_path), DEPLOYMENT="production")
    assert (ended.returncode, "SERVICE_TOKEN still has its placeholder" in ended.stderr) == (78, True)


@pytest.mark.parametrize(("module", "name", "field"), CLASSES)
def test_each_part_reads_its_secrets_from_files(tmp_path: Path, module: str, name: str, field: str) -> None:
    (tmp_path / field).write_text("a secret")
    code = f"""
from rag_common.settings import load_settings
from {module} import {name}
print(load_settings({name}).{field}.get_secret_value())
"""
    ended = shown(code, SECRETS_DIR=str(tmp_path), DATABASE_OWNER_URL="postgresql://rag_owner@db/name")
    assert ended.stdout == "a secret\n", ended.stderr
