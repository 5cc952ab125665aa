"""Documents as the tests need them: parsed and split by the product, numbered as sources."""

from uuid import UUID

from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.split import split
from rag_gateway.rag.passage import Passage


def passages_of(*documents: str, title: str = "") -> list[Passage]:
    """All passages of some Markdown documents."""
    passages: list[Passage] = []
    for number, document in enumerate(documents, start=1):
        parsed = parse(document.encode(), "text/markdown")
        for chunk in split(parsed):
            passages.append(
                Passage(
                    chunk_id=len(passages) + 1,
                    document_id=UUID(int=number),
                    version=1,
                    title=title or parsed.title or "",
                    uri=None,
                    page=chunk.page,
                    start=chunk.start,
                    end=chunk.end,
                    text=chunk.text,
                    heading=chunk.heading,
                    units=chunk.units,
                )
            )
    return passages
