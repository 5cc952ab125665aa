"""What is off by default: other sources of the model, entries, telemetry elsewhere, TLS to a database."""

from pathlib import Path
from typing import Any

from tests.helm.rendered import Json, of_kind, render, workloads

ANYWHERE = [{"ipBlock": {"cidr": "0.0.0.0/0"}}]


def llm(umbrella: Path, **values: Any) -> tuple[list[Json], Json]:
    """The release with a model from elsewhere, and the llm's pod."""
    policy = {"networkPolicy": {"models": ANYWHERE}}
    objects = render(umbrella, {"llm": values, "gateway": {"answerMode": "write"}, "global": policy})
    return objects, next(each.pod for each in workloads(objects) if each.component == "llm")


def variables(pod: Json) -> dict[str, str]:
    """The main container's plain variables."""
    return {each["name"]: each.get("value", "") for each in pod["containers"][0]["env"]}


def volume(pod: Json) -> Json:
    """The volume that holds the model."""
    found: Json = next(each for each in pod["volumes"] if each["name"] == "models")
    return found


def test_the_packaged_model_is_copied_beside_the_images_own(umbrella: Path) -> None:
    _, pod = llm(umbrella)
    (init,) = pod["initContainers"]
    assert init["command"][-3:] == ["copy", "smollm2-135m-instruct", "/target"]
    assert {mount["mountPath"] for mount in init["volumeMounts"] if mount["name"] == "models"} == {"/target"}
    assert variables(pod)["LLM_MODEL"] == "/models/smollm2-135m-instruct" and "emptyDir" in volume(pod)


def test_a_claim_that_exists_is_mounted_and_nothing_is_fetched(umbrella: Path) -> None:
    objects, pod = llm(umbrella, model="pvc://shared/qwen")
    assert volume(pod)["persistentVolumeClaim"] == {"claimName": "shared"} and "initContainers" not in pod
    assert variables(pod)["LLM_MODEL"] == "/models/qwen"
    assert not of_kind(objects, "PersistentVolumeClaim")


def test_a_model_of_the_hub_is_fetched_once_by_a_job_and_waited_for(umbrella: Path) -> None:
    storage = {"endpoint": "https://mirror.example.org", "accessMode": "ReadWriteMany"}
    objects, pod = llm(umbrella, model="hf://owner/name@abc", modelStorage=storage, replicas=2)
    (claim,) = of_kind(objects, "PersistentVolumeClaim")
    job = next(each for each in workloads(objects) if each.component == "models")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert job.main["command"][-2:] == ["hf://owner/name@abc", "/models/owner--name--abc"]
    assert variables(job.pod)["HF_ENDPOINT"] == "https://mirror.example.org"
    assert pod["initContainers"][0]["command"][-1] == "/models/owner--name--abc"
    assert variables(pod)["VLLM_CACHE_ROOT"] == "/models/.cache/vllm"


def test_the_job_of_a_gated_model_reads_its_token_from_a_file(umbrella: Path) -> None:
    storage = {"tokenSecret": {"name": "hub", "key": "token"}}
    objects, _ = llm(umbrella, model="hf://owner/name", modelStorage=storage)
    job = next(each for each in workloads(objects) if each.component == "models")
    token = next(each["secret"] for each in job.pod["volumes"] if each["name"] == "hub-token")
    assert token["items"] == [{"key": "token", "path": "hf_token"}]
    assert variables(job.pod)["SECRETS_DIR"] == "/run/secrets/stack"


def test_an_image_can_be_the_model(umbrella: Path) -> None:
    _, pod = llm(umbrella, model="oci://registry.internal/models/qwen:1")
    assert volume(pod)["image"]["reference"] == "registry.internal/models/qwen:1"
    assert "initContainers" not in pod


