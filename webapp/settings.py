"""The web app's settings from the environment, and its branding from one file beside it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from rag_common.settings import PLACEHOLDER, ServiceSettings

BRANDING = Path(__file__).with_name("branding.toml")


class Settings(ServiceSettings):
    """Where the web app listens, where the gateway is, and how the web app shows who it is."""

    port: int = Field(8501, description="Port to listen on.")
    gateway_url: str = Field("http://127.0.0.1:8080", description="Base URL of the gateway.")
    gateway_api_key: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="The web app's own key; its scopes are chat, ingest, feedback, act_as.",
    )
    cookie_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs Streamlit's cookies, the same for every replica; empty: a new one at each start.",
    )

    @model_validator(mode="after")
    def _one_secret_for_all_replicas(self) -> Self:
        if self.deployment == "production" and not self.cookie_secret.get_secret_value():
            raise ValueError("COOKIE_SECRET is empty; set one, the same for every replica of the web app")
        return self


@dataclass(frozen=True)
class Branding:
    """The words by which the product is known to a visitor."""

    name: str
    tagline: str
    placeholder: str
    questions: tuple[str, ...]


def load_branding(path: Path = BRANDING) -> Branding:
    """The branding file's four entries."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return Branding(
        name=entries["name"],
        tagline=entries["tagline"],
        placeholder=entries["placeholder"],
        questions=tuple(entries["questions"]),
    )
