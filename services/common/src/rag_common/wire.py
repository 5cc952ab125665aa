"""The base of every body that crosses the wire: closed, and free of NUL."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_nul(item) for item in value)


class Wire(BaseModel):
    """A request or reply body; unknown fields and NUL bytes (PostgreSQL cannot keep them) are refused."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: Any) -> Any:
        if isinstance(data, dict) and _has_nul(data):
            raise ValueError("text must not contain NUL bytes; remove them")
        return data
