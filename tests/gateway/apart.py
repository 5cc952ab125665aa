"""One document read as the worker reads it, by parsers of its own."""

from rag_gateway.ingest.apart import WITHIN_S, open_parsers
from rag_gateway.ingest.parsed import ParsedText


async def parsed_apart(data: bytes, media_type: str, within_s: float = WITHIN_S) -> ParsedText:
    """What the child says."""
    async with open_parsers() as parsers:
        return await parsers.parse(data, media_type, within_s)
