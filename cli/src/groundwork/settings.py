"""Where the gateway is and who asks."""

import os
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

EX_CONFIG = 78
"""Exit status for wrong configuration (sysexits.h)."""


class CliSettings(BaseSettings):
    """Read from environment variables named like the fields in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    groundwork_url: Annotated[str, Field(description="Address of the gateway.")] = "http://127.0.0.1:8080"
    groundwork_api_key: Annotated[SecretStr, Field(description="Key that `make run` prints.")] = SecretStr("")
    database_owner_url: Annotated[
        SecretStr | None,
        Field(description="Connection of `rag_owner`; only `doctor --reconcile` needs it."),
    ] = None
    rag_owner_password: Annotated[
        SecretStr, Field(description="Password for `DATABASE_OWNER_URL`, where that has none.")
    ] = SecretStr("")


def load_settings() -> CliSettings:
    """The settings; the key may be a file in `SECRETS_DIR`, and a folder that is not there exits with 78."""
    folder = os.environ.get("SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        sys.stderr.write(f"configuration: SECRETS_DIR: there is no folder {folder}\n")
        sys.exit(EX_CONFIG)
    return CliSettings(_secrets_dir=folder)
