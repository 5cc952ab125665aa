"""One local stack: its settings, secrets, addresses, and what each of its parts is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from groundwork_dev.credentials import load_credentials
from groundwork_dev.environments import Environment, environments
from groundwork_dev.ports import LOOPBACK, Addresses
from groundwork_dev.settings import RunnerSettings, read_settings, wants_cuda, with_env_file

ROLES = ("owner", "app", "worker", "feedback")
KEYS = ("bootstrap_key", "webapp_key", "api_key_pepper")
DATABASE = "groundwork"
PASSED_TO_ALL = ("EMBEDDING_", "LOG_LEVEL", "DRAIN_S")
PASSED_TO = {
    "llm": ("LLM_", "VLLM_", "HF_"),
    "gateway": ("LLM_", "RERANK_"),
    "embedder": ("EMBEDDER_", "RERANKER_", "HF_"),
}
"""Beginnings of the user's variables that a part is told; a model's key reaches no other."""
"""Variables of the user that reach every part; what the table sets wins over them."""


@dataclass(frozen=True)
class Stack:
    """What the table is made from."""

    settings: RunnerSettings
    credentials: Mapping[str, str]
    environments: Mapping[str, Environment]
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> Addresses:
        """Where each part listens."""
        return Addresses(self.settings.port_offset)

    def python(self, environment: str, *words: str) -> list[str]:
        """A command of one of the environments."""
        return [str(self.environments[environment].python), *words]

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The connection of a role: `postgres`, or one of ours."""
        password = self.credentials[f"{role.removeprefix('rag_').replace('postgres', 'admin')}_password"]
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.at.port('postgres')}/{database}"

    def common(self, port: str) -> dict[str, str]:
        """What every service is told."""
        beginnings = PASSED_TO_ALL + PASSED_TO.get(port, ())
        passed = {name: value for name, value in self.variables.items() if name.startswith(beginnings)}
        receiver = self.at.url("traces") if self.settings.traces else ""
        ours = {"HOST": LOOPBACK, "PORT": str(self.at.port(port)), "OTEL_EXPORTER_OTLP_ENDPOINT": receiver}
        return passed | ours

    def migration(self) -> dict[str, str]:
        """For both services' migrations, which alone see the owner's and the superuser's passwords."""
        roles = {f"RAG_{role.upper()}_PASSWORD": self.credentials[f"{role}_password"] for role in ROLES}
        keys = {name.upper(): self.credentials[name] for name in KEYS}
        databases = {
            "DATABASE_ADMIN_URL": self.dsn("postgres", "postgres"),
            "DATABASE_OWNER_URL": self.dsn("rag_owner"),
        }
        model = {
            "EMBEDDING_MODEL": self.settings.embedding_model,
            "EMBEDDING_DIM": self.settings.embedding_dim,
        }
        return roles | keys | databases | model


def open_stack(inherited: Mapping[str, str] = os.environ) -> Stack:
    """The stack that the environment and `.env` describe."""
    variables = with_env_file(inherited)
    settings = read_settings(variables)
    known = environments(settings, wants_cuda(variables))
    return Stack(settings, load_credentials(settings.state), known, variables)
