"""How often parts are killed, and in which order of chances."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make test-long` asks for more; in `make test` these options do not exist and the defaults hold."""
    parser.addoption("--kills", type=int, default=20, help="How often the worker is killed.")
    parser.addoption("--seed", type=int, default=1, help="Chooses the moments.")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often the worker is killed."""
    return int(request.config.getoption("--kills", default=20))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Chooses the moments."""
    return int(request.config.getoption("--seed", default=1))
