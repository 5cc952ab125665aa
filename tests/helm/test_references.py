"""Names that must agree: ports, selectors, secrets, variables and the settings that read them."""

from groundwork.settings import CliSettings
from pydantic_settings import BaseSettings
from rag_embedder.settings import Settings as EmbedderSettings
from rag_feedback.settings import MigrationSettings as FeedbackMigrationSettings
from rag_feedback.settings import Settings as FeedbackSettings
from rag_gateway.settings import DatabaseSettings, GatewaySettings, MigrationSettings
from rag_llm.settings import DownloadSettings, LlmSettings

import settings as webapp
from tests.helm.conftest import Objects
from tests.helm.rendered import Json, Workload, of_kind, selects, workloads

READERS: dict[str, tuple[type[BaseSettings], ...]] = {
    "gateway": (GatewaySettings, DatabaseSettings),
    "worker": (GatewaySettings, DatabaseSettings),
    "feedback": (FeedbackSettings,),
    "embedder": (EmbedderSettings,),
    "llm": (LlmSettings,),
    "webapp": (webapp.Settings,),
    "migrate": (MigrationSettings, FeedbackMigrationSettings),
    "models": (DownloadSettings,),
    "test": (CliSettings,),
}
STANDARD = {
    "HOME",
    "POD_NAME",
    "POD_NAMESPACE",
    "NODE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "SECRETS_DIR",
    "HF_ENDPOINT",
    "VLLM_CACHE_ROOT",
}
"""What the container's programs know by themselves."""

NOT_OURS = ("postgres", "collector")


def known(component: str) -> set[str]:
    """The variables that a part's settings read."""
    names: set[str] = set()
    for each in READERS[component]:
        prefix = str(each.model_config.get("env_prefix") or "")
        names |= {f"{prefix}{name}".upper() for name in each.model_fields}
    return names


def test_every_variable_names_a_setting(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.component not in NOT_OURS):
        for container in each.containers:
            names = {variable["name"] for variable in container["env"]}
            assert names - STANDARD - known(each.component) == set(), each.component


def test_every_secret_file_names_a_setting(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.component not in NOT_OURS):
        files = {path.upper() for path in secret_files(each)}
        assert files - known(each.component) == set(), each.component


def secret_files(workload: Workload) -> list[str]:
    """The names under which secrets are mounted for settings to read."""
    sources = [
        s for v in workload.pod["volumes"] if v["name"] == "secrets" for s in v["projected"]["sources"]
    ]
    return [item["path"] for source in sources for item in source["secret"]["items"]]


def test_no_secret_is_a_variable(pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            for variable in container["env"]:
                assert "secretKeyRef" not in variable.get("valueFrom", {})
                assert not variable["name"].endswith(("_PASSWORD", "_TOKEN", "_KEY", "_PEPPER"))


def test_every_key_of_a_secret_exists_or_is_somebody_elses(
    values: Json, pods: list[Workload], objects: Objects
) -> None:
    made = {each["metadata"]["name"]: set(each["data"]) for each in of_kind(objects, "Secret")}
    ours = values.get("global", {})
    elsewhere = {ours.get("existingSecret"), ours.get("llm", {}).get("apiKeySecret", {}).get("name")}
    for each in pods:
        for volume in (v for v in each.pod["volumes"] if v["name"] == "secrets"):
            for source in volume["projected"]["sources"]:
                name = source["secret"]["name"]
                keys = {item["key"] for item in source["secret"]["items"]}
                assert name in elsewhere or keys <= made[name]


def test_every_key_that_is_made_is_read(all_profiles: dict[str, Objects]) -> None:
    (secret,) = of_kind(all_profiles["cpu"], "Secret")
    volumes = [
        v for each in workloads(all_profiles["cpu"]) for v in each.pod["volumes"] if v["name"] == "secrets"
    ]
    read = {item["key"] for v in volumes for s in v["projected"]["sources"] for item in s["secret"]["items"]}
    assert read == set(secret["data"])


def test_every_config_map_exists(pods: list[Workload], objects: Objects) -> None:
    made = {each["metadata"]["name"] for each in of_kind(objects, "ConfigMap")}
    for each in pods:
        assert {
            volume["configMap"]["name"] for volume in each.pod["volumes"] if "configMap" in volume
        } <= made


def test_services_lead_to_ports_of_their_pods(pods: list[Workload], objects: Objects) -> None:
    for service in of_kind(objects, "Service"):
        (target,) = [
            each
            for each in pods
            if each.serves and selects(service["spec"]["selector"], each.template["metadata"]["labels"])
        ]
        ports = {port["name"]: port["containerPort"] for port in target.main["ports"]}
        assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports


def test_addresses_name_services_of_the_release(pods: list[Workload], objects: Objects) -> None:
    there = {
        f"{each['metadata']['name']}:{port['port']}"
        for each in of_kind(objects, "Service")
        for port in each["spec"]["ports"]
    }
    for each in pods:
        for container in each.containers:
            for variable in container["env"]:
                value = str(variable.get("value", ""))
                if value.startswith("http://rag-"):
                    assert value.removeprefix("http://").partition("/")[0] in there, variable


def test_selectors_match_their_own_pods(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.serves):
        assert selects(each.object["spec"]["selector"]["matchLabels"], each.template["metadata"]["labels"])


def test_names_stand_once(objects: Objects) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))


def test_a_visitor_stays_on_one_replica(objects: Objects) -> None:
    sticky = {
        each["metadata"]["name"]
        for each in of_kind(objects, "Service")
        if each["spec"].get("sessionAffinity") == "ClientIP"
    }
    assert sticky == {"rag-webapp"}
