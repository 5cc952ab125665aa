"""Charts rendered by Helm in this process, as objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
import yaml

from tests.edges import Edge

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "helm/profiles").glob("*.yaml"))
OPTIONS = sorted((Path(__file__).parent / "options").glob("*.yaml"))
CASES = {file.stem: file for file in (*PROFILES, *OPTIONS)}
COMPANIONS = Path(__file__).parent / "companions"
RELEASE = "rag"
NAMESPACE = "rag"
COMPONENT = "app.kubernetes.io/component"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""As safe, and several times as fast."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """One rendered pod template with the object that makes pods of it."""

    object: Json
    template: Json

    @property
    def component(self) -> str:
        """The part that its pods are."""
        return str(self.template["metadata"]["labels"][COMPONENT])

    @property
    def pod(self) -> Json:
        """The pod's spec."""
        spec: Json = self.template["spec"]
        return spec

    @property
    def containers(self) -> list[Json]:
        """Init containers first."""
        return [*(self.pod.get("initContainers") or []), *self.pod["containers"]]

    @property
    def main(self) -> Json:
        """The container that the pod is for."""
        found: Json = self.pod["containers"][0]
        return found

    @property
    def serves(self) -> bool:
        """Whether it runs for ever, so that it has probes."""
        return self.object["kind"] in ("Deployment", "StatefulSet")


def render(package: Path, values: Json, upgrade: bool = False) -> list[Json]:
    """Every object of a release; a handle is good for one render, since Helm takes disabled charts out of it."""
    with helm_python.Chart.load(package) as chart:
        texts = chart.render(
            values,
            name=RELEASE,
            namespace=NAMESPACE,
            revision=2 if upgrade else 1,
            is_install=not upgrade,
            is_upgrade=upgrade,
        )
    return list(_objects(texts))


def _objects(texts: Mapping[str, str]) -> Iterator[Json]:
    for path in sorted(texts):
        if path.endswith(".yaml"):
            for each in yaml.load_all(texts[path], Loader=LOADER):
                if each:
                    yield each


def read_values(path: Path) -> Json:
    """A values file."""
    values: Json = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return values


def merged(first: Json, second: Json) -> Json:
    """Both values in one; the second wins."""
    both = dict(first)
    for name, value in second.items():
        old = both.get(name)
        both[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def case_values(name: str) -> Json:
    """What a profile or an option says, with the second file that a profile wants."""
    companion = COMPANIONS / f"{name}.yaml"
    return merged(read_values(CASES[name]), read_values(companion) if companion.exists() else {})


def workloads(objects: list[Json]) -> list[Workload]:
    """Everything that makes pods, and the pod of `helm test`."""
    found = []
    for each in objects:
        if each["kind"] in ("Deployment", "StatefulSet", "Job"):
            found.append(Workload(each, each["spec"]["template"]))
        elif each["kind"] == "Pod":
            found.append(Workload(each, each))
    return found


def of_kind(objects: list[Json], kind: str) -> list[Json]:
    """The objects of one kind."""
    return [each for each in objects if each["kind"] == kind]


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Kubernetes' matchLabels."""
    return all(labels.get(name) == value for name, value in selector.items())


def is_on(edge: Edge, values: Json) -> bool:
    """Whether an edge's row is in force: always, or because its peers outside are named."""
    if edge.network is True:
        return True
    return edge.network == "dns" or bool(values.get("global", {}).get("networkPolicy", {}).get(edge.network))
