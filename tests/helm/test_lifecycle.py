"""How pods start, are watched and end: probes, budgets, grace, rollouts."""

from typing import Any

import pytest

from tests.helm.conftest import Objects
from tests.helm.effective import block, startup_s
from tests.helm.rendered import Json, Workload, of_kind

ALIVE = {"llm": "/health", "webapp": "/_stcore/health", "collector": "/"}
"""Other people's servers, which have one address for both questions; ours have two."""

SPARE_S = 10
ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


def serving(pods: list[Workload]) -> list[Workload]:
    """The parts that run for ever."""
    return [each for each in pods if each.serves]


def action(probe: Json) -> Any:
    """What a probe does, without how often."""
    return probe.get("httpGet") or probe.get("tcpSocket") or probe["exec"]


def test_liveness_asks_the_process_alone_and_readiness_what_it_needs(pods: list[Workload]) -> None:
    for each in serving(pods):
        paths = [each.main[name] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
        startup, alive, ready = (action(probe) for probe in paths)
        assert startup == alive, each.component
        if each.component == "postgres":
            # A server that recovers for an hour refuses questions, and lives.
            assert alive == {"port": "postgres"} and ready["command"][0] == "pg_isready"
        else:
            assert alive["path"] == ALIVE.get(each.component, "/healthz")
            assert ready["path"] == ALIVE.get(each.component, "/readyz")


def test_probes_ask_at_a_port_of_their_own_container(pods: list[Workload]) -> None:
    for each in serving(pods):
        ports = {port["name"] for port in each.main["ports"]}
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = action(each.main[name])
            assert "command" in asked or (asked["port"] in ports and "host" not in asked), each.component


def test_only_who_serves_is_probed(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if not pod.serves):
        assert not {"startupProbe", "livenessProbe", "readinessProbe"} & set(each.main)


def test_the_start_has_the_budget_that_the_values_say(values: Json, pods: list[Workload]) -> None:
    for each in serving(pods):
        startup = each.main["startupProbe"]
        budget_s = startup["periodSeconds"] * startup["failureThreshold"]
        assert budget_s >= startup_s(values, each.component), each.component


def test_a_process_that_hangs_for_a_minute_is_not_yet_dead(pods: list[Workload]) -> None:
    for each in serving(pods):
        alive = each.main["livenessProbe"]
        assert alive["periodSeconds"] * alive["failureThreshold"] >= 60


def test_a_rollout_is_given_longer_than_a_start(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        startup = each.main["startupProbe"]
        budget_s = startup["periodSeconds"] * startup["failureThreshold"]
        assert each.object["spec"]["progressDeadlineSeconds"] > budget_s


def test_the_grace_is_sleep_and_drain_and_ten_to_spare(values: Json, pods: list[Workload]) -> None:
    for each in serving(pods):
        life = block(values, each.component)["lifecycle"]
        sleep_s = each.main.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert sleep_s == life["preStopSeconds"], each.component
        needed_s = life["preStopSeconds"] + life["drainSeconds"] + SPARE_S
        assert each.pod["terminationGracePeriodSeconds"] == (life["graceSeconds"] or needed_s)
        assert each.pod["terminationGracePeriodSeconds"] >= needed_s, each.component


def test_our_servers_are_told_the_drain_that_the_values_say(values: Json, pods: list[Workload]) -> None:
    for each in serving(pods):
        if each.component not in ("postgres", "collector"):
            told = next(v["value"] for v in each.main["env"] if v["name"] == "DRAIN_S")
            assert int(told) == block(values, each.component)["lifecycle"]["drainSeconds"], each.component


def test_the_gateway_and_the_model_drain_as_long_as_an_answer_may_take(
    values: Json, pods: list[Workload]
) -> None:
    answer_s = values["gateway"]["requestDeadlineSeconds"]
    for each in (pod for pod in pods if pod.component in ("gateway", "llm")):
        assert block(values, each.component)["lifecycle"]["drainSeconds"] >= answer_s


def test_a_volume_of_one_node_never_meets_a_surge(
    values: Json, pods: list[Workload], objects: Objects
) -> None:
    modes = {
        claim["metadata"]["name"]: set(claim["spec"]["accessModes"])
        for claim in of_kind(objects, "PersistentVolumeClaim")
    }
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        claims = [v["persistentVolumeClaim"]["claimName"] for v in each.pod["volumes"] if _claims(v)]
        # A claim that somebody else made is of the kind that the values say.
        said = {values.get(each.component, {}).get("modelStorage", {}).get("accessMode", "")}
        if any(modes.get(name, said) & ONE_NODE for name in claims):
            assert each.object["spec"]["strategy"] == {"type": "Recreate"}, each.component
            assert each.object["spec"]["replicas"] == 1, each.component


def _claims(volume: Json) -> bool:
    return "persistentVolumeClaim" in volume


def test_a_budget_stands_only_where_there_are_replicas_and_lets_one_go(objects: Objects) -> None:
    replicas = {each["metadata"]["name"]: each["spec"]["replicas"] for each in of_kind(objects, "Deployment")}
    budgets = {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "PodDisruptionBudget")}
    assert set(budgets) == {name for name, count in replicas.items() if count > 1}
    assert all(spec["maxUnavailable"] == 1 and "minAvailable" not in spec for spec in budgets.values())


def test_replicas_are_spread(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        constraints = each.pod.get("topologySpreadConstraints", [])
        assert bool(constraints) == (each.object["spec"]["replicas"] > 1)
        for constraint in constraints:
            # An upgrade's pods beside the old ones, on the nodes that are left, must still find a place.
            assert constraint["matchLabelKeys"] == ["pod-template-hash"]
            assert constraint["nodeTaintsPolicy"] == "Honor"


def test_a_changed_configuration_restarts_the_pod(pods: list[Workload]) -> None:
    assert all(each.template["metadata"]["annotations"]["checksum/config"] for each in pods if each.serves)


def test_the_pod_of_helm_test_makes_room_for_the_next(objects: Objects) -> None:
    for each in of_kind(objects, "Pod"):
        hook = each["metadata"]["annotations"]
        assert hook["helm.sh/hook"] == "test"
        assert "before-hook-creation" in hook["helm.sh/hook-delete-policy"].split(",")


@pytest.mark.parametrize("profile", ["gpu"])
def test_a_card_is_given_half_an_hour_to_load_a_model(values: Json) -> None:
    assert startup_s(values, "llm") == 1800 and startup_s(values, "embedder") == 600
