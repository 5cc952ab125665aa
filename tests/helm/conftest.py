"""The packages, made once, and every profile rendered from the umbrella's package."""

from pathlib import Path

import pytest
from groundwork_dev.charts import package_all

from tests.helm.rendered import PROFILES, Json, Workload, read_values, render, workloads

Objects = list[Json]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The package of each chart by name."""
    return package_all(tmp_path_factory.mktemp("charts") / "packages")


@pytest.fixture(scope="session")
def umbrella(packages: dict[str, Path]) -> Path:
    """The package that people install."""
    return packages["groundwork"]


@pytest.fixture(scope="session")
def all_profiles(umbrella: Path) -> dict[str, Objects]:
    """The objects of each profile."""
    return {profile.stem: render(umbrella, read_values(profile)) for profile in PROFILES}


@pytest.fixture(params=[profile.stem for profile in PROFILES])
def profile(request: pytest.FixtureRequest) -> str:
    """One profile after the other."""
    return str(request.param)


@pytest.fixture
def objects(profile: str, all_profiles: dict[str, Objects]) -> Objects:
    """What the profile renders to."""
    return all_profiles[profile]


@pytest.fixture
def values(profile: str) -> Json:
    """What the profile's file says."""
    return read_values(next(path for path in PROFILES if path.stem == profile))


@pytest.fixture
def pods(objects: Objects) -> list[Workload]:
    """Everything that makes pods."""
    return workloads(objects)
