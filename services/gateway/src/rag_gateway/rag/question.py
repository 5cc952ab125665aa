"""A question with everything that the caller may say about how it is answered."""

import re
from dataclasses import dataclass
from typing import Literal

from rag_gateway.rag.facts import names_of
from rag_gateway.rag.generate import Message, Sampling
from rag_gateway.rag.search import SearchMode
from rag_gateway.rag.terms import words_of

AnswerMode = Literal["write", "quote", "both"]
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Question:
    """The last message of a chat; `history` holds the turns before it, `wishes` the client's system messages."""

    text: str
    answer_mode: AnswerMode
    sampling: Sampling
    history: tuple[Message, ...] = ()
    history_trimmed: bool = False
    wishes: tuple[str, ...] = ()
    collections: tuple[str, ...] | None = None
    top_k: int = 5
    mode: SearchMode = "hybrid"
    retrieval: bool = True
    allow_degraded: bool = False
    rerank: bool = False
    model: str = ""
    """The served model's name, as far as it is known."""


def standalone(question: Question) -> str:
    """The question as it is searched for: a follow-up without a name of its own takes those of the one before."""
    asked = [turn.content for turn in question.history if turn.role == "user"]
    if not asked or _names(question.text):
        return question.text
    names = [name for name in _names(asked[-1]) if name.casefold() not in words_of(question.text)]
    return " ".join([question.text, *names])


def _names(text: str) -> list[str]:
    """The names of a text in their order, without the word that begins it."""
    known = names_of(text)
    words = _WORD.findall(text)[1:]
    return [word for word in dict.fromkeys(words) if word[:1].isupper() and set(words_of(word)) <= known]
