"""Earlier answers as a model may read them: without the marks of quotation and citation."""

import re

_QUOTED = re.compile(r"^“((?:(?!\n\n).)*?)”(?=\s\[\d+\]\s*$)", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def plain_history(text: str) -> str:
    """An assistant's earlier turn with the words of its quotations, but no `“…” [n]` to imitate."""
    return _MARKER.sub("", _QUOTED.sub(r"\1", text)).strip()
