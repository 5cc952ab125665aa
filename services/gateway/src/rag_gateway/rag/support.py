"""Whether a source supports a sentence, by its words, names and numbers, and which of its units does so best."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag_gateway.rag.citation import Span
from rag_gateway.rag.facts import (
    COLOURLESS,
    denied_of,
    first_of,
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
BY_THE_PASSAGE = 0.9
"""Or the share that the passage's sentences must hold, when a long one sums up several of them: rows do not add up."""
STATEMENT = 3
"""Stems of a sentence that gets a marker of our own: fewer (`Yes.`) say too little, and a question says nothing."""
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
    """The numbered passages that an answer may cite; what their units hold is looked up once."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = [_Held(passage) for passage in passages]

    def support(self, sentence: str, n: int) -> Support | None:
        """The best evidence in source `n`; None if it is missing or does not support the sentence."""
        return _support(_Said(sentence), self._passages[n - 1], n) if 1 <= n <= len(self._passages) else None

    def best_support(self, sentence: str) -> Support | None:
        """The source that supports a sentence best that says something, the earlier one of two that do so equally.

        The model did not cite it, so all of the sentence must stand there, but for what is colourless.
        """
        said = _Said(sentence)
        if len(said.stems - COLOURLESS) < STATEMENT or sentence.endswith("?"):
            return None
        found = (
            _support(said, held, n) for n, held in enumerate(self._passages, start=1) if held.holds_all(said)
        )
        return max((s for s in found if s), key=lambda s: s.share, default=None)


class _Said:
    """What a text says; of a sentence's names, not the first word's, which has a capital because it is the first."""

    def __init__(self, text: str, above: str = "") -> None:
        self.stems = terms_of(text).keys()
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
            and self._names_in_the_order_of(sentence)
            and sentence.links <= self.links
            and sentence.denied <= self.denied
            and sentence.negated == self.negated
            and self.hedged <= sentence.hedged
        )

    def _names_in_the_order_of(self, sentence: "_Said") -> bool:
        """Who did what to whom is turned round by another order, unless one of the two is passive."""
        if ("by" in self.order) != ("by" in sentence.order):
            return True
        known, rest = set(self.order), iter(self.order)
        return all(name in rest for name in sentence.order if name in sentence.names and name in known)

    def share_of(self, sentence: "_Said") -> float:
        """Of the sentence's stems, those that stand here; the colourless ones count only where there are no others."""
        told = sentence.stems - COLOURLESS or sentence.stems
        return len(told & self.stems) / len(told) if told else 0.0


class _Held:
    """A passage's units; one without any (one long listing) is its own evidence. Names may stand in a title above."""

    def __init__(self, passage: Passage) -> None:
        above = f"{passage.title}\n{passage.heading}\n"
        whole = Span(passage.start, passage.end)
        spans = [(Span(unit.start, unit.end), passage.text_of(unit)) for unit in passage.units]
        self.units = [(span, _Said(text, above)) for span, text in spans or [(whole, passage.text)]]
        sentences = [passage.text_of(unit) for unit in passage.units if unit.kind == "sentence"]
        self.prose = _Said(" ".join(sentences), above)

    def holds_all(self, said: _Said) -> bool:
        """Whether one unit, or the sentences of a long one's passage, hold every word but the colourless ones."""
        held = [unit for _, unit in self.units] + [self.prose] * (len(said.stems) >= LONG)
        return any(said.stems <= COLOURLESS.union(each.known) for each in held)


def _support(said: _Said, held: _Held, n: int) -> Support | None:
    units = [(unit.share_of(said), span) for span, unit in held.units if unit.holds(said)]
    share, evidence = max(units, key=lambda unit: unit[0], default=(0.0, _nearest(said, held)))
    if share >= BY_ONE_UNIT or (
        len(said.stems) >= LONG and held.prose.share_of(said) >= BY_THE_PASSAGE and held.prose.holds(said)
    ):
        return Support(n, share, evidence)
    return None


def _nearest(said: _Said, held: _Held) -> Span:
    return max(held.units, key=lambda unit: unit[1].share_of(said))[0]
