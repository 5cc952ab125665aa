"""A stack that is described and never started."""

from pathlib import Path

import pytest
from groundwork_dev.credentials import load_credentials
from groundwork_dev.environments import environments
from groundwork_dev.settings import read_settings
from groundwork_dev.stack import Stack


@pytest.fixture
def described(tmp_path: Path) -> "Describe":
    """Makes the stack that the given variables describe."""
    return Describe(tmp_path)


class Describe:
    """Settings → stack, in a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(self, **variables: str) -> Stack:
        settings = read_settings(variables | {"GROUNDWORK_STATE": str(self.state)})
        return Stack(settings, load_credentials(self.state), environments(settings, cuda=False), variables)
