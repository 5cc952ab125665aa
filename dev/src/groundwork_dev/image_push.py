"""Images in a registry: pushed with the collector's, and named for Helm by the digests that they have there."""

from collections.abc import Mapping

import yaml

from groundwork_dev.errors import RunnerError
from groundwork_dev.image_engine import Engine
from groundwork_dev.settings import ROOT

COLLECTOR = "otel"
"""The one image that is not built here; its chart names it."""

PUBLIC = "docker.io"


def values_of(built: Mapping[str, str], registry: str, digests: Mapping[str, str]) -> dict[str, object]:
    """Values for Helm that name exactly these images of a registry; by digest where they were pushed."""
    values: dict[str, object] = {"global": {"imageRegistry": registry} if digests else {}}
    for name, reference in built.items():
        repository, _, tag = reference.removeprefix(f"{registry}/").rpartition(":")
        value = {"registry": registry, "repository": repository, "tag": tag, "digest": digests.get(name, "")}
        if name == "models":
            values["global"] = dict(values["global"]) | {"modelsImage": value}  # type: ignore[call-overload]
        elif name == "worker":
            values["gateway"] = dict(values["gateway"]) | {"worker": {"image": value}}  # type: ignore[call-overload]
        elif name == "llm":
            values |= {"llm": {"image": value}}
            values["embedder"] = dict(values.get("embedder", {})) | {"loaderImage": value}  # type: ignore[call-overload]
        else:
            values[name] = {"image": value}
    return values


def push_all(
    engine: Engine, released: Mapping[str, str], registry: str, collector: str = ""
) -> tuple[dict[str, str], dict[str, str]]:
    """Pushes images and the collector; their references and digests there, by name. Raises RunnerError."""
    pushed, digests = {}, {}
    public, name = collector_names()
    for image, reference in {**released, COLLECTOR: collector or public}.items():
        target = f"{registry}/{name if image == COLLECTOR else reference.partition('/')[2]}"
        if image == COLLECTOR:
            _fetch(engine, reference)
        digests[image] = engine.push(reference, target)
        pushed[image] = target
        print(f"images: {image}: pushed as {target}@{digests[image]}", flush=True)
    return pushed, digests


def collector_names() -> tuple[str, str]:
    """Where everybody finds the collector that the chart names, and its name without a registry."""
    file = ROOT / "helm/charts/otel/values.yaml"
    image = yaml.safe_load(file.read_text(encoding="utf-8"))["image"]
    name = f"{image['repository']}:{image['tag']}"
    return f"{image['registry'] or PUBLIC}/{name}", name


def _fetch(engine: Engine, reference: str) -> None:
    if engine.has(reference):
        return
    try:
        engine.pull(reference)
    except RunnerError as error:
        raise RunnerError(
            f"images: the collector {reference} cannot be fetched; name another that can, or that is here, with"
            f" COLLECTOR=registry/name:tag ({error.args[0]})"
        ) from error
