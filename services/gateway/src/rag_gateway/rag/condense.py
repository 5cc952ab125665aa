"""A follow-up as a question of its own: rewritten by the model, or by a rule where that is no use."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag_common.errors import ServiceError

from rag_gateway.rag.facts import hedged, names_of, negated, numbers_of
from rag_gateway.rag.generate import Asked, Generation, Llm, Message, Sampling, Usage
from rag_gateway.rag.grounding import has_topic
from rag_gateway.rag.history import plain_turn
from rag_gateway.rag.prompts import load_prompt
from rag_gateway.rag.question import Question
from rag_gateway.rag.terms import terms_of, words_of

PROMPT = load_prompt("condense")
DEADLINE_S = 5
MOST_TOKENS = 96
LONGEST, TIMES = 200, 3
"""A rewrite has at most so many characters, or so many times those of the question."""
FEW_TERMS = 2
"""A question of no more stems than this hardly stands alone after another one."""
_REFERRING = """
it its they them their theirs he him his she her hers that this these those one ones there such same other others former
latter
"""
_REFERS = frozenset(_REFERRING.split())
_MAY_STAND_ALONE = frozenset({"it", "its", "this", "that", "there", "one", "such", "same", "other", "others"})
"""`How do I start it?` may be asked of all that the documents are about."""
_OPENERS = (("and",), ("or",), ("but",), ("so",), ("what", "about"), ("how", "about"))


@dataclass(frozen=True)
class Condensed:
    """`asked` is what is answered. Where it is not the `query` itself, both are searched for (`better`)."""

    query: str
    asked: str


def by_rule(question: Question) -> Condensed:
    """A question that may lean on the one before is searched for together with it, too, and asked as it is.

    What that is worth on 34 conversations stands in `make eval`, section "Follow-ups".
    """
    before = [turn.content for turn in question.history if turn.role == "user"]
    if not before or not leans(question.text):
        return Condensed(question.text, question.text)
    return Condensed(f"{_topic_of(before)} {question.text}", question.text)


def leans(text: str) -> bool:
    """Whether a question may need the one before it."""
    return refers(text) or len(terms_of(text)) <= FEW_TERMS


def refers(text: str) -> bool:
    """Whether a question opens or points like one that goes on from another."""
    return _opens(text) or bool(_REFERS & set(words_of(text)))


def points(text: str) -> bool:
    """Whether a question can hardly be meant without another before it."""
    return _opens(text) or bool((_REFERS - _MAY_STAND_ALONE) & set(words_of(text)))


def _opens(text: str) -> bool:
    words = words_of(text)
    return any(tuple(words[: len(opener)]) == opener for opener in _OPENERS)


def _topic_of(before: Sequence[str]) -> str:
    """The last question that says itself what it is about (not `And why?`), else the last."""
    return next((text for text in reversed(before) if has_topic(text) and not refers(text)), before[-1])


async def by_model(question: Question, llm: Llm, usage: Usage) -> Condensed:
    """The model's rewrite if it comes in time and is of use, else the rule's; its tokens are added to `usage`."""
    rule = by_rule(question)
    if not question.history:
        return rule
    asked = _messages(question)
    try:
        async with asyncio.timeout(DEADLINE_S), llm.chat(asked.messages, asked.sampling) as generation:
            rewrite = await _whole(generation, usage)
    except (TimeoutError, ServiceError):
        return rule
    return Condensed(rewrite, rewrite) if of_use(rewrite, question) else rule


def of_use(rewrite: str, question: Question) -> bool:
    """One line, not too long, that stands alone, denies alike, keeps names and numbers, takes others from the talk."""
    if not rewrite or "\n" in rewrite or len(rewrite) > max(LONGEST, TIMES * len(question.text)):
        return False
    said = " ".join([question.text, *(turn.content for turn in question.history)])
    kept = names_of(question.text) <= set(words_of(rewrite)) and numbers_of(question.text) <= numbers_of(
        rewrite
    )
    taken = names_of(rewrite) <= set(words_of(said)) and numbers_of(rewrite) <= numbers_of(said)
    if refers(rewrite) or not has_topic(rewrite) or rewrite.endswith("?") != question.text.endswith("?"):
        return False
    if negated(rewrite) != negated(question.text) or not hedged(question.text) <= hedged(rewrite):
        return False
    own = set(terms_of(question.text))
    return kept and taken and len(own & set(terms_of(rewrite))) * 2 >= len(own)


def _messages(question: Question) -> Asked:
    conversation = "\n".join(f"{turn.role}: {plain_turn(turn)}" for turn in question.history)
    asked = PROMPT.asked({"conversation": conversation, "question": question.text})
    messages = (Message("system", PROMPT.system), Message("user", asked))
    sampling = replace(Sampling(max_tokens=MOST_TOKENS), temperature=0.0)
    return Asked(messages, sampling, PROMPT.version)


async def _whole(generation: Generation, usage: Usage) -> str:
    try:
        return "".join([piece async for piece in generation]).strip()
    finally:
        usage.add(generation.usage)
