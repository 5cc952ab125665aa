"""Rules for every pod of every profile: restricted, bounded, told when to end."""

import re

import yaml

from tests.helm.conftest import Objects
from tests.helm.rendered import Json, Workload, of_kind, workloads

SAME_PROBE = {"llm", "webapp", "postgres", "collector"}
"""Other people's servers, which have one address for both."""

SPARE_S = 10
ALLOWED_VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "image"}


def test_pod_security_is_restricted(pods: list[Workload]) -> None:
    for each in pods:
        pod = each.pod["securityContext"]
        assert pod["runAsNonRoot"] is True and pod["runAsUser"] >= 999
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(each.pod)
        for container in each.containers:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert not any("hostPort" in port for port in container.get("ports", []))


def test_volumes_are_of_kinds_that_restricted_allows(pods: list[Workload]) -> None:
    for each in pods:
        for volume in each.pod["volumes"]:
            assert set(volume) - {"name"} <= ALLOWED_VOLUMES
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"]


def test_every_mount_names_a_volume(pods: list[Workload]) -> None:
    for each in pods:
        names = {volume["name"] for volume in each.pod["volumes"]}
        if each.object["kind"] == "StatefulSet":
            names |= {claim["metadata"]["name"] for claim in each.object["spec"]["volumeClaimTemplates"]}
        for container in each.containers:
            assert {mount["name"] for mount in container["volumeMounts"]} <= names


def test_vllm_runs_as_the_user_that_its_image_knows(pods: list[Workload]) -> None:
    for each in pods:
        expected = {"llm": 2000, "postgres": 999}.get(each.component, 10001)
        assert each.component == "models" or each.pod["securityContext"]["runAsUser"] == expected
        assert each.pod["securityContext"]["fsGroup"] == each.pod["securityContext"]["runAsUser"]


def test_every_container_has_requests_and_a_memory_limit(pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), each.component
            assert "memory" in container["resources"]["limits"], each.component


def test_no_pod_has_a_token_or_the_addresses_of_its_neighbours(
    pods: list[Workload], objects: Objects
) -> None:
    accounts = {each["metadata"]["name"]: each for each in of_kind(objects, "ServiceAccount")}
    for each in pods:
        assert each.pod["automountServiceAccountToken"] is False and each.pod["enableServiceLinks"] is False
        assert accounts[each.pod["serviceAccountName"]]["automountServiceAccountToken"] is False


def test_nothing_asks_for_rights_in_the_cluster(objects: Objects) -> None:
    assert not {each["kind"] for each in objects} & {
        "Role",
        "ClusterRole",
        "RoleBinding",
        "ClusterRoleBinding",
    }


def test_who_serves_has_probes_and_the_start_has_its_budget(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.serves):
        startup, liveness = each.main["startupProbe"], each.main["livenessProbe"]
        budget_s = startup["periodSeconds"] * startup["failureThreshold"]
        assert budget_s >= {"llm": 600, "embedder": 300, "postgres": 300, "collector": 60}.get(
            each.component, 120
        )
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 60
        if each.component not in SAME_PROBE:
            assert (
                liveness["httpGet"]["path"] == "/healthz"
                and each.main["readinessProbe"]["httpGet"]["path"] == "/readyz"
            )


