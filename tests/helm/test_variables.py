"""Variables and files of secrets: each names a setting of the part that reads it."""

from groundwork.settings import CliSettings
from pydantic_settings import BaseSettings
from rag_embedder.settings import Settings as EmbedderSettings
from rag_feedback.settings import MigrationSettings as FeedbackMigrationSettings
from rag_feedback.settings import Settings as FeedbackSettings
from rag_gateway.settings import DatabaseSettings, GatewaySettings, MigrationSettings
from rag_llm.settings import DownloadSettings, LlmSettings

import settings as webapp
from tests.helm.rendered import Json, Workload

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

NOT_OURS = {
    "postgres": {
        "HOME",
        "PGDATA",
        "POSTGRES_DB",
        "POSTGRES_INITDB_ARGS",
        "POSTGRES_PASSWORD_FILE",
        "POSTGRES_USER",
    },
    "collector": {"HOME"},
}
"""What the public images document."""

SECRETS_DIR = "/run/secrets/stack"
LISTENS = {"PORT": "http", "OPERATIONS_PORT": "operations"}
SECRET_ENDINGS = ("_PASSWORD", "_TOKEN", "_KEY", "_PEPPER", "_SECRET")


def known(component: str) -> set[str]:
    """The variables that a part's settings read."""
    names: set[str] = set()
    for each in READERS[component]:
        prefix = str(each.model_config.get("env_prefix") or "")
        names |= {f"{prefix}{name}".upper() for name in each.model_fields}
    return names


def ours(pods: list[Workload]) -> list[Workload]:
    """The parts that run our programs."""
    return [each for each in pods if each.component not in NOT_OURS]


def secret_files(workload: Workload) -> set[str]:
    """The names under which a container that reads settings finds its secrets."""
    mounted = {
        mount["name"]
        for container in workload.containers
        for mount in container["volumeMounts"]
        if mount["mountPath"] == SECRETS_DIR
    }
    found: set[str] = set()
    for volume in (each for each in workload.pod["volumes"] if each["name"] in mounted):
        for source in (volume, *volume.get("projected", {}).get("sources", [])):
            found |= {item["path"] for item in source.get("secret", {}).get("items", [])}
    return found


def test_every_variable_names_a_setting(pods: list[Workload]) -> None:
    for each in ours(pods):
        for container in each.containers:
            names = {variable["name"] for variable in container["env"]}
            assert names - STANDARD - known(each.component) == set(), each.component


def test_other_peoples_programs_are_told_what_they_document(pods: list[Workload]) -> None:
    for each in (pod for pod in pods if pod.component in NOT_OURS):
        names = {variable["name"] for variable in each.main["env"]}
        assert names == NOT_OURS[each.component]


def test_every_secret_file_names_a_setting(pods: list[Workload]) -> None:
    for each in ours(pods):
        files = {path.upper() for path in secret_files(each)}
        assert files - known(each.component) == set(), each.component


def test_who_reads_secrets_is_told_where_they_are(pods: list[Workload]) -> None:
    for each in (pod for pod in ours(pods) if secret_files(pod)):
        assert plain(each.main)["SECRETS_DIR"] == SECRETS_DIR, each.component


def test_no_secret_is_a_variable_or_a_part_of_one(pods: list[Workload]) -> None:
    for container in (container for each in pods for container in each.containers):
        assert "envFrom" not in container
        for variable in container["env"]:
            assert set(variable.get("valueFrom", {"fieldRef": {}})) == {"fieldRef"}, variable
            assert not variable["name"].endswith(SECRET_ENDINGS), variable
            user = variable.get("value", "").partition("://")[2].rpartition("@")[0]
            assert ":" not in user, f"{variable['name']} holds a password"


def test_a_variable_is_said_once(pods: list[Workload]) -> None:
    for each in pods:
        for container in each.containers:
            names = [variable["name"] for variable in container["env"]]
            assert len(names) == len(set(names)), (each.component, container["name"])


def test_our_servers_listen_where_their_ports_say(pods: list[Workload]) -> None:
    for each in (pod for pod in ours(pods) if pod.serves):
        ports = {port["name"]: str(port["containerPort"]) for port in each.main["ports"]}
        told = plain(each.main)
        assert {name: told[name] for name in LISTENS if name in told} == {
            name: ports[port] for name, port in LISTENS.items() if port in ports
        }, each.component


def plain(container: Json) -> dict[str, str]:
    """The variables that have a plain value."""
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}
