"""The network allows what the table of edges names, and nothing else: every door is tried."""

import pytest

from tests.cluster.probe import NO_PYTHON, Door, addresses, owned, probe_pod, tried_from
from tests.cluster.release import Release
from tests.edges import edges

ONLY_JOBS = ("migrate", "test", "models")
OUTSIDE: list[Door] = [("outside", "198.51.100.7", 443), ("outside by web", "203.0.113.9", 80)]
"""Addresses that documentation may use; nobody answers there, so only the error can tell (RFC 5737)."""


@pytest.fixture(scope="module")
def doors(release: Release) -> dict[str, list[tuple[str, int, str]]]:
    """For each part that listens: port and address."""
    ports: dict[str, set[int]] = {}
    for edge in edges():
        ports.setdefault(edge.target, set()).add(edge.port)
    found = addresses(release)
    return {
        part: [(part, port, found[part]) for port in sorted(ports[part])] for part in found if part in ports
    }


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
    api = release.cluster.must("kubectl", "get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
    found = tried_from(release, pod, container, [*tries, *OUTSIDE, ("api", api, 443)])
    assert {door for door, what in found.items() if what == "open"} == wanted_from(source)


def test_names_are_resolved_where_the_table_says(release: Release) -> None:
    pods = release.pods()
    for part in ("gateway", "worker", "embedder", "llm", "feedback", "webapp"):
        words = ("exec", pods[part]["metadata"]["name"], "-c", part, "--", "python", "-c")
        release.kubectl(*words, "import socket; socket.gethostbyname('kubernetes.default.svc')")


def test_without_the_policies_the_same_probe_finds_the_doors_open(
    release: Release, doors: dict[str, list[tuple[str, int, str]]]
) -> None:
    (llm,) = list(doors["llm"])
    webapp = release.pods()["webapp"]["metadata"]["name"]
    saved = release.kubectl(
        "get", "networkpolicy", owned("webapp"), owned("llm"), "rag-default-deny", "-o", "yaml"
    )
    release.kubectl("delete", "networkpolicy", owned("webapp"), owned("llm"), "rag-default-deny")
    try:
        found = tried_from(release, webapp, "webapp", [("llm", llm[2], llm[1])])
        for _ in range(10):
            if found == {"llm": "open"}:
                break
            found = tried_from(release, webapp, "webapp", [("llm", llm[2], llm[1])])
        assert found == {"llm": "open"}
    finally:
        release.kubectl("apply", "-f", "-", text=saved)
