"""Which cluster the tests use, and how images get into it."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from groundwork_dev.image_engine import find_engine

ROOT = Path(__file__).parents[2]
REPORT = ROOT / ".groundwork" / "cluster-report"
IMAGES = ROOT / ".groundwork" / "images" / "values.yaml"
KIND_CLUSTER = "groundwork-test"
KIT_COLLECTOR: dict[str, object] = {
    "otel": {"image": {"registry": "localhost", "repository": "test-cluster/otelcol", "tag": "1"}}
}
START_S = 300
IMAGES_S = 1500


@dataclass(frozen=True)
class Cluster:
    """A Kubernetes that answers, and the values that name its images."""

    environment: dict[str, str]
    values: list[Path]
    extra: dict[str, object] = field(default_factory=dict)

    def run(
        self, *words: str, timeout_s: float = 120, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command with this cluster's credentials; never raises for its status."""
        return subprocess.run(
            words,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def must(self, *words: str, timeout_s: float = 120, text: str | None = None) -> str:
        """What a command prints; the test fails with its words when it does not succeed."""
        done = self.run(*words, timeout_s=timeout_s, text=text)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stdout[-2000:]}{done.stderr[-3000:]}"
        return done.stdout


@contextmanager
def open_cluster() -> Iterator[Cluster]:
    """KUBECONFIG, else the kit at TEST_CLUSTER, else kind; ends what it started. Skips where there is none."""
    if os.environ.get("KUBECONFIG"):
        named = os.environ.get("CLUSTER_VALUES")
        yield Cluster(dict(os.environ), [Path(named)] if named else _built())
    elif kit := os.environ.get("TEST_CLUSTER"):
        with _kit(Path(kit)) as cluster:
            yield cluster
    elif shutil.which("kind"):
        with _kind() as cluster:
            yield cluster
    else:
        pytest.skip("no cluster: set KUBECONFIG (and CLUSTER_VALUES) or TEST_CLUSTER, or install kind")


@contextmanager
def _kit(kit: Path) -> Iterator[Cluster]:
    ran_before = subprocess.run([kit / "status"], capture_output=True, check=False).returncode == 0
    started = subprocess.run([kit / "up"], capture_output=True, text=True, timeout=START_S, check=False)
    assert started.returncode == 0, f"the cluster at TEST_CLUSTER did not start: {started.stderr[-2000:]}"
    try:
        yield _of_kit(kit, started.stdout)
    finally:
        if not ran_before:
            subprocess.run([kit / "down"], capture_output=True, timeout=START_S, check=False)


def _of_kit(kit: Path, printed: str) -> Cluster:
    line = next(line for line in printed.splitlines() if line.startswith("export "))
    shell = f'{line}; printf \'%s\\n%s\' "$KUBECONFIG" "$PATH"'
    config, path = subprocess.check_output(["bash", "-c", shell], text=True).splitlines()
    values = _built()
    subprocess.run([kit / "load-image", *images_in(values[0])], check=True, timeout=IMAGES_S)
    return Cluster(dict(os.environ) | {"KUBECONFIG": config, "PATH": path}, values, extra=KIT_COLLECTOR)


@contextmanager
def _kind() -> Iterator[Cluster]:
    subprocess.run(["kind", "create", "cluster", "--name", KIND_CLUSTER], check=True, timeout=START_S)
    try:
        values = _built()
        for image in images_in(values[0]):
            with tempfile.TemporaryDirectory() as folder:  # whichever engine built it, kind takes an archive
                archive = Path(folder) / "image.tar"
                find_engine().save(image, archive)
                words = ["kind", "load", "image-archive", str(archive), "--name", KIND_CLUSTER]
                subprocess.run(words, check=True, timeout=IMAGES_S)
        yield Cluster(dict(os.environ), values)
    finally:
        subprocess.run(["kind", "delete", "cluster", "--name", KIND_CLUSTER], check=False, timeout=START_S)


def _built() -> list[Path]:
    """Values that name the images, which are built where they have changed."""
    subprocess.run(["make", "images", "charts"], cwd=ROOT, check=True, timeout=IMAGES_S)
    return [IMAGES]


def images_in(values: Path) -> list[str]:
    """Every image that a values file names."""
    found: set[str] = set()

    def look(value: object) -> None:
        if isinstance(value, dict) and "repository" in value:
            found.add(f"{value['registry']}/{value['repository']}:{value['tag']}")
        elif isinstance(value, dict):
            for each in value.values():
                look(each)

    look(yaml.safe_load(values.read_text(encoding="utf-8")))
    return sorted(found)
