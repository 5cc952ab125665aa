"""The base of every body that crosses the wire: closed, and of text that can be kept."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


def _cannot_be_kept(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(_cannot_be_kept(key) or _cannot_be_kept(item) for key, item in value.items())
    return isinstance(value, list) and any(_cannot_be_kept(item) for item in value)


class Wire(BaseModel):
    """A request or reply body; refuses unknown fields, NUL (PostgreSQL cannot keep it) and lone surrogates."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_cannot_be_kept(cls, data: Any) -> Any:
        if isinstance(data, dict) and _cannot_be_kept(data):
            raise ValueError("text must not contain NUL bytes or lone surrogates; remove them")
        return data
