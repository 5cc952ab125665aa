"""How the bytes of a page of the web are written, as browsers find it out (WHATWG HTML, 13.2.3)."""

import codecs
import re

from rag_gateway.ingest.unparsable import Unparsable

_DECLARED_WITHIN = 1024
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WINDOWS_1252 = {"iso8859-1", "ascii"}
"""What browsers take for Windows-1252 instead, by Python's names."""
CHARSETS = (
    *(f"windows-{n}" for n in range(1250, 1259)),
    *(f"iso-8859-{n}" for n in (*range(1, 12), *range(13, 17))),
    *("koi8-r", "koi8-u", "macintosh", "ibm866", "gbk", "gb18030", "big5", "euc-jp", "shift_jis"),
    *("iso-2022-jp", "euc-kr", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "us-ascii"),
)


def load_charsets() -> None:
    """Loads what decoding opens, for a process that will not be allowed to open it."""
    for name in CHARSETS:
        codecs.lookup(name)


def as_utf8(data: bytes) -> bytes:
    """The page in UTF-8, without a byte order mark; raises Unparsable when it is not written as it says."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], name)
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    name = declared[1].decode("ascii") if declared else "utf-8"
    if name.lower().startswith("utf-16"):  # its declaration could not be read if it were
        name = "utf-8"
    return _decoded(data, name)


def _decoded(data: bytes, name: str) -> bytes:
    try:
        known = codecs.lookup(name).name
        text = data.decode("windows-1252" if known in _WINDOWS_1252 else known)
    except (LookupError, UnicodeDecodeError) as error:
        raise Unparsable(
            "invalid_utf8", f"The page is not written in `{name}`, as it says or should; save it as UTF-8."
        ) from error
    if "\0" in text:
        raise Unparsable(
            "nul_bytes",
            "This is not a page of the web: it holds bytes that no text has. Save the page again.",
        )
    return text.encode("utf-8", "replace")
