"""A question with everything that the caller may say about how it is answered."""

from dataclasses import dataclass
from typing import Literal

from rag_gateway.rag.filter import Filter
from rag_gateway.rag.generate import Message, Sampling
from rag_gateway.rag.search import SearchMode

AnswerMode = Literal["write", "quote", "both"]


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
    filter: Filter | None = None
    top_k: int = 5
    mode: SearchMode = "hybrid"
    retrieval: bool = True
    abstain: bool = True
    """Whether sources that are too weak may be answered by saying so."""
    allow_degraded: bool = False
    rerank: bool = False
    model: str = ""
    """The served model's name, as far as it is known."""
