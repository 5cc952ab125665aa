"""What retrieval finds: passages, the units they may be quoted in, and the scores that ranked them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

UnitKind = Literal["sentence", "list", "row", "code"]


@dataclass(frozen=True)
class Unit:
    """One contiguous span of a document's parsed text that reads alone; half-open, in characters."""

    start: int
    end: int
    kind: UnitKind
    heading: str = ""
    """The headings it stands under, outermost first, joined with ` › `; ranks, is shown, is never quoted."""


@dataclass(frozen=True)
class Scores:
    """How well a passage fits, whichever way found it; None where that was not asked, or no word is in common."""

    dense: float | None = None
    lexical: float | None = None
    fused: float | None = None
    rerank: float | None = None


@dataclass(frozen=True)
class Passage:
    """One chunk of a document's version that the caller may read; spans are in its parsed text."""

    chunk_id: int
    document_id: UUID
    version: int
    title: str
    uri: str | None
    page: int | None
    start: int
    end: int
    text: str
    heading: str = ""
    units: tuple[Unit, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scores: Scores = Scores()

    def text_of(self, unit: Unit) -> str:
        """The unit's characters."""
        return self.text[unit.start - self.start : unit.end - self.start]
