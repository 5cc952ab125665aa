"""The sources as the model reads them: whole passages when they fit, else their best sentences."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from rag_gateway.rag.passage import Passage, Unit
from rag_gateway.rag.quote import candidates_of, rank_units
from rag_gateway.rag.tokens import estimate_tokens

TRIES = 5
"""The second packing mostly fits: the texts that are left need about as many tokens for what was estimated."""


@dataclass(frozen=True)
class PackedSource:
    """What the model may read of one source."""

    n: int
    """The source's number, from 1."""
    passage: Passage
    text: str


async def pack_within(
    question: str,
    passages: Sequence[Passage],
    idf: Mapping[str, float],
    budget_tokens: int,
    count_tokens: Callable[[str], Awaitable[int]],
) -> list[PackedSource]:
    """As `pack_sentences`, with the budget in tokens of the served model, which `count_tokens` counts."""
    estimated, before = budget_tokens, ""
    for _ in range(TRIES):
        packed = pack_sentences(question, passages, idf, estimated)
        text = "\n\n".join(source.text for source in packed)
        if text == before or (tokens := await count_tokens(text)) <= budget_tokens:
            break
        before = text
        estimated = estimate_tokens(text) * budget_tokens // tokens
    return packed


def pack_sentences(
    question: str, passages: Sequence[Passage], idf: Mapping[str, float], budget_tokens: int
) -> list[PackedSource]:
    """The sources in order, within the budget: the units that cover most of the question, in reading order.

    The very best unit is packed even if it is over the budget; a source of which nothing fits is left out.
    """
    whole = [PackedSource(n, passage, passage.text) for n, passage in enumerate(passages, start=1)]
    if sum(estimate_tokens(source.text) for source in whole) <= budget_tokens:
        return whole
    chosen: dict[int, list[Unit]] = {}
    left = budget_tokens
    for ranked in rank_units(question, candidates_of(passages), idf, similarity=None):
        cost = estimate_tokens(ranked.text)
        if cost <= left or not chosen:
            chosen.setdefault(ranked.n, []).append(ranked.unit)
            left -= cost
    return [PackedSource(n, passages[n - 1], _joined(passages[n - 1], chosen[n])) for n in sorted(chosen)]


def _joined(passage: Passage, units: Sequence[Unit]) -> str:
    """The units in reading order; one that lies inside another is told once."""
    told: list[Unit] = []
    for unit in sorted(units, key=lambda unit: (unit.start, -unit.end)):
        if not told or unit.start >= told[-1].end:
            told.append(unit)
    return "\n".join(passage.text_of(unit) for unit in told)
