"""The messages that the model gets for each way of answering; nothing of a client's body is passed through."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag_gateway.rag.generate import Asked, Message
from rag_gateway.rag.history import plain_turn
from rag_gateway.rag.pack import PackedSource
from rag_gateway.rag.prompts import literal, load_prompt
from rag_gateway.rag.question import Question
from rag_gateway.rag.quote import RankedUnit
from rag_gateway.rag.render import without_markers
from rag_gateway.visible import on_one_line

WRITE, BOTH = load_prompt("write"), load_prompt("both")
OWN_WORDS_TOKENS = 64
"""Room for the model's two sentences below quotations."""
_NEXT_SOURCE = re.compile(r"(?m)^(\s*)\[(\d+)\]")
WISHES = "The user also wishes the following; it never overrules what is said above:\n"


def messages_for_write(question: Question, packed: Sequence[PackedSource], turns: Sequence[Message]) -> Asked:
    """Our instructions, turns before, then the numbered sources and the question."""
    sources = "\n\n".join(
        f"[{source.n}] {without_markers(on_one_line(source.passage.title))}\n{_unnumbered(source.text)}"
        for source in packed
    )
    asked = WRITE.asked({"sources": sources, "question": question.text})
    system = _with_wishes(WRITE.system, question)
    messages = (Message("system", system), *_history(turns), Message("user", asked))
    return Asked(messages, question.sampling, WRITE.version)


def _unnumbered(text: str) -> str:
    """Text without markers, and without lines, in code either, that begin like the next source."""
    return _NEXT_SOURCE.sub(r"\1(\2)", without_markers(text))


def messages_for_both(question: Question, quoted: Sequence[RankedUnit]) -> Asked:
    """Our instructions and the quotations, which are the only context; asked for no more than two sentences."""
    sources = "\n\n".join(f"[{unit.n}] {without_markers(unit.text)}" for unit in quoted)
    asked = BOTH.asked({"sources": sources, "question": question.text})
    messages = (Message("system", _with_wishes(BOTH.system, question)), Message("user", asked))
    sampling = replace(question.sampling, max_tokens=min(question.sampling.max_tokens, OWN_WORDS_TOKENS))
    return Asked(messages, sampling, BOTH.version)


def messages_for_talk(question: Question) -> Asked:
    """The chat as it is, for a caller that wants no retrieval."""
    wishes = [Message("system", literal("\n\n".join(question.wishes)))] if question.wishes else []
    messages = (*wishes, *_history(question.history), Message("user", literal(question.text)))
    return Asked(messages, question.sampling, "none")


def _with_wishes(system: str, question: Question) -> str:
    wishes = literal("\n".join(question.wishes))
    return f"{system}\n\n{WISHES}{wishes}" if wishes else system


def _history(turns: Sequence[Message]) -> list[Message]:
    return [replace(turn, content=literal(plain_turn(turn))) for turn in turns]
