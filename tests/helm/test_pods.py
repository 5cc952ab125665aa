"""What pods take: memory, processor, images, mounts."""

import re

from tests.helm.conftest import Objects
from tests.helm.effective import block
from tests.helm.rendered import Json, Workload, workloads

UNITS = {"Mi": 1, "Gi": 1024}
CORES_MILLI, MEMORY_MEBI = 1200, 12 * 1024
NAMED = re.compile(r"^[\w.:/-]+?(@sha256:[0-9a-f]{64}|:(?!latest)[\w.-]+)$")


def test_every_mount_names_a_volume(pods: list[Workload]) -> None:
    for each in pods:
        names = {volume["name"] for volume in each.pod["volumes"]}
        if each.object["kind"] == "StatefulSet":
            names |= {claim["metadata"]["name"] for claim in each.object["spec"]["volumeClaimTemplates"]}
        for container in each.containers:
            assert {mount["name"] for mount in container["volumeMounts"]} <= names


def test_every_container_has_requests_and_a_memory_limit(pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), each.component
            assert "memory" in container["resources"]["limits"], each.component


def test_who_shares_memory_between_processes_has_room_for_it(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.component in ("llm", "postgres")):
        assert "/dev/shm" in {mount["mountPath"] for mount in each.main["volumeMounts"]}


def test_volumes_in_memory_fit_the_limit_that_they_count_against(pods: list[Workload]) -> None:
    for each in pods:
        volumes = [v["emptyDir"] for v in each.pod["volumes"] if v.get("emptyDir", {}).get("medium")]
        limit = _mebi(each.main["resources"]["limits"]["memory"])
        assert sum(_mebi(volume["sizeLimit"]) for volume in volumes) < limit, each.component


def test_images_are_named_by_a_version_or_a_digest(profile: str, pods: list[Workload]) -> None:
    for image in (image for each in pods for image in _images(each)):
        assert NAMED.search(image), image
        if profile == "airgap":
            assert image.startswith("registry.internal:5000/") and "@sha256:" in image, image


def _images(workload: Workload) -> list[str]:
    volumes = [v["image"]["reference"] for v in workload.pod["volumes"] if "image" in v]
    return [container["image"] for container in workload.containers] + volumes


def test_the_default_fits_two_cores_with_one_surge_pod(all_profiles: dict[str, Objects]) -> None:
    pods = [each for each in workloads(all_profiles["cpu"]) if each.serves]
    for name, most in (("cpu", CORES_MILLI), ("memory", MEMORY_MEBI)):
        asked = [_asks(each, name) for each in pods]
        surge = max(_asks(each, name) for each in pods if each.object["kind"] == "Deployment")
        assert sum(asked) + surge <= most


def test_the_default_fits_two_cores_while_its_jobs_run(all_profiles: dict[str, Objects]) -> None:
    pods = workloads(all_profiles["cpu"])
    assert sum(_asks(each, "cpu") for each in pods) <= CORES_MILLI
    assert sum(_asks(each, "memory") for each in pods) <= MEMORY_MEBI


def test_the_values_say_what_is_asked_for(values: Json, pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.serves):
        mine = block(values, each.component)
        profile = mine.get("resourceProfiles", {}).get(mine.get("resourceProfile"), {})
        assert each.main["resources"] == (profile.get("resources") or mine["resources"]), each.component


def _asks(workload: Workload, name: str) -> int:
    """What the scheduler counts: the containers together, or one that runs before them and asks for more."""
    read = _milli if name == "cpu" else _mebi
    asked = [read(c["resources"]["requests"][name]) for c in workload.pod["containers"]]
    before = [read(c["resources"]["requests"][name]) for c in workload.pod.get("initContainers") or []]
    return max([sum(asked), *before])


def _milli(quantity: str | int) -> int:
    words = str(quantity)
    return int(words[:-1]) if words.endswith("m") else int(words) * 1000


def _mebi(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]
