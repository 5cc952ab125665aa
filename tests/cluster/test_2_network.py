"""The network allows what the table of edges names, and nothing else: every door is tried."""

import json

import pytest

from tests.cluster.probe import NO_PYTHON, Door, addresses, owned, probe_pod, tried_from
from tests.cluster.release import Json, Release
from tests.edges import edges

ONLY_JOBS = ("migrate", "test", "models")


def outside(release: Release) -> list[Door]:
    """Who answers outside the release: the Kubernetes API by its Service, and by the node's own address."""
    service = release.cluster.must(
        "kubectl", "get", "service", "kubernetes", "-n", "default", "-o", "jsonpath={.spec.clusterIP}"
    )
    words = ("kubectl", "get", "endpoints", "kubernetes", "-n", "default", "-o", "json")
    (subset, *_) = json.loads(release.cluster.must(*words))["subsets"]
    node, port = subset["addresses"][0]["ip"], subset["ports"][0]["port"]
    return [("API", service, 443), ("node", node, port)]


@pytest.fixture(scope="module")
def doors(release: Release) -> dict[str, list[tuple[str, int, str]]]:
    """For each part: every port on which its containers listen, and the address of its pod."""
    found = addresses(release)
    return {
        part: [(part, port, found[part]) for port in sorted(ports_of(pod))]
        for part, pod in release.pods().items()
    }


def ports_of(pod: Json) -> set[int]:
    """The ports of a pod's containers, the health checks' too."""
    return {port["containerPort"] for each in pod["spec"]["containers"] for port in each.get("ports", [])}


def wanted_from(source: str) -> set[str]:
    """The doors that the table opens for a part."""
    return {
        f"{edge.target}:{edge.port}" for edge in edges() if edge.source == source and edge.network is True
    }


def pod_of(release: Release, part: str) -> tuple[str, str]:
    """A pod to try from, and its container."""
    if part in NO_PYTHON or part in ONLY_JOBS:
        return probe_pod(release, part), "probe"
    return release.pods()[part]["metadata"]["name"], part


@pytest.mark.parametrize(
    "source",
    ["webapp", "gateway", "worker", "embedder", "llm", "feedback", "postgres", "collector", *ONLY_JOBS],
)
def test_a_part_reaches_what_the_table_says_and_nothing_else(
    release: Release, doors: dict[str, list[tuple[str, int, str]]], source: str
) -> None:
    pod, container = pod_of(release, source)
    others = [door for part, each in doors.items() if part != source for door in each]
    tries: list[Door] = [(f"{part}:{port}", address, port) for part, port, address in others]
    found = tried_from(release, pod, container, [*tries, *outside(release)])
    assert {door for door, what in found.items() if what == "open"} == wanted_from(source)


def test_names_are_resolved_where_the_table_says(release: Release) -> None:
    pods = release.pods()
    for part in ("gateway", "worker", "embedder", "llm", "feedback", "webapp"):
        words = ("exec", pods[part]["metadata"]["name"], "-c", part, "--", "python", "-c")
        release.kubectl(*words, "import socket; socket.gethostbyname('kubernetes.default.svc')")


def test_without_the_policies_the_same_probe_finds_the_doors_open(
    release: Release, doors: dict[str, list[tuple[str, int, str]]]
) -> None:
    tries = [(part, doors[part][-1][2], doors[part][-1][1]) for part in ("llm", "collector")]
    tries += outside(release)
    webapp = release.pods()["webapp"]["metadata"]["name"]
    names = [owned("webapp"), owned("llm"), owned("collector"), "rag-default-deny"]
    saved = release.kubectl("get", "networkpolicy", *names, "-o", "yaml")
    release.kubectl("delete", "networkpolicy", *names)
    try:
        for _ in range(10):
            found = tried_from(release, webapp, "webapp", tries)
            if set(found.values()) == {"open"}:
                break
        assert found == {name: "open" for name, _, _ in tries}
    finally:
        release.kubectl("apply", "-f", "-", text=saved)
