"""The feedback service's settings, read once at the start."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from rag_common.postgres import with_password
from rag_common.settings import PLACEHOLDER, DeployedSettings, ServiceSettings


class DatabaseSettings(DeployedSettings):
    """Where the database is; all that `python -m rag_feedback.wait` needs."""

    database_url: SecretStr = Field(
        SecretStr("postgresql://rag_feedback@127.0.0.1:5433/groundwork"),
        description="PostgreSQL connection of the role `rag_feedback`.",
    )
    database_password: SecretStr = Field(
        SecretStr(""), description="Password for `DATABASE_URL`, where that has none."
    )
    wait_s: float = Field(
        600, ge=0, description="Longest that `python -m rag_feedback.wait` waits for the schema, in seconds."
    )

    @property
    def database_dsn(self) -> str:
        """The connection with its password."""
        return with_password(self.database_url, self.database_password)


class Settings(DatabaseSettings, ServiceSettings):
    """Where feedback is kept and who may hand it over."""

    port: int = Field(8082, description="Port to listen on.")
    service_token: SecretStr = Field(
        SecretStr(PLACEHOLDER), min_length=1, description="Secret that our own services show each other."
    )


class MigrationSettings(BaseSettings):
    """What the migration needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_owner_url: SecretStr = Field(description="Connection of `rag_owner`, who owns the schema.")
    rag_owner_password: SecretStr = Field(
        SecretStr(""), description="Password for `DATABASE_OWNER_URL`, where that has none."
    )

    @property
    def owner_dsn(self) -> str:
        """The connection of `rag_owner` with its password."""
        return with_password(self.database_owner_url, self.rag_owner_password)
