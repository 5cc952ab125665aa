"""The command line as a user runs it: a process of its own against the running stack."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ended = subprocess.CompletedProcess[str]
Groundwork = Callable[..., Ended]


@pytest.fixture
def groundwork(stack: Any, tmp_path: Path) -> Groundwork:
    """Runs one command in `tmp_path`; keyword arguments change its environment."""

    def run(*words: str, **variables: str) -> Ended:
        ours = {"GROUNDWORK_URL": stack.gateway_url, "GROUNDWORK_API_KEY": stack.api_key}
        command = [sys.executable, "-m", "groundwork", *words]
        environment = os.environ | ours | variables
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )

    return run
