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
    """The best sources in order, whole if there is room, else the units of theirs that cover most of the question.

    Units stand in reading order. The very best one is packed even if it has more tokens; a source of which nothing
    fits is left out. Where nothing may be quoted (one long listing), the first source's first lines are packed.
    """
    ranked = rank_units(question, candidates_of(passages), idf, similarity=None)
    best = list(dict.fromkeys([*(unit.n for unit in ranked), *range(1, len(passages) + 1)]))[: room.sources]
    whole = [PackedSource(n, passages[n - 1], passages[n - 1].text) for n in sorted(best)]
    if sum(estimate_tokens(source.text) for source in whole) <= room.tokens:
        return whole
    chosen: dict[int, list[Unit]] = {}
    left = room.tokens
    for unit in ranked:
        cost = estimate_tokens(unit.text)
        if (cost <= left and unit.n in best) or not chosen:
            chosen.setdefault(unit.n, []).append(unit.unit)
            left -= cost
    packed = [PackedSource(n, passages[n - 1], _joined(passages[n - 1], chosen[n])) for n in sorted(chosen)]
    return packed or [PackedSource(1, passages[0], _first_lines(passages[0].text, room.tokens))]


def _first_lines(text: str, tokens: int) -> str:
    """As many lines as have so many tokens, at least one."""
    lines: list[str] = []
    left = tokens
    for line in text.splitlines():
        left -= estimate_tokens(line)
        if left < 0 and lines:
            break
        lines.append(line)
    return "\n".join(lines)


def _joined(passage: Passage, units: Sequence[Unit]) -> str:
    """The units in reading order; one that lies inside another is told once."""
    told: list[Unit] = []
    for unit in sorted(units, key=lambda unit: (unit.start, -unit.end)):
        if not told or unit.start >= told[-1].end:
            told.append(unit)
    return "\n".join(passage.text_of(unit) for unit in told)
