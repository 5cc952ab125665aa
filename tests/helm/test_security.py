"""Every pod is restricted in all that Pod Security asks for, has no token and asks for no right."""

from tests.helm.conftest import Objects
from tests.helm.rendered import Workload, of_kind

CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""All of it: whatever else a container could ask for (privileged, another user, procMount, …) it does not."""

USERS = {"llm": 2000, "postgres": 999}
VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "image"}
SOURCES = {"secret", "configMap", "downwardAPI"}
RIGHTS = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}


def test_every_container_is_restricted_and_asks_for_nothing_else(pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            assert container["securityContext"] == CONTAINER, (each.component, container["name"])
            assert not any("hostPort" in port for port in container.get("ports", []))


def test_every_pod_runs_as_a_number_and_asks_for_nothing_else(pods: list[Workload]) -> None:
    for each in pods:
        context = dict(each.pod["securityContext"])
        uid = context.pop("runAsUser")
        assert isinstance(uid, int) and uid >= 999, each.component
        assert context == {
            "runAsNonRoot": True,
            "runAsGroup": uid,
            "fsGroup": uid,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }, each.component


def test_vllm_and_postgres_run_as_the_users_that_their_images_know(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.component != "models"):
        assert each.pod["securityContext"]["runAsUser"] == USERS.get(each.component, 10001)


def test_the_job_that_fetches_a_model_runs_as_who_reads_it(pods: list[Workload]) -> None:
    users = {each.component: each.pod["securityContext"]["runAsUser"] for each in pods}
    for each in (pod for pod in pods if pod.component == "models"):
        reader = "llm" if "llm-models" in each.object["metadata"]["name"] else "embedder"
        assert each.pod["securityContext"]["runAsUser"] == users[reader]


def test_nothing_of_the_node_is_shared(pods: list[Workload]) -> None:
    for each in pods:
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "ephemeralContainers"} & set(each.pod)


def test_volumes_are_of_kinds_that_restricted_allows_and_bounded(pods: list[Workload]) -> None:
    for each in pods:
        for volume in each.pod["volumes"]:
            assert set(volume) - {"name"} <= VOLUMES, volume
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"], volume
            for source in volume.get("projected", {}).get("sources", []):
                assert set(source) <= SOURCES, f"{each.component}: {source}"


def test_no_pod_has_a_token_or_the_addresses_of_its_neighbours(
    pods: list[Workload], objects: Objects
) -> None:
    accounts = {each["metadata"]["name"]: each for each in of_kind(objects, "ServiceAccount")}
    for each in pods:
        assert each.pod["automountServiceAccountToken"] is False and each.pod["enableServiceLinks"] is False
        assert accounts[each.pod["serviceAccountName"]]["automountServiceAccountToken"] is False


def test_nothing_asks_for_rights_in_the_cluster(objects: Objects) -> None:
    assert not {each["kind"] for each in objects} & RIGHTS


def test_nothing_is_reachable_from_outside_but_through_an_entry(objects: Objects) -> None:
    for service in of_kind(objects, "Service"):
        assert service["spec"]["type"] == "ClusterIP" and "externalIPs" not in service["spec"]
