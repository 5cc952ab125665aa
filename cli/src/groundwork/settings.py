"""Where the gateway is and who asks."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CliSettings(BaseSettings):
    """Read from environment variables named like the fields in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    groundwork_url: Annotated[str, Field(description="Address of the gateway.")] = "http://127.0.0.1:8080"
    groundwork_api_key: Annotated[SecretStr, Field(description="Key that `make run` prints.")] = SecretStr("")
