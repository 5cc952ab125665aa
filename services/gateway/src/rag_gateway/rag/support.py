"""Whether a source supports a sentence, by its words, names and numbers, and which of its units does so best."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag_gateway.rag.citation import Span
from rag_gateway.rag.facts import denied_of, names_of, numbers_of
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.terms import terms_of, words_of

BY_ONE_UNIT = 0.7
"""Share of a sentence's stems that one unit must hold; `evals/judged` has what it was chosen by."""
BY_THE_PASSAGE = 0.9
"""Or the share that the whole passage must hold, when a long sentence sums up several units."""
LONG = 8
"""Stems of a long sentence: those of a short one stand together in a passage by chance."""


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
        units = [
            (share, span)
            for span, text in _units(passage)
            if (share := _share(stems, text)) and _holds(text, sentence, passage)
        ]
        share, evidence = max(units, key=lambda unit: unit[0], default=(0.0, _nearest(stems, passage)))
        summed_up = len(stems) >= LONG and _share(stems, passage.text) >= BY_THE_PASSAGE
        if share >= BY_ONE_UNIT or (summed_up and _holds(passage.text, sentence, passage)):
            return Support(n, share, evidence)
        return None

    def best_support(self, sentence: str) -> Support | None:
        """The source that supports the sentence best, the earlier one when two do so equally."""
        found = (self.support(sentence, n) for n in range(1, len(self._passages) + 1))
        return max((s for s in found if s), key=lambda s: s.share, default=None)


def _units(passage: Passage) -> Iterator[tuple[Span, str]]:
    """A passage without units (one long listing) is its own evidence."""
    for unit in passage.units:
        yield Span(unit.start, unit.end), passage.text_of(unit)
    if not passage.units:
        yield Span(passage.start, passage.end), passage.text


def _holds(text: str, sentence: str, passage: Passage) -> bool:
    """The text has the sentence's numbers and denies what it denies; its names may stand in a title above, too.

    The first word may have a capital because it is the first.
    """
    above = f"{passage.title}\n{passage.heading}\n"
    names = names_of(sentence.split(maxsplit=1)[-1])
    return (
        numbers_of(sentence) <= numbers_of(text + above)
        and names <= set(words_of(text + above))
        and denied_of(sentence) <= denied_of(text)
    )


def _nearest(stems: set[str], passage: Passage) -> Span:
    return max(_units(passage), key=lambda unit: _share(stems, unit[1]))[0]


def _share(stems: set[str], text: str) -> float:
    return len(stems & terms_of(text).keys()) / len(stems) if stems else 0.0
