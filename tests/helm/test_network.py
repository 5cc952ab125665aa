"""NetworkPolicies are the table of edges, both ways, and nothing more."""

from collections.abc import Iterator

from tests.edges import Edge, edges
from tests.helm.conftest import Objects
from tests.helm.rendered import COMPONENT, Json, Workload, is_on, of_kind, selects, workloads

Labels = dict[str, str]


def allowed(policies: list[Json], source: Labels, target: Labels, port: int) -> bool:
    """Whether both ends let the connection through, as Kubernetes reads the policies of one namespace."""
    return _one_way(policies, source, target, port, "egress", "to") and _one_way(
        policies, target, source, port, "ingress", "from"
    )


def _one_way(policies: list[Json], mine: Labels, theirs: Labels, port: int, way: str, peers: str) -> bool:
    selecting = [
        each["spec"] for each in policies if selects(each["spec"]["podSelector"].get("matchLabels", {}), mine)
    ]
    selecting = [spec for spec in selecting if way.capitalize() in spec["policyTypes"]]
    if not selecting:
        return True
    rules = [rule for spec in selecting for rule in spec.get(way, [])]
    return any(
        port in {each["port"] for each in rule["ports"]}
        and any(_is_peer(peer, theirs) for peer in rule[peers])
        for rule in rules
    )


def _is_peer(peer: Json, labels: Labels) -> bool:
    return set(peer) == {"podSelector"} and selects(peer["podSelector"]["matchLabels"], labels)


def _labels(pods: list[Workload]) -> dict[str, Labels]:
    return {each.component: each.template["metadata"]["labels"] for each in pods}


def _ports() -> set[int]:
    return {edge.port for edge in edges()}


def test_every_pair_of_parts_is_as_the_table_says(pods: list[Workload], objects: Objects) -> None:
    policies, labels = of_kind(objects, "NetworkPolicy"), _labels(pods)
    wanted = {(edge.source, edge.target, edge.port) for edge in edges() if edge.network is True}
    for source in labels:
        for target in labels:
            for port in _ports():
                found = allowed(policies, labels[source], labels[target], port)
                assert found == ((source, target, port) in wanted), (source, target, port)


def test_a_door_that_the_table_does_not_know_would_be_found(all_profiles: dict[str, Objects]) -> None:
    objects = all_profiles["cpu"]
    policies, webapp = of_kind(objects, "NetworkPolicy"), _labels(workloads(objects))["webapp"]
    anybody: list[Json] = [{"podSelector": {"matchLabels": {}}}]
    door = {"podSelector": {}, "policyTypes": ["Egress", "Ingress"]} | {
        "egress": [{"to": anybody, "ports": [{"port": 1}]}],
        "ingress": [{"from": anybody, "ports": [{"port": 1}]}],
    }
    assert not allowed(policies, webapp, webapp, 1)
    assert allowed([*policies, {"spec": door}], webapp, webapp, 1)


def test_the_default_is_to_refuse(pods: list[Workload], objects: Objects) -> None:
    deny = next(
        each for each in of_kind(objects, "NetworkPolicy") if each["metadata"]["name"] == "rag-default-deny"
    )
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"] and not {"ingress", "egress"} & set(
        deny["spec"]
    )
    for each in pods:
        assert selects(deny["spec"]["podSelector"]["matchLabels"], each.template["metadata"]["labels"])


def test_every_policy_selects_a_part_of_the_release(pods: list[Workload], objects: Objects) -> None:
    for policy in of_kind(objects, "NetworkPolicy"):
        selector = policy["spec"]["podSelector"]["matchLabels"]
        assert any(selects(selector, each.template["metadata"]["labels"]) for each in pods), policy[
            "metadata"
        ]["name"]


def test_who_stands_outside_is_reached_only_where_it_is_named(
    values: Json, pods: list[Workload], objects: Objects
) -> None:
    policies, parts = of_kind(objects, "NetworkPolicy"), set(_labels(pods))
    outside = [edge for edge in edges() if edge.network is not True and parts & {edge.source, edge.target}]
    for edge in outside:
        assert (edge.port in set(_outside_ports(policies, edge, parts))) == is_on(edge, values), edge


def _outside_ports(policies: list[Json], edge: Edge, parts: set[str]) -> Iterator[int]:
    """Ports of the rules that let the part of an edge speak with peers outside of the release."""
    part, way, peers = (
        (edge.source, "egress", "to") if edge.source in parts else (edge.target, "ingress", "from")
    )
    for policy in policies:
        if policy["spec"]["podSelector"]["matchLabels"].get(COMPONENT) == part:
            for rule in policy["spec"][way]:
                if any(set(peer) != {"podSelector"} for peer in rule[peers]):
                    yield from (port["port"] for port in rule["ports"])


def test_only_the_collector_the_job_and_the_gateway_can_be_let_out() -> None:
    out = {(edge.source, edge.target) for edge in edges() if edge.target.startswith("external-")}
    assert {source for source, target in out if target != "external-postgres"} == {
        "gateway",
        "models",
        "collector",
    }
