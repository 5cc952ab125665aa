"""What is kept of the name that a client gives a file."""

import unicodedata
from pathlib import PurePosixPath

MOST_BYTES = 255
"""As file systems take them."""
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction of writing, so that an ending could be shown as another one."""


def kept_name(sent: str) -> str:
    """The last part of a path, without what a reader does not see, in at most 255 bytes with its ending.

    Empty when there is no name in it.
    """
    seen = "".join(c for c in sent if c not in _TURNING and unicodedata.category(c) not in ("Cc", "Zl", "Zp"))
    name = seen.replace("\\", "/").rpartition("/")[2].strip()
    if not name.strip("."):
        return ""
    ending = PurePosixPath(name).suffix
    room = MOST_BYTES - len(ending.encode())
    return name.removesuffix(ending).encode()[: max(room, 0)].decode(errors="ignore") + ending
