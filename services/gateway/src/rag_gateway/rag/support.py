"""Whether a source supports a sentence, by its words, names and numbers, and which of its units does so best."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag_gateway.rag.citation import Span
from rag_gateway.rag.entailment import bears
from rag_gateway.rag.facts import (
    COLOURLESS,
    denied_of,
    first_of,
    follow,
    hedged,
    limits_of,
    links_of,
    names_of,
    negated,
    numbers_of,
)
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.terms import terms_of, words_of

BY_ONE_UNIT = 0.85
"""Share of a sentence's stems that one unit must hold; `evals/judged` has what it was chosen by."""
_NUMERALS = re.compile(r"(?:\d{1,3}[.)]\s*)+")
"""Those of a list say nothing (`1. 1.`)."""
STATEMENT = 3
"""Stems of a sentence that gets a marker of our own: fewer (`Yes.`) say too little, and a question says nothing."""


@dataclass(frozen=True)
class Support:
    """A source that holds what a sentence says."""

    n: int
    share: float
    """Of the sentence's stems, in the best unit."""
    evidence: Span


class Sources:
    """The numbered passages that an answer may cite; what their units hold is looked up once."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = [_units_of(passage) for passage in passages]

    def support(self, sentence: str, n: int) -> Support | None:
        """The best evidence in source `n`; None if it is missing or does not support the sentence."""
        if not 1 <= n <= len(self._passages) or _NUMERALS.fullmatch(sentence.strip()):
            return None
        return _support(_Said(sentence), self._passages[n - 1], n)

    def best_support(self, sentence: str) -> Support | None:
        """The first source that bears a sentence which says something (`entailment.bears`).

        The model did not cite it, so nothing may differ.
        """
        if len(terms_of(sentence).keys() - COLOURLESS) < STATEMENT or sentence.endswith("?"):
            return None
        found = (
            Support(n, 1.0, span)
            for n, units in enumerate(self._passages, start=1)
            for span, unit in units
            if bears(unit.text, sentence)
        )
        return next(found, None)


class _Said:
    """What a text says; of a sentence's names, not the first word's, which has a capital because it is the first."""

    def __init__(self, text: str, above: str = "") -> None:
        self.text, self.stems = text, terms_of(text).keys()
        self.words = set(words_of(above + text))
        self.known = self.stems | terms_of(above).keys()
        self.numbers, self.limits, self.links = numbers_of(above + text), limits_of(text), links_of(text)
        self.first = first_of(text)
        self.names = names_of("".join(text.split(maxsplit=1)[1:]) or text)
        self.order = words_of(text)
        self.denied, self.negated, self.hedged = denied_of(text), negated(text), hedged(text)

    def holds(self, sentence: "_Said") -> bool:
        """Whether a sentence's numbers, names, bounds and links stand here, and it denies and leaves open the same."""
        return (
            sentence.numbers <= self.numbers
            and sentence.names <= self.words
            and sentence.first <= self.known
            and sentence.limits <= self.limits
            and self._in_the_order_of(sentence)
            and sentence.links <= self.links
            and sentence.denied <= self.denied
            and sentence.negated == self.negated
            and self.hedged <= sentence.hedged
        )

    def _in_the_order_of(self, sentence: "_Said") -> bool:
        """Who did what to whom, and which number is whose, is turned round by another order, or by a passive."""
        names = [word for word in sentence.order if word in sentence.names & set(self.order)]
        numbers = [word for word in sentence.order if word.isdigit() and word in self.order]
        people = sum(b in names and a not in names for a, b in pairwise(["", *sentence.order]))
        if people > 1 and ("by" in sentence.order) != ("by" in self.order):
            return False
        return all(follow(words, self.order) for words in (names, numbers))

    def share_of(self, sentence: "_Said") -> float:
        """Of the sentence's stems, those that stand here; the colourless ones count only where there are no others."""
        told = sentence.stems - COLOURLESS or sentence.stems
        return len(told & self.stems) / len(told) if told else 0.0


Units = Sequence[tuple[Span, _Said]]


def _units_of(passage: Passage) -> Units:
    """A passage's units; one without any (one long listing) is its own evidence. Names may stand in a title above."""
    above = f"{passage.title}\n{passage.heading}\n"
    spans = [(Span(unit.start, unit.end), passage.text_of(unit)) for unit in passage.units]
    whole = (Span(passage.start, passage.end), passage.text)
    return [(span, _Said(text, above)) for span, text in spans or [whole]]


def _support(said: _Said, units: Units, n: int) -> Support | None:
    held = ((unit.share_of(said), span) for span, unit in units if unit.holds(said))
    best = max(held, key=lambda found: found[0], default=None)
    return Support(n, *best) if best and best[0] >= BY_ONE_UNIT else None
