"""The events of an answer while it is made, and what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from rag_gateway.rag.citation import Citation
from rag_gateway.rag.generate import Usage
from rag_gateway.rag.grounding import Grounding
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.question import AnswerMode, Question
from rag_gateway.rag.quote import RankedUnit

HISTORY_TRIMMED = "history_trimmed"
NO_EMBEDDER, NO_LLM, NO_RERANKER = "no_embedder", "no_llm", "no_reranker"


@dataclass
class Answer:
    """One answer as far as it has come; complete when `finish_reason` is set."""

    question: Question
    trace_id: str
    index_version: str
    prompt_version: str = ""
    id: UUID = field(default_factory=uuid4)
    query: str = ""
    """What was searched for."""
    asked: str = ""
    """What is answered: the question, or a rewrite of it that stands alone; of a joined query only the last part."""
    sources: Sequence[Passage] = ()
    grounding: Grounding | None = None
    """How well the sources seem to answer; None without retrieval."""
    parts: list[str | RankedUnit] = field(default_factory=list)
    """The text in order; a quoted unit is kept as its span and never as its words."""
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    degraded: list[str] = field(default_factory=list)
    grounded: bool = False
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def answer_mode(self) -> AnswerMode:
        """How it was answered."""
        return self.question.answer_mode

    @property
    def model(self) -> str:
        """The served model's name."""
        return self.question.model

    @property
    def text(self) -> str:
        """What was streamed, joined."""
        return "".join(part if isinstance(part, str) else part.quotation().text for part in self.parts)


@dataclass(frozen=True)
class Started:
    """The sources stand and, where one is needed, the model has accepted."""

    answer: Answer


@dataclass(frozen=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The answer is complete."""

    answer: Answer


Event = Started | Token | Finished
