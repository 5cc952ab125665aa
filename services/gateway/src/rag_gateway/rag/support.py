"""Whether a source supports a sentence, by its words and numbers, and which of its units does so best."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag_gateway.rag.citation import Span
from rag_gateway.rag.facts import numbers_of
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.terms import terms_of

BY_ONE_UNIT = 0.5
"""Share of a sentence's stems that one unit must hold."""
BY_THE_PASSAGE = 0.75
"""Or the share that the whole passage must hold, when a sentence sums up several units."""


@dataclass(frozen=True)
class Support:
    """A source that holds what a sentence says."""

    n: int
    share: float
    """Of the sentence's stems, in the best unit."""
    evidence: Span


class Sources:
    """The numbered passages that an answer may cite."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    def support(self, sentence: str, n: int) -> Support | None:
        """The best evidence in source `n`; None if it is missing or does not support the sentence."""
        if not 1 <= n <= len(self._passages):
            return None
        passage, stems = self._passages[n - 1], set(terms_of(sentence))
        whole = f"{passage.title}\n{passage.heading}\n{passage.text}"
        if not stems or not numbers_of(sentence) <= numbers_of(whole):
            return None
        share, evidence = _best_unit(stems, passage)
        if share < BY_ONE_UNIT and _share(stems, whole) < BY_THE_PASSAGE:
            return None
        return Support(n, share, evidence)

    def best_support(self, sentence: str) -> Support | None:
        """The source that supports the sentence best, the earlier one when two do so equally."""
        found = (self.support(sentence, n) for n in range(1, len(self._passages) + 1))
        return max((s for s in found if s), key=lambda s: s.share, default=None)


def _best_unit(stems: set[str], passage: Passage) -> tuple[float, Span]:
    """A passage without units (one long listing) is its own evidence."""
    spans = [(Span(u.start, u.end), f"{u.heading}\n{passage.text_of(u)}") for u in passage.units]
    spans = spans or [(Span(passage.start, passage.end), passage.text)]
    shares = [(_share(stems, text), span) for span, text in spans]
    return max(shares, key=lambda found: found[0])


def _share(stems: set[str], text: str) -> float:
    return len(stems & terms_of(text).keys()) / len(stems)
