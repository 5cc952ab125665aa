"""The collector's configuration: everything defined is used, in its order and at its ports."""

from collections.abc import Iterator

import yaml

from tests.helm.conftest import Objects
from tests.helm.rendered import Json, Workload, of_kind

KINDS = ("receivers", "processors", "exporters")


def collector(objects: Objects) -> Iterator[Json]:
    """The configuration, where the profile has a collector."""
    for each in of_kind(objects, "ConfigMap"):
        if "config.yaml" in each["data"]:
            yield yaml.safe_load(each["data"]["config.yaml"])


def faults(config: Json) -> list[str]:
    """What is defined and used nowhere, and what is used and defined nowhere; a connector is used at both ends."""
    connectors, found = set(config.get("connectors", {})), []
    for kind in KINDS:
        used = {name for each in config["service"]["pipelines"].values() for name in each.get(kind, [])}
        there = set(config.get(kind, {})) | (connectors if kind != "processors" else set())
        found += [f"{kind}: {name} is used nowhere" for name in sorted(there - used)]
        found += [f"{kind}: {name} is defined nowhere" for name in sorted(used - there)]
    extensions = set(config["extensions"]) ^ set(config["service"]["extensions"])
    return found + [f"extension {name} is used or defined, not both" for name in sorted(extensions)]


def test_the_collector_uses_all_that_it_defines(objects: Objects) -> None:
    for config in collector(objects):
        assert faults(config) == []


def test_a_processor_that_no_pipeline_names_is_found() -> None:
    pipes = {"traces": {"receivers": ["otlp"], "processors": ["limit"], "exporters": ["metrics"]}}
    config = {
        "receivers": {"otlp": {}},
        "processors": {"batch": {}},
        "connectors": {"metrics": {}},
        "extensions": {},
        "service": {"extensions": [], "pipelines": pipes},
    }
    assert faults(config) == [
        "receivers: metrics is used nowhere",
        "processors: batch is used nowhere",
        "processors: limit is defined nowhere",
    ]


def test_spans_are_limited_first_and_redacted_before_they_leave(objects: Objects) -> None:
    for config in collector(objects):
        for each in config["service"]["pipelines"].values():
            assert each["processors"][0] == "memory_limiter"
        spans = config["service"]["pipelines"]["traces"]["processors"]
        assert spans.index("redaction") < spans.index("batch")


def test_the_collector_listens_at_the_ports_of_its_container(pods: list[Workload], objects: Objects) -> None:
    for config in collector(objects):
        (part,) = [each for each in pods if each.component == "collector"]
        ports = {port["name"]: f"0.0.0.0:{port['containerPort']}" for port in part.main["ports"]}
        protocols = config["receivers"]["otlp"]["protocols"]
        assert ports == {
            "otlp-grpc": protocols["grpc"]["endpoint"],
            "otlp-http": protocols["http"]["endpoint"],
            "metrics": config["exporters"]["prometheus"]["endpoint"],
            "health": config["extensions"]["health_check"]["endpoint"],
        }