def test_a_rollout_is_given_longer_than_a_start(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        startup = each.main["startupProbe"]
        assert (
            each.object["spec"]["progressDeadlineSeconds"]
            > startup["periodSeconds"] * startup["failureThreshold"]
        )


def test_the_grace_covers_sleep_and_drain(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.serves):
        sleep_s = each.main.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        drain_s = int(environment(each.main).get("DRAIN_S", 0))
        assert each.pod["terminationGracePeriodSeconds"] >= sleep_s + drain_s + SPARE_S, each.component


def test_the_gateway_and_the_model_drain_as_long_as_an_answer_may_take(pods: list[Workload]) -> None:
    by_part = {each.component: environment(each.main) for each in pods if each.serves}
    answer_s = int(by_part["gateway"]["REQUEST_DEADLINE_S"])
    assert int(by_part["gateway"]["DRAIN_S"]) >= answer_s
    assert "llm" not in by_part or int(by_part["llm"]["DRAIN_S"]) >= answer_s


def test_a_volume_of_one_node_never_meets_a_surge(pods: list[Workload], objects: Objects) -> None:
    single = {
        claim["metadata"]["name"]
        for claim in of_kind(objects, "PersistentVolumeClaim")
        if claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    }
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        claims = {volume.get("persistentVolumeClaim", {}).get("claimName") for volume in each.pod["volumes"]}
        if claims & single:
            assert (
                each.object["spec"]["strategy"] == {"type": "Recreate"}
                and each.object["spec"]["replicas"] == 1
            )


def test_a_budget_stands_only_where_there_are_replicas(objects: Objects) -> None:
    replicas = {each["metadata"]["name"]: each["spec"]["replicas"] for each in of_kind(objects, "Deployment")}
    budgets = {each["metadata"]["name"] for each in of_kind(objects, "PodDisruptionBudget")}
    assert budgets == {name for name, count in replicas.items() if count > 1}


def test_replicas_are_spread(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.object["kind"] == "Deployment"):
        assert ("topologySpreadConstraints" in each.pod) == (each.object["spec"]["replicas"] > 1)


def test_a_changed_configuration_restarts_the_pod(pods: list[Workload]) -> None:
    assert all(each.template["metadata"]["annotations"]["checksum/config"] for each in pods if each.serves)


def test_images_are_named_by_a_version_or_a_digest(profile: str, pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            assert re.search(r"(@sha256:[0-9a-f]{64}|:(?!latest)[\w.-]+)$", container["image"]), container[
                "image"
            ]
            assert profile != "airgap" or container["image"].startswith("registry.internal:5000/")
            assert profile != "airgap" or "@sha256:" in container["image"]


def test_the_default_fits_two_cores_with_one_surge_pod(all_profiles: dict[str, Objects]) -> None:
    pods = _serving(all_profiles["cpu"])
    cpu = [sum(_milli(c["resources"]["requests"]["cpu"]) for c in each.pod["containers"]) for each in pods]
    memory = [
        sum(_mebi(c["resources"]["requests"]["memory"]) for c in each.pod["containers"]) for each in pods
    ]
    assert sum(cpu) + max(cpu) <= 1200
    assert sum(memory) + max(memory) <= 12 * 1024


def _serving(objects: Objects) -> list[Workload]:
    return [each for each in workloads(objects) if each.serves]


def _milli(quantity: str | int) -> int:
    words = str(quantity)
    return int(words[:-1]) if words.endswith("m") else int(words) * 1000


def _mebi(quantity: str) -> int:
    return int(quantity[:-2]) * {"Mi": 1, "Gi": 1024}[quantity[-2:]]


def test_the_collector_uses_all_that_it_defines(objects: Objects) -> None:
    for each in of_kind(objects, "ConfigMap"):
        if "config.yaml" in each["data"]:
            assert unused(yaml.safe_load(each["data"]["config.yaml"])) == set()


def unused(config: Json) -> set[str]:
    """What the collector's configuration defines and no pipeline names."""
    pipelines = config["service"]["pipelines"].values()
    used = {
        name
        for pipeline in pipelines
        for kind in ("receivers", "processors", "exporters")
        for name in pipeline[kind]
    }
    kinds = ("receivers", "processors", "exporters", "connectors")
    defined = {name for kind in kinds for name in config.get(kind, {})} | set(config["extensions"])
    return defined - used - set(config["service"]["extensions"])


def test_an_unused_processor_would_be_found() -> None:
    config = {"processors": {"batch": {}}, "extensions": {}, "service": {"extensions": [], "pipelines": {}}}
    assert unused(config) == {"batch"}


def environment(container: Json) -> dict[str, str]:
    """The variables that have a plain value."""
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}
