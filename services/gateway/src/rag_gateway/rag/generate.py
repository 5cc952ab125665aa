"""What the pipeline asks of a language model."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Role
    content: str


@dataclass(frozen=True)
class Sampling:
    """How the model chooses its words; None leaves the server's default."""

    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


@dataclass(frozen=True)
class Asked:
    """One model call: what is said, how words are chosen, and which wording of the prompt that is."""

    messages: tuple[Message, ...]
    sampling: Sampling
    prompt_version: str


@dataclass
class Usage:
    """Tokens of all model calls of one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, other: "Usage") -> None:
        """Adds another call's tokens."""
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens


class Generation(Protocol):
    """A reply that the model has begun: iterate once; then `finish_reason` and `usage` are known."""

    finish_reason: str
    usage: Usage

    def __aiter__(self) -> AsyncIterator[str]:
        """The reply's text in pieces."""


class Llm(Protocol):
    """A language model behind a chat API."""

    async def model(self) -> str:
        """The served model's name; raises UpstreamUnavailable when it is away."""

    async def count_tokens(self, text: str) -> int:
        """How many tokens the text is to the served model; an estimate where its server does not tell."""

    def chat(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AbstractAsyncContextManager[Generation]:
        """Enters once the model has accepted; leaving early stops it."""