def test_a_volume_of_one_node_is_filled_where_it_is_read(umbrella: Path) -> None:
    objects, _ = llm(umbrella, model="hf://owner/name")
    job = next(each for each in workloads(objects) if each.component == "models")
    (near,) = job.pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert near["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "llm"
    deployment = next(
        each for each in of_kind(objects, "Deployment") if each["metadata"]["name"] == "rag-llm"
    )
    assert deployment["spec"]["progressDeadlineSeconds"] > job.object["spec"]["activeDeadlineSeconds"]


def test_a_part_of_a_card_is_a_whole_one_from_inside(umbrella: Path) -> None:
    profile = {"resourceProfile": "gpu-mig"}
    objects = render(umbrella, {"llm": profile, "embedder": profile, "global": {"gpu": {"memoryGiB": 80}}})
    pods = {each.component: each.pod for each in workloads(objects)}
    assert "LLM_GPU_MEMORY_UTILIZATION" not in variables(pods["llm"])
    assert "EMBEDDER_GPU_MEMORY_SHARE" not in variables(pods["embedder"])


def test_an_image_that_is_a_model_obeys_the_rules_of_images(umbrella: Path) -> None:
    digest = f"sha256:{'a' * 64}"
    _, pod = llm(umbrella, model=f"oci://registry.internal:5000/models/qwen@{digest}")
    assert volume(pod)["image"]["reference"] == f"registry.internal:5000/models/qwen@{digest}"
    shared = {"imageRegistry": "registry.internal"}
    values = {"llm": {"model": "oci://models/qwen:1"}, "gateway": {"answerMode": "write"}, "global": shared}
    pod = next(each.pod for each in workloads(render(umbrella, values)) if each.component == "llm")
    assert volume(pod)["image"]["reference"] == "registry.internal/models/qwen:1"


def test_shared_cards_are_told_their_share(umbrella: Path) -> None:
    profile = {"resourceProfile": "gpu-timeslice"}
    card = {"gpu": {"memoryGiB": 24}}
    objects = render(umbrella, {"llm": profile, "embedder": profile, "global": card})
    pods = {each.component: each.pod for each in workloads(objects)}
    assert variables(pods["llm"])["LLM_GPU_MEMORY_UTILIZATION"] == "0.83"
    assert variables(pods["embedder"])["EMBEDDER_GPU_MEMORY_SHARE"] == "0.12"
    assert pods["llm"]["containers"][0]["image"].endswith("-cuda")
    assert pods["embedder"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_who_needs_a_card_never_asks_for_one_more(umbrella: Path) -> None:
    profile = {"resourceProfile": "gpu"}
    objects = render(umbrella, {"llm": profile | {"replicas": 2}, "embedder": profile})
    for each in (each for each in workloads(objects) if each.component in ("llm", "embedder")):
        assert each.object["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_images_built_for_cuda_are_named_once_and_by_all_who_need_them(umbrella: Path) -> None:
    objects, pod = llm(umbrella, model="hf://owner/name", resourceProfile="gpu", image={"tag": "abc-cuda"})
    job = next(each for each in workloads(objects) if each.component == "models")
    images = [pod["containers"][0]["image"], pod["initContainers"][0]["image"], job.main["image"]]
    assert images == ["groundwork/llm:abc-cuda"] * 3
    assert job.pod["tolerations"] == pod["tolerations"]


def test_an_ingress_streams_and_keeps_a_visitor_on_one_replica(umbrella: Path) -> None:
    peer = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]
    ingress = {"enabled": True, "host": "chat.example.org", "tlsSecret": "chat-tls"}
    objects = render(umbrella, {"webapp": {"ingress": ingress}, "global": {"networkPolicy": {"entry": peer}}})
    (found,) = of_kind(objects, "Ingress")
    annotations = found["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"] == "3600"
    assert annotations["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    assert found["spec"]["tls"] == [{"hosts": ["chat.example.org"], "secretName": "chat-tls"}]
    policy = next(
        each for each in of_kind(objects, "NetworkPolicy") if each["metadata"]["name"] == "rag-webapp"
    )
    assert {"from": peer, "ports": [{"port": 8501, "protocol": "TCP"}]} in policy["spec"]["ingress"]


def test_a_route_of_the_gateway_api_streams_too(umbrella: Path) -> None:
    route = {"enabled": True, "host": "api.example.org", "parentRefs": [{"name": "public"}]}
    objects = render(
        umbrella, {"gateway": {"route": route}, "global": {"networkPolicy": {"entry": ANYWHERE}}}
    )
    (found,) = of_kind(objects, "HTTPRoute")
    (rule,) = found["spec"]["rules"]
    assert rule["timeouts"] == {"request": "300s", "backendRequest": "300s"}
    assert rule["backendRefs"] == [{"name": "rag-gateway", "port": 8080}]


def test_a_database_elsewhere_is_reached_over_tls_with_its_authority(umbrella: Path) -> None:
    database = {"host": "db.example.org", "caSecret": {"name": "db-ca"}}
    shared = {"database": database, "existingSecret": "mine", "networkPolicy": {"database": ANYWHERE}}
    objects = render(umbrella, {"postgres": {"enabled": False}, "global": shared})
    pods = {each.component: each.pod for each in workloads(objects)}
    for part in ("gateway", "worker", "feedback"):
        url = variables(pods[part])["DATABASE_URL"]
        assert url.endswith("?sslmode=verify-full&sslrootcert=/run/secrets/database-ca/ca.crt")
        mounts = {mount["mountPath"] for mount in pods[part]["containers"][0]["volumeMounts"]}
        assert "/run/secrets/database-ca" in mounts


def test_classes_of_priority_are_made_and_named(umbrella: Path) -> None:
    objects = render(umbrella, {"global": {"priorityClasses": {"create": True}}})
    made = {each["metadata"]["name"]: each["value"] for each in of_kind(objects, "PriorityClass")}
    used = {each.component: each.pod.get("priorityClassName") for each in workloads(objects)}
    assert made["rag-rag-serving"] > made["rag-rag-batch"]
    assert used["gateway"] == "rag-rag-serving" and used["worker"] == "rag-rag-batch"


def test_one_value_lets_the_embedder_serve_a_reranker_and_the_gateway_use_it(umbrella: Path) -> None:
    pods = {each.component: each.pod for each in workloads(render(umbrella, {}))}
    assert variables(pods["gateway"])["RERANKER"] == "false"
    assert "RERANKER_MODEL" not in variables(pods["embedder"])
    for source, path in (("pvc://models/tiny", "/reranker/tiny"), ("oci://models/tiny:1", "/reranker")):
        objects = render(umbrella, {"global": {"reranker": source}})
        pods = {each.component: each.pod for each in workloads(objects)}
        assert variables(pods["gateway"])["RERANKER"] == "true"
        assert variables(pods["embedder"])["RERANKER_MODEL"] == path
        (volume,) = (each for each in pods["embedder"]["volumes"] if each["name"] == "reranker")
        assert volume.keys() & {"persistentVolumeClaim", "image"}
        assert {"name": "reranker", "mountPath": "/reranker", "readOnly": True} in [
            {name: mount[name] for name in ("name", "mountPath", "readOnly") if name in mount}
            for mount in pods["embedder"]["containers"][0]["volumeMounts"]
        ]


def test_a_reranker_elsewhere_is_used_and_not_served_here(umbrella: Path) -> None:
    pods = {
        each.component: each.pod
        for each in workloads(render(umbrella, {"global": {"reranker": "elsewhere"}}))
    }
    assert variables(pods["gateway"])["RERANKER"] == "true"
    assert "RERANKER_MODEL" not in variables(pods["embedder"])
