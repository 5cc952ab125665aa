"""What an answer rests on: units to quote, and sources for the model to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul

from rag_common.errors import DeadlineExceeded, Unavailable

from rag_gateway.rag.answer import HISTORY_TRIMMED, NO_EMBEDDER, Answer
from rag_gateway.rag.generate import Llm, Message
from rag_gateway.rag.grounding import grounding
from rag_gateway.rag.history import latest_turns
from rag_gateway.rag.pack import PackedSource, Room, pack_within
from rag_gateway.rag.quote import Candidate, RankedUnit, candidates_of, choose, rank_units, shortlist
from rag_gateway.rag.search import Embedder


@dataclass(frozen=True)
class Evidence:
    """`quoted` is chosen for the modes `quote` and `both`, `packed` for `write`; both empty: nothing, or too weak.

    `turns` are the earlier ones that have room beside `packed`.
    """

    quoted: Sequence[RankedUnit] = ()
    packed: Sequence[PackedSource] = ()
    turns: Sequence[Message] = ()


async def gather(
    answer: Answer,
    embedder: Embedder,
    llm: Llm,
    vector: Sequence[float] | None,
    idf: Mapping[str, float],
    room: Room,
) -> Evidence:
    """The best units of the sources for the answer's mode; none when they are too weak to answer from.

    `vector` is that of what is asked, `idf` by stem of the query's.
    """
    follow_up = answer.asked if answer.asked != answer.query else ""
    answer.grounding = grounding(answer.query, answer.sources, idf, follow_up)
    if answer.question.abstain and not answer.grounding.enough:
        return Evidence()
    if answer.answer_mode == "write":
        packed = await pack_within(answer.asked, answer.sources, idf, room, llm.count_tokens)
        turns = latest_turns(answer.question.history, room.tokens)
        if len(turns) < len(answer.question.history) and HISTORY_TRIMMED not in answer.degraded:
            answer.degraded.append(HISTORY_TRIMMED)
        return Evidence(packed=packed, turns=turns)
    candidates = shortlist(answer.asked, candidates_of(answer.sources), idf)
    similarity = await _similarity(answer, embedder, vector, candidates)
    return Evidence(quoted=choose(rank_units(answer.asked, candidates, idf, similarity)))


async def _similarity(
    answer: Answer, embedder: Embedder, vector: Sequence[float] | None, candidates: Sequence[Candidate]
) -> list[float] | None:
    """Cosine of each candidate to `vector`, that of what is asked; None without an embedder."""
    if vector is None or not candidates:
        return None
    in_context = [candidate.in_context for candidate in candidates]
    try:
        vectors = await embedder.embed(in_context)
    except (Unavailable, DeadlineExceeded):
        if not answer.question.allow_degraded:
            raise
        answer.degraded.append(NO_EMBEDDER)
        return None
    return [sum(map(mul, each, vector)) for each in vectors]
