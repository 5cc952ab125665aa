"""Objects that name each other: every name leads to something of the release, or to what the values declare."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.edges import edges
from tests.helm.conftest import Objects
from tests.helm.effective import declared
from tests.helm.rendered import Json, Workload, of_kind, selects, workloads

IMPORTED_UNUSED = {("worker", "LLM_URL"), ("worker", "FEEDBACK_URL")}
"""The worker reads the gateway's settings, and calls neither."""


class Named(NamedTuple):
    """A pod's word for another object, with the keys that it takes of it."""

    kind: str
    name: str
    keys: frozenset[str] = frozenset()


def named(pod: Json) -> Iterator[Named]:
    """Every object that a pod's spec names."""
    yield Named("ServiceAccount", pod["serviceAccountName"])
    yield from (Named("Secret", each["name"]) for each in pod.get("imagePullSecrets", []))
    for volume in pod["volumes"]:
        if "persistentVolumeClaim" in volume:
            yield Named("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
        for source in (volume, *volume.get("projected", {}).get("sources", [])):
            yield from _files(source)


def _files(source: Json) -> Iterator[Named]:
    for field, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
        if field in source:
            found = source[field]
            keys = frozenset(item["key"] for item in found.get("items", []))
            yield Named(kind, found.get("secretName") or found["name"], keys)


def test_every_name_leads_to_an_object_with_those_keys(
    values: Json, pods: list[Workload], objects: Objects
) -> None:
    made = {(each["kind"], each["metadata"]["name"]): set(each.get("data", {})) for each in objects}
    for each in pods:
        for name in named(each.pod):
            if name.name not in declared(values):
                assert (name.kind, name.name) in made, (each.component, name)
                assert name.keys <= made[name.kind, name.name], (each.component, name)


def test_a_secret_of_yours_needs_the_keys_that_ours_has(
    values: Json, pods: list[Workload], all_profiles: dict[str, Objects]
) -> None:
    (ours,) = of_kind(all_profiles["cpu"], "Secret")
    theirs = values["global"]["existingSecret"]
    for name in (name for each in pods for name in named(each.pod) if name.name == theirs):
        assert name.keys <= set(ours["data"])


def test_every_key_that_is_made_is_read(all_profiles: dict[str, Objects]) -> None:
    (secret,) = of_kind(all_profiles["cpu"], "Secret")
    names = [name for each in workloads(all_profiles["cpu"]) for name in named(each.pod)]
    read = {key for name in names if name.kind == "Secret" for key in name.keys}
    assert read == set(secret["data"])


def test_services_lead_to_ports_of_their_pods_by_name(pods: list[Workload], objects: Objects) -> None:
    for service in of_kind(objects, "Service"):
        (target,) = [
            each
            for each in pods
            if each.serves and selects(service["spec"]["selector"], each.template["metadata"]["labels"])
        ]
        ports = {port["name"]: port["containerPort"] for port in target.main["ports"]}
        assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports


def test_a_stateful_set_has_its_service(objects: Objects) -> None:
    services = {each["metadata"]["name"] for each in of_kind(objects, "Service")}
    assert {each["spec"]["serviceName"] for each in of_kind(objects, "StatefulSet")} <= services


def test_selectors_match_their_own_pods(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.serves):
        assert selects(each.object["spec"]["selector"]["matchLabels"], each.template["metadata"]["labels"])


def test_budgets_and_spreads_count_the_pods_that_they_are_named_after(
    pods: list[Workload], objects: Objects
) -> None:
    labels = {each.object["metadata"]["name"]: each.template["metadata"]["labels"] for each in pods}
    for budget in of_kind(objects, "PodDisruptionBudget"):
        mine = labels[budget["metadata"]["name"]]
        assert selects(budget["spec"]["selector"]["matchLabels"], mine), budget["metadata"]["name"]
    for each in pods:
        for spread in each.pod.get("topologySpreadConstraints", []):
            assert selects(spread["labelSelector"]["matchLabels"], each.template["metadata"]["labels"])


def test_every_address_inside_has_its_service_and_its_row(pods: list[Workload], objects: Objects) -> None:
    there = {
        (service["metadata"]["name"], port["port"])
        for service in of_kind(objects, "Service")
        for port in service["spec"]["ports"]
    }
    rows = {(edge.source, edge.target, edge.port) for edge in edges() if edge.network is True}
    for each in pods:
        for name, (host, port) in addresses(each).items():
            assert (host, port) in there, (each.component, name)
            target = host.removeprefix("rag-")
            if (each.component, name) not in IMPORTED_UNUSED:
                assert (each.component, target, port) in rows, (each.component, name)


def addresses(workload: Workload) -> dict[str, tuple[str, int]]:
    """Variables that are addresses of this release, as host and port."""
    found = {}
    for variable in (each for container in workload.containers for each in container["env"]):
        host = variable.get("value", "").partition("://")[2].partition("/")[0].rpartition("@")[2]
        if host.startswith("rag-"):
            found[variable["name"]] = (host.partition(":")[0], int(host.partition(":")[2]))
    return found


def test_names_stand_once_and_leave_the_namespace_to_the_release(objects: Objects) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))
    assert not [each["metadata"]["name"] for each in objects if "namespace" in each["metadata"]]


def test_a_visitor_stays_on_one_replica(objects: Objects) -> None:
    sticky = {
        each["metadata"]["name"]
        for each in of_kind(objects, "Service")
        if each["spec"].get("sessionAffinity") == "ClientIP"
    }
    assert sticky == {"rag-webapp"}


@pytest.mark.parametrize("profile", ["everything-on"])
def test_classes_of_priority_are_of_the_release(pods: list[Workload], objects: Objects) -> None:
    made = {each["metadata"]["name"] for each in of_kind(objects, "PriorityClass")}
    assert {each.pod["priorityClassName"] for each in pods} == made
