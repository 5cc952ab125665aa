"""Drops what a reader cannot see but a model would read."""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    # What Unicode calls default-ignorable: it shapes or joins other characters and is not drawn itself.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero width, direction, byte order
    "\u3164\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # fillers, notes, notation
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors and tags, which spell any bytes invisibly
    "\ud800-\udfff]"  # halves of a character, which JSON can spell
)


def visible(text: str) -> str:
    """The text with `\\n` for every kind of line end and without invisible characters."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def on_one_line(text: str) -> str:
    """What of a title is seen, on one line."""
    return " ".join(visible(text).split())
