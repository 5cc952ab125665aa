"""Earlier answers as a model may read them: without the marks of quotation and citation."""

import re

from rag_gateway.rag.generate import Message

_QUOTED = re.compile(r"^“((?:(?!\n\n).)*?)”(?=\s\[\d+\]\s*$)", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"(?<!\s)\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def plain_turn(turn: Message) -> str:
    """A turn's words; the model's own without marks, a user's `Array[0]` as it is."""
    return plain_history(turn.content) if turn.role == "assistant" else turn.content


def plain_history(text: str) -> str:
    """An assistant's earlier turn with the words of its quotations, but no `“…” [n]` to imitate."""
    return _MARKER.sub("", _QUOTED.sub(r"\1", text)).strip()
