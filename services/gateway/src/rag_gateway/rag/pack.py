"""The sources as the model reads them: whole passages when they fit, else their best sentences."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from rag_gateway.rag.passage import Passage, Unit
from rag_gateway.rag.quote import candidates_of, rank_units
from rag_gateway.rag.tokens import estimate_tokens

TRIES = 5
"""The second packing mostly fits: the texts that are left need about as many tokens for what was estimated."""


@dataclass(frozen=True)
class Room:
    """What a prompt has room for: tokens of sources, and how many of the sources."""

    tokens: int
    sources: int = 100


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
    room: Room,
    count_tokens: Callable[[str], Awaitable[int]],
) -> list[PackedSource]:
    """As `pack_sentences`, with the room in tokens of the served model, which `count_tokens` counts."""
    estimated, before = room, ""
    for _ in range(TRIES):
        packed = pack_sentences(question, passages, idf, estimated)
        text = "\n\n".join(source.text for source in packed)
        if text == before or (tokens := await count_tokens(text)) <= room.tokens:
            break
        before = text
        estimated = Room(estimate_tokens(text) * room.tokens // tokens, room.sources)
    return packed


def pack_sentences(
    question: str, passages: Sequence[Passage], idf: Mapping[str, float], room: Room
) -> list[PackedSource]:
    """The sources in order, as far as there is room: the units that cover most of the question, in reading order.

    The very best unit is packed even if it has more tokens; a source of which nothing fits is left out.
    """
    whole = [PackedSource(n, passage, passage.text) for n, passage in enumerate(passages, start=1)]
    fits = sum(estimate_tokens(source.text) for source in whole) <= room.tokens
    if fits and len(whole) <= room.sources:
        return whole
    chosen: dict[int, list[Unit]] = {}
    left = room.tokens
    for ranked in rank_units(question, candidates_of(passages), idf, similarity=None):
        cost = estimate_tokens(ranked.text)
        may_stand = ranked.n in chosen or len(chosen) < room.sources
        if (cost <= left and may_stand) or not chosen:
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
