"""An answer as the page knows it, and the events of the gateway's stream that build it up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

Mode = Literal["write", "quote", "both"]
MODES: tuple[Mode, ...] = get_args(Mode)
BROKEN_OFF = "The answer broke off before its end. Ask again."
State = Literal["waiting", "streaming", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class Span:
    """Half-open, in characters."""

    start: int
    end: int

    @classmethod
    def of(cls, value: Mapping[str, int] | None) -> Self | None:
        return None if value is None else cls(value["start"], value["end"])


@dataclass(frozen=True)
class Source:
    """A passage that was found, as numbered in the answer; its span is in the document's parsed text."""

    n: int
    document_id: str
    version: int
    title: str
    heading: str
    page: int | None
    span: Span
    text: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            n=value["n"],
            document_id=value["document_id"],
            version=value["version"],
            title=value["title"],
            heading=_below(value["title"], value.get("heading") or ""),
            page=value["page"],
            span=Span(value["start"], value["end"]),
            text=value["text"],
        )


def _below(title: str, heading: str) -> str:
    """The heading without the document's title, which often is its first part."""
    return "" if heading == title else heading.removeprefix(f"{title} › ")


@dataclass(frozen=True)
class Citation:
    """A verified marker: its span and its quotation's in the answer, its evidence's in the document."""

    n: int
    marker: Span
    quote: Span | None
    evidence: Span | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        marker = Span(value["start"], value["end"])
        return cls(value["n"], marker, Span.of(value.get("quote")), Span.of(value.get("evidence")))


@dataclass(frozen=True)
class Retrieved:
    """The sources are known and the model, where one is asked, has accepted."""

    answer_id: str
    trace_id: str
    mode: Mode
    model: str
    sources: tuple[Source, ...]
    degraded: tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """The answer's next characters."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The answer is whole: what it stands on and how long each step took."""

    grounded: bool
    citations: tuple[Citation, ...]
    dropped: int
    degraded: tuple[str, ...]
    timings_ms: Mapping[str, float]
    query: str
    enough: bool = True
    """Whether the sources were strong enough to answer from."""


@dataclass(frozen=True)
class Failed:
    """There will be no (more) answer; `problem` says why and what to do, in one or two sentences."""

    problem: str


Event = Retrieved | Token | Finished | Failed


@dataclass(frozen=True)
class Answer:
    """What is known of an answer so far."""

    asked_mode: str = "auto"
    state: State = "waiting"
    text: str = ""
    retrieved: Retrieved | None = None
    finished: Finished | None = None
    problem: str = ""

    def after(self, event: Event) -> "Answer":
        """This answer with one more event taken in."""
        match event:
            case Retrieved():
                return replace(self, state="streaming", retrieved=event)
            case Token(text):
                return replace(self, text=self.text + text)
            case Finished():
                return replace(self, state="finished", finished=event)
            case Failed(problem):
                return replace(self, state="failed", problem=problem)

    def ended(self, stopped: bool) -> "Answer":
        """This answer when nothing more will come."""
        if self.is_running:
            return replace(
                self, state="stopped" if stopped else "failed", problem="" if stopped else BROKEN_OFF
            )
        return self

    @property
    def is_running(self) -> bool:
        return self.state in ("waiting", "streaming")

    @property
    def mode(self) -> str:
        """The mode that answers; until the gateway has said it, the one that was asked for."""
        return self.retrieved.mode if self.retrieved else self.asked_mode

    @property
    def id(self) -> str:
        """The gateway's, once it is known."""
        return self.retrieved.answer_id if self.retrieved else ""

    @property
    def rateable_id(self) -> str:
        """The id of an answer that came to its end, else nothing."""
        return self.id if self.state == "finished" else ""

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.retrieved.sources if self.retrieved else ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.finished.citations if self.finished else ()

    @property
    def degraded(self) -> frozenset[str]:
        """The parts that were away while it was made, such as `no_llm`."""
        announced = [part.degraded for part in (self.retrieved, self.finished) if part]
        return frozenset(name for names in announced for name in names)

    def source(self, n: int) -> Source | None:
        """The source that markers call `[n]`."""
        return next((source for source in self.sources if source.n == n), None)

    def evidence(self, n: int) -> tuple[Span, ...]:
        """The spans of source `n`'s document that this answer cites, in reading order."""
        spans = {c.evidence for c in self.citations if c.n == n and c.evidence}
        return tuple(sorted(spans, key=lambda span: span.start))
