"""Passwords, tokens and keys of the local stack: made once, kept in the state folder for its owner alone."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

PASSWORDS = ("admin", "owner", "app", "worker", "feedback")
FILE = "secrets.json"


def load_credentials(state: Path) -> Mapping[str, str]:
    """Reads them, or makes them on the first run."""
    path = state / FILE
    if not path.exists():
        _write(path, _new_credentials())
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _new_credentials() -> dict[str, str]:
    passwords = {f"{role}_password": secrets.token_urlsafe(24) for role in PASSWORDS}
    tokens = {
        name: secrets.token_urlsafe(32) for name in ("service_token", "api_key_pepper", "cookie_secret")
    }
    return passwords | tokens | {"bootstrap_key": _api_key(), "webapp_key": _api_key()}


def _api_key() -> str:
    return f"gw_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def _write(path: Path, credentials: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(credentials, file, indent=1)
