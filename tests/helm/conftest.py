"""The packages, made once, and every profile and option rendered from the umbrella's package."""

from pathlib import Path

import pytest
from groundwork_dev.charts import package_all

from tests.helm.effective import whole
from tests.helm.rendered import CASES, PROFILES, Json, Workload, case_values, render, workloads

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
def all_cases(umbrella: Path) -> dict[str, Objects]:
    """The objects of each profile and of each file in options/."""
    return {name: render(umbrella, case_values(name)) for name in CASES}


@pytest.fixture(scope="session")
def all_profiles(all_cases: dict[str, Objects]) -> dict[str, Objects]:
    """The objects of each profile."""
    return {profile.stem: all_cases[profile.stem] for profile in PROFILES}


@pytest.fixture(params=CASES)
def profile(request: pytest.FixtureRequest) -> str:
    """One profile after the other, then the options."""
    return str(request.param)


@pytest.fixture
def objects(profile: str, all_cases: dict[str, Objects]) -> Objects:
    """What the profile renders to."""
    return all_cases[profile]


@pytest.fixture
def values(profile: str) -> Json:
    """Every value, as the charts see it under this profile."""
    return whole(case_values(profile))


@pytest.fixture
def pods(objects: Objects) -> list[Workload]:
    """Everything that makes pods."""
    return workloads(objects)
