"""How many model tokens a text needs, without a tokenizer."""

import re

_PIECE = re.compile(r"(?P<word>[^\W\d_]+)|(?P<number>\d+)|[^\w\s]|_")


def estimate_tokens(text: str) -> int:
    """Word pieces, estimated: one per mark and per 8 letters or 2 digits begun.

    Measured against MiniLM's tokenizer on some 600 paragraphs: the truth is 0.95 of it in prose and 1.08 in
    Markdown (medians), 1.2 of it at the 95th percentile, 1.37 at most.
    """
    return sum(_tokens_of(piece) for piece in _PIECE.finditer(text))


def _tokens_of(piece: re.Match[str]) -> int:
    per_token = {"word": 8, "number": 2}.get(piece.lastgroup or "", 1)
    return -(-len(piece[0]) // per_token)
