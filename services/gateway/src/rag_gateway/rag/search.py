"""What is searched for, and what a search finds before it is fused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rag_gateway.keys import Caller
from rag_gateway.rag.filter import Filter
from rag_gateway.rag.passage import Passage

SearchMode = Literal["hybrid", "dense", "lexical"]


@dataclass(frozen=True)
class Search:
    """One retrieval; without collections and filter, in all that the caller may read."""

    query: str
    vector: Sequence[float] | None
    mode: SearchMode = "hybrid"
    collections: tuple[str, ...] | None = None
    filter: Filter | None = None
    candidates: int = 50
    """Passages that each arm may find."""


@dataclass(frozen=True)
class Found:
    """Passages with the scores of the arms that found them, in no order, and the query's terms' idf by stem."""

    passages: Sequence[Passage]
    idf: Mapping[str, float] = field(default_factory=dict)


class PassageStore(Protocol):
    """Where passages are found."""

    async def search(self, search: Search, caller: Caller) -> Found:
        """Both arms in one round trip; raises NotFound for a collection that the caller cannot see."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text; raises UpstreamUnavailable or DeadlineExceeded."""
