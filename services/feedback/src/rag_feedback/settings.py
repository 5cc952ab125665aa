"""The feedback service's settings, read once from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from rag_common.settings import PLACEHOLDER, ServiceSettings


class Settings(ServiceSettings):
    """Where feedback is kept and who may hand it over."""

    port: int = Field(8082, description="Port to listen on.")
    database_url: SecretStr = Field(
        SecretStr("postgresql://rag_feedback@127.0.0.1:5433/groundwork"),
        description="PostgreSQL connection of the role `rag_feedback`.",
    )
    service_token: SecretStr = Field(
        SecretStr(PLACEHOLDER), min_length=1, description="Secret that our own services show each other."
    )


class MigrationSettings(BaseSettings):
    """What the migration needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_owner_url: SecretStr = Field(description="Connection of `rag_owner`, who owns the schema.")
