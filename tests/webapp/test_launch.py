"""The web app's launcher becomes Streamlit's server, on a laptop and in a container alike."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from launch import server_arguments, server_environment
from settings import Settings
from tests.served import served

WEBAPP = Path(__file__).parents[2] / "webapp"


def refused(**variables: str) -> str:
    """What the launcher says when it ends with 78."""
    command = [sys.executable, "-m", "launch"]
    ended = subprocess.run(
        command, cwd=WEBAPP, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    return ended.stderr


def test_address_and_port_are_those_of_the_settings() -> None:
    words = " ".join(server_arguments(Settings(host="0.0.0.0", port=8600)))
    assert "--server.port 8600 --server.address 0.0.0.0" in words


def test_the_cookie_secret_is_in_the_environment_and_not_among_the_arguments() -> None:
    settings = Settings(cookie_secret="a secret")
    assert "a secret" not in " ".join(server_arguments(settings))
    assert server_environment(settings, {"A": "1"}) == {
        "A": "1",
        "STREAMLIT_SERVER_COOKIE_SECRET": "a secret",
    }


def test_without_a_secret_streamlit_makes_its_own() -> None:
    assert server_environment(Settings(), {}) == {}


def test_production_refuses_an_empty_cookie_secret() -> None:
    assert "COOKIE_SECRET is empty" in refused(DEPLOYMENT="production", GATEWAY_API_KEY="key")


def test_the_page_is_served_with_secrets_from_files_and_sigterm_ends_it_with_0(tmp_path: Path) -> None:
    (tmp_path / "cookie_secret").write_text("c" * 43 + "\n")
    (tmp_path / "gateway_api_key").write_text("gw_1\n")
    environment = {"DEPLOYMENT": "production", "SECRETS_DIR": str(tmp_path), "PYTHONPATH": str(WEBAPP)}
    with served(sys.executable, "launch", environment, until="/_stcore/health") as url:
        assert "<title>" in httpx.get(url).text
