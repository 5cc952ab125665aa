"""What a fake model can be told to do."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Knobs(BaseModel):
    """The fake's speed, words and faults; the defaults answer at once and well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[str, Field(description="Name that /v1/models and the replies show.")] = "fake-model"
    ttft_ms: Annotated[float, Field(ge=0, le=600_000, description="Time to the first token.")] = 0
    tokens_per_s: Annotated[float, Field(ge=0, description="Speed after the first token; 0 is at once.")] = 0
    break_after: Annotated[int | None, Field(ge=0, description="Tokens after which a stream breaks.")] = None
    status: Annotated[int, Field(ge=200, le=599, description="HTTP status of chat completions.")] = 200
    hang: Annotated[bool, Field(description="Takes a request and never answers it.")] = False
    words: Annotated[str, Field(description="What it writes; empty: source 1's first sentence, cited.")] = ""
