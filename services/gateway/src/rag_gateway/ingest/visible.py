"""Drops what a reader cannot see but a model would read."""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"  # soft hyphen, zero width, direction, byte order
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ud800-\udfff"  # halves of a character, which JSON can spell
    "\U000e0000-\U000e007f]"  # the Tag block, which spells ASCII invisibly
)


def visible(text: str) -> str:
    """The text with `\\n` for every kind of line end and without invisible characters."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
