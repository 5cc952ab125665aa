"""NetworkPolicies are the table of edges, both ways, and nothing more."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlsplit

from tests.edges import Edge, edges
from tests.helm.conftest import Objects
from tests.helm.rendered import COMPONENT, RELEASE, Json, Workload, is_on, of_kind, selects, workloads

Labels = dict[str, str]
Rules = list[Json] | None
WAYS = {"Egress": "to", "Ingress": "from"}


@dataclass(frozen=True)
class Ends:
    """What the policies say of one pod's two ways; None where none speaks of that way, so that all goes."""

    labels: Labels
    egress: Rules
    ingress: Rules


def ends(policies: list[Json], labels: Labels) -> Ends:
    """As Kubernetes joins the policies that select a pod."""
    specs = [each["spec"] for each in policies]
    selecting = [s for s in specs if selects(s["podSelector"].get("matchLabels", {}), labels)]
    ways = []
    for way in WAYS:
        speaking = [spec for spec in selecting if way in spec["policyTypes"]]
        ways.append([r for spec in speaking for r in spec.get(way.lower()) or []] if speaking else None)
    return Ends(labels, *ways)


def allowed(source: Ends, target: Ends, port: int) -> bool:
    """Whether both ends let a TCP connection through."""
    return _goes(source.egress, "to", target.labels, port) and _goes(
        target.ingress, "from", source.labels, port
    )


def _goes(rules: Rules, peers: str, other: Labels, port: int) -> bool:
    return rules is None or any(
        _is_peer(rule.get(peers), other) and _is_port(rule.get("ports"), port) for rule in rules
    )


def _is_peer(peers: list[Json] | None, labels: Labels) -> bool:
    """An address block or a namespace may hold the pod; only labels of pods can leave it out."""
    return peers is None or any(
        selects(peer.get("podSelector", {}).get("matchLabels", {}), labels) for peer in peers
    )


def _is_port(ports: list[Json] | None, port: int) -> bool:
    return ports is None or any(
        each.get("protocol", "TCP") == "TCP"
        and each["port"] <= port <= int(each.get("endPort") or each["port"])
        for each in ports
    )


def _labels(pods: list[Workload]) -> dict[str, Labels]:
    return {each.component: each.template["metadata"]["labels"] for each in pods}


def test_every_pair_of_parts_is_as_the_table_says(pods: list[Workload], objects: Objects) -> None:
    policies = of_kind(objects, "NetworkPolicy")
    parts = {part: ends(policies, labels) for part, labels in _labels(pods).items()}
    wanted = {(edge.source, edge.target, edge.port) for edge in edges() if edge.network is True}
    ports = {edge.port for edge in edges()} | {1, 65535}
    for source, target, port in product(parts, parts, ports):
        found = allowed(parts[source], parts[target], port)
        assert found == ((source, target, port) in wanted), (source, target, port)


def test_a_door_that_the_table_does_not_know_would_be_found(all_profiles: dict[str, Objects]) -> None:
    objects = all_profiles["cpu"]
    policies, labels = of_kind(objects, "NetworkPolicy"), _labels(workloads(objects))["webapp"]
    door = {"podSelector": {}, "policyTypes": ["Egress", "Ingress"], "egress": [{}], "ingress": [{}]}
    shut, opened = ends(policies, labels), ends([*policies, {"spec": door}], labels)
    assert not allowed(shut, shut, 1) and allowed(opened, opened, 1)
    without = ends([], labels)
    assert allowed(without, without, 1)


def test_the_default_is_to_refuse(pods: list[Workload], objects: Objects) -> None:
    deny = next(
        each for each in of_kind(objects, "NetworkPolicy") if each["metadata"]["name"] == "rag-default-deny"
    )
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"] and not {"ingress", "egress"} & set(
        deny["spec"]
    )
    for each in pods:
        assert selects(deny["spec"]["podSelector"]["matchLabels"], each.template["metadata"]["labels"])


def test_every_policy_selects_a_part_of_the_release_by_its_labels(
    pods: list[Workload], objects: Objects
) -> None:
    labels = list(_labels(pods).values())
    for policy in of_kind(objects, "NetworkPolicy"):
        selector = policy["spec"]["podSelector"]
        assert set(selector) == {"matchLabels"}, policy["metadata"]["name"]
        assert any(selects(selector["matchLabels"], each) for each in labels), policy["metadata"]["name"]


def test_each_policy_is_its_parts_rows_and_nothing_more(values: Json, objects: Objects) -> None:
    for policy in of_kind(objects, "NetworkPolicy"):
        part = policy["spec"]["podSelector"]["matchLabels"].get(COMPONENT)
        assert part or policy["metadata"]["name"] == "rag-default-deny"
        for way, peers in WAYS.items():
            found = {
                _said(rule.get(peers), rule.get("ports")) for rule in policy["spec"].get(way.lower(), [])
            }
            assert found == set(_rows(values, str(part), way)), (policy["metadata"]["name"], way)


def _said(peers: object, ports: object) -> str:
    return json.dumps([peers, ports], sort_keys=True)


def _rows(values: Json, part: str, way: str) -> Iterator[str]:
    """The rules that the rows in force make of one way of one part."""
    for edge in edges():
        mine, other = (edge.source, edge.target) if way == "Egress" else (edge.target, edge.source)
        if mine == part and is_on(edge, values):
            ports = [{"port": _port(values, edge), "protocol": "TCP"}]
            ports += [{"port": 53, "protocol": "UDP"}] if edge.target == "dns" else []
            yield _said(_peers(values, edge, other), ports)


def _peers(values: Json, edge: Edge, other: str) -> object:
    if edge.network is not True:
        return values["global"]["networkPolicy"][edge.network]
    labels = {"name": "groundwork", "instance": RELEASE, "component": other}
    return [{"podSelector": {"matchLabels": {f"app.kubernetes.io/{k}": v for k, v in labels.items()}}}]


def _port(values: Json, edge: Edge) -> int:
    """The row's, or the one that the address outside names."""
    ours = values["global"]
    receiver = "grpcEndpoint" if edge.source == "llm" else "endpoint"
    addresses = {
        "external-postgres": f"//db:{ours['database']['port']}",
        "external-llm": ours["llm"]["url"],
        "external-telemetry": ours["telemetry"][receiver],
        "external-traces": f"//{values['otel']['exportTo']}",
        "external-gateway": values["webapp"]["gatewayUrl"],
        "external-embedder": values["gateway"]["embedderUrl"],
        "external-feedback": values["gateway"]["feedbackUrl"],
        "external-models": values["llm"]["modelStorage"]["endpoint"],
    }
    address = urlsplit(addresses.get(edge.target, ""))
    return address.port or {"http": 80, "https": 443}.get(address.scheme, edge.port)


OUR_KIND = {
    "external-postgres",
    "external-telemetry",
    "external-gateway",
    "external-embedder",
    "external-feedback",
}
"""What may stand outside the release and is no stranger."""


def test_only_the_collector_the_job_and_the_gateway_can_be_let_out() -> None:
    out = {(edge.source, edge.target) for edge in edges() if edge.target.startswith("external-")}
    strangers = {source for source, target in out if target not in OUR_KIND}
    assert strangers == {"gateway", "models", "collector"}
