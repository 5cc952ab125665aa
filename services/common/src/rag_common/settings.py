"""The settings that every service has; a service's own class adds its fields."""

import os
import sys
from pathlib import Path
from typing import Literal, NoReturn, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

EX_CONFIG = 78
"""Exit status for wrong configuration (sysexits.h)."""

PLACEHOLDER = "change-me"
"""The laptop's default of a secret; refused outside local."""


class DeployedSettings(BaseSettings):
    """Read once at start, from environment variables named like the fields in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level logged."
    )
    deployment: Literal["local", "production"] = Field(
        "local", description="`production` refuses to start with a placeholder secret."
    )

    @model_validator(mode="after")
    def _no_placeholder_in_production(self) -> Self:
        if self.deployment == "local":
            return self
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr) and value.get_secret_value() == PLACEHOLDER:
                raise ValueError(f"{name.upper()} still has its placeholder; set a secret of your own")
        return self


class ServiceSettings(DeployedSettings):
    """What every process that serves has besides."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    drain_s: float = Field(25, ge=0, description="Seconds that running requests get after SIGTERM.")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="Base URL of an OTLP/HTTP receiver for traces; empty sends none."
    )


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def load_settings(of: type[AnySettings]) -> AnySettings:
    """The settings, or one clear line per wrong one on standard error and exit status 78.

    What the environment does not set is read from the folder `SECRETS_DIR`, where that is set: a file a setting.
    """
    folder = os.environ.get("SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        _refuse(f"SECRETS_DIR: there is no folder {folder}")
    try:
        return of(_secrets_dir=folder)
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).upper() or "settings"
            sys.stderr.write(f"configuration: {name}: {problem['msg']}\n")
        sys.exit(EX_CONFIG)
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        _refuse(f"SECRETS_DIR: {error}")


def _refuse(words: str) -> NoReturn:
    sys.stderr.write(f"configuration: {words}\n")
    sys.exit(EX_CONFIG)
