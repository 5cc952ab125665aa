"""The web app's settings from the environment, and its branding from one file beside it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, SecretStr
from rag_common.settings import PLACEHOLDER, ServiceSettings

BRANDING = Path(__file__).with_name("branding.toml")


class Settings(ServiceSettings):
    """Where the gateway is and how the web app shows who it is; address and port are Streamlit's flags."""

    gateway_url: str = Field("http://127.0.0.1:8080", description="Base URL of the gateway.")
    gateway_api_key: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="The web app's own key; its scopes are chat, ingest, feedback, act_as.",
    )


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
