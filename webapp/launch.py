"""`python -m launch`, in this folder: becomes Streamlit's server for the page, with the settings' address and port."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rag_common.settings import load_settings

from settings import Settings

PAGE = Path(__file__).with_name("app.py")


def server_arguments(settings: Settings) -> list[str]:
    """The command that serves the page; no secret is in it, since anybody may list processes."""
    return [
        *(sys.executable, "-m", "streamlit", "run", str(PAGE)),
        *("--server.port", str(settings.port), "--server.address", settings.host),
        *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
    ]


def server_environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The inherited environment plus the secret with which every replica signs and checks the same cookies."""
    secret = settings.cookie_secret.get_secret_value()
    return dict(inherited) | ({"STREAMLIT_SERVER_COOKIE_SECRET": secret} if secret else {})


if __name__ == "__main__":
    settings = load_settings(Settings)
    os.execve(sys.executable, server_arguments(settings), server_environment(settings, os.environ))
