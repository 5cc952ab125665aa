"""What an answer's markers claim: which words of the answer stand on which characters of a source."""

from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open, in characters."""

    start: int
    end: int

    def moved(self, by: int) -> "Span":
        """The same span in a text that has `by` more characters in front."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True)
class Citation:
    """One marker of an answer; `answer[start:end] == f"[{n}]"`."""

    n: int
    """The source's number, from 1."""
    start: int
    end: int
    supported: bool
    quote: Span | None
    """What is cited, in the answer: a quotation's characters or the sentence before the marker."""
    evidence: Span | None
    """What supports it, in the source's parsed text."""
