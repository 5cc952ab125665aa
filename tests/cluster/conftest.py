"""One cluster, one namespace under Pod Security `restricted`, one installation for the whole run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from groundwork_dev.charts import package_all

from tests.cluster.cluster import REPORT, Cluster, open_cluster
from tests.cluster.measured import COLLECTION, MEASURED
from tests.cluster.release import Release, answers_again, upload

NAMESPACE = "groundwork-test"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster that the environment names."""
    with open_cluster() as found:
        yield found


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The packaged charts."""
    return package_all(tmp_path_factory.mktemp("charts") / "packages")


@pytest.fixture(scope="session")
def namespace(cluster: Cluster) -> Iterator[str]:
    """Where the release is installed."""
    with restricted(cluster, NAMESPACE) as name:
        yield name


@pytest.fixture
def empty_namespace(cluster: Cluster) -> Iterator[str]:
    """One in which nothing is ever made."""
    with restricted(cluster, f"{NAMESPACE}-empty") as name:
        yield name


@contextmanager
def restricted(cluster: Cluster, name: str) -> Iterator[str]:
    """An empty namespace that enforces `restricted`; gone afterwards."""
    cluster.run("kubectl", "delete", "namespace", name, "--ignore-not-found", timeout_s=300)
    cluster.must("kubectl", "create", "namespace", name)
    for mode in ("enforce", "warn", "audit"):
        cluster.must("kubectl", "label", "namespace", name, f"pod-security.kubernetes.io/{mode}=restricted")
    try:
        yield name
    finally:
        cluster.must("kubectl", "delete", "namespace", name, timeout_s=300)


@pytest.fixture(scope="session")
def release(
    cluster: Cluster, packages: dict[str, Path], namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Release]:
    """The default profile, installed; the collector says every span."""
    file = tmp_path_factory.mktemp("values") / "values.yaml"
    otel = dict(cluster.extra.get("otel", {})) | {"logDetail": "detailed"}  # type: ignore[call-overload]
    file.write_text(yaml.safe_dump({"otel": otel}), encoding="utf-8")
    made = Release(cluster, packages["groundwork"], namespace, file)
    started = time.monotonic()
    try:
        made.bring("install")
        MEASURED["ready_s"] = round(time.monotonic() - started, 1)
        with made.gateway() as client:
            upload(client, COLLECTION)
        answers_again(made, COLLECTION)
        MEASURED["first_cited_answer_s"] = round(time.monotonic() - started, 1)
        yield made
    finally:
        made.dump()


@pytest.fixture(scope="session", autouse=True)
def measured() -> Iterator[None]:
    """What was measured on the way is written down and printed."""
    yield
    if MEASURED:
        REPORT.mkdir(parents=True, exist_ok=True)
        text = json.dumps(MEASURED, indent=1)
        (REPORT / "measured.json").write_text(text, encoding="utf-8")
        print(f"\nmeasured: {text}")
