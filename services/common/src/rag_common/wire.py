"""The base of every body that crosses the wire: closed, and of values that can be kept."""

import math
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

MOST_NESTED = 64
"""How deep lists and objects of a body may lie in each other."""


def can_be_kept(text: str) -> bool:
    """Whether PostgreSQL can keep a text: no NUL, no lone surrogate."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _refusal(body: dict[str, Any]) -> str | None:
    """Why a body cannot be kept; walked level by level, since a hostile one nests deeper than Python's stack."""
    level: list[object] = [body]
    for _ in range(MOST_NESTED):
        if any(isinstance(value, str) and not can_be_kept(value) for value in level):
            return "text must not contain NUL bytes or lone surrogates; remove them"
        if any(isinstance(value, float) and not math.isfinite(value) for value in level):
            return "numbers must be finite"
        if not (level := [item for value in level for item in _items(value)]):
            return None
    return f"lists and objects must not lie deeper than {MOST_NESTED} in each other; flatten them"


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


class Wire(BaseModel):
    """A request or reply body; refuses unknown fields and what cannot be kept."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_cannot_be_kept(cls, data: Any) -> Any:
        if isinstance(data, dict) and (refusal := _refusal(data)):
            raise ValueError(refusal)
        return data
