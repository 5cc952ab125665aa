"""A file that has been read: its text cut into passages, as it travels from the child that read it."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import orjson

from rag_gateway.ingest.parsed import Notice, ParsedText
from rag_gateway.ingest.split import Chunk
from rag_gateway.rag.passage import Unit

READ = b"\n"
"""Sent before the rest, when the file is read and will be split."""


@dataclass(frozen=True)
class Reading:
    """What is published of a file."""

    text: str
    title: str | None
    chunks: tuple[Chunk, ...]
    notices: tuple[Notice, ...]


def packed(parsed: ParsedText, chunks: Sequence[Chunk]) -> bytes:
    """As JSON; the chunks without their text, which is part of the whole."""
    cut = [
        (c.start, c.end, c.heading, c.page, [(u.start, u.end, u.kind, u.heading) for u in c.units])
        for c in chunks
    ]
    notices = [astuple(notice) for notice in parsed.notices]
    return orjson.dumps({"text": parsed.text, "title": parsed.title, "notices": notices, "chunks": cut})


def unpacked(data: bytes) -> Reading:
    """The other way; raises ValueError or TypeError for what `packed` has not written."""
    said = orjson.loads(data)
    text = said["text"]
    chunks = tuple(
        Chunk(start, end, text[start:end], heading, page, tuple(Unit(*unit) for unit in units))
        for start, end, heading, page, units in said["chunks"]
    )
    return Reading(text, said["title"], chunks, tuple(Notice(*notice) for notice in said["notices"]))
