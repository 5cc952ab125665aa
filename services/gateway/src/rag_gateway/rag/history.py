"""Earlier turns as a model may read them: the latest ones, without the marks of quotation and citation."""

import re
from collections.abc import Sequence

from rag_gateway.rag.generate import Message
from rag_gateway.rag.tokens import estimate_tokens

CHARACTERS_A_TOKEN = 8
"""At most, so that white space, which counts nothing else, does not come for nothing."""

_QUOTED = re.compile(r"^“((?:(?!\n\n).)*?)”(?=\s\[\d+\]\s*$)", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"(?<!\s)\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def latest_turns(turns: Sequence[Message], tokens: int) -> tuple[Message, ...]:
    """As many of the last ones as have so many tokens together, estimated; whole turns only."""
    kept: list[Message] = []
    for turn in reversed(turns):
        tokens -= max(estimate_tokens(turn.content), len(turn.content) // CHARACTERS_A_TOKEN)
        if tokens < 0:
            break
        kept.insert(0, turn)
    return tuple(kept)


def plain_turn(turn: Message) -> str:
    """A turn's words; the model's own without marks, a user's `Array[0]` as it is."""
    return plain_history(turn.content) if turn.role == "assistant" else turn.content


def plain_history(text: str) -> str:
    """An assistant's earlier turn with the words of its quotations, but no `“…” [n]` to imitate."""
    return _MARKER.sub("", _QUOTED.sub(r"\1", text)).strip()
