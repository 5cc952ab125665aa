"""One document read as the worker reads it, by parsers of its own."""

from rag_gateway.ingest.apart import WITHIN_S, open_parsers
from rag_gateway.ingest.reading import Reading


async def parsed_apart(data: bytes, media_type: str, within_s: float = WITHIN_S) -> Reading:
    """What the child says."""
    async with open_parsers() as parsers:
        return await parsers.read(data, media_type, nothing, within_s)


async def nothing() -> None:
    """Nobody is told when the file is read."""
