"""The turns of a chat as clients send them, and how many of the earlier ones are read."""

from collections.abc import Sequence
from typing import Literal

from rag_common.wire import Wire

from rag_gateway.rag.generate import Message
from rag_gateway.rag.history import latest_turns

MOST_TURNS = 6
MOST_HISTORY_TOKENS = 1_000
"""Of earlier turns, so that question, sources and answer fit beside them into a small model's window."""


class TextPart(Wire):
    """A message's piece; only text is understood."""

    type: Literal["text"]
    text: str


class ChatMessage(Wire):
    """One turn of a chat."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]
    name: str | None = None
    # What OpenAI's clients send back with an earlier answer; only nothing is understood.
    refusal: None = None
    annotations: None = None
    audio: None = None
    function_call: None = None
    tool_calls: None = None

    @property
    def text(self) -> str:
        """The content as one string."""
        return (
            self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)
        )


def recent_turns(messages: Sequence[ChatMessage]) -> tuple[tuple[Message, ...], bool]:
    """The latest turns, at most six and within the history's tokens; and whether any were left out."""
    talk = [message for message in messages if message.role in ("user", "assistant")]
    turns = [Message("assistant" if turn.role == "assistant" else "user", turn.text) for turn in talk]
    kept = latest_turns(turns[-MOST_TURNS:], MOST_HISTORY_TOKENS)
    return kept, len(kept) < len(talk)
