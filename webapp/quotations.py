"""What of an answer stands in the documents word for word, and what the model wrote."""

import re
from dataclasses import dataclass

from answers import Answer

_FENCE = re.compile(r"^(?:```|~~~)[^\n]*\n(?P<code>.*?)\n?(?:```|~~~)[ \t]*$", re.DOTALL | re.MULTILINE)
# A quotation as api.md writes it; only until the last chunk tells where each one lies.
_WRITTEN = re.compile(r"(?:“(?P<prose>.+?)” |(?P<code>[^“].*?```)\n)\[(?P<n>\d+)\](?:\n\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A run of a quotation: prose or code."""

    text: str
    is_code: bool


@dataclass(frozen=True)
class Quotation:
    """A unit of source `n`, word for word."""

    n: int
    text: str

    def parts(self) -> list[Part]:
        """Its prose and its code in order, without the fences."""
        parts, at = [], 0
        for fence in _FENCE.finditer(self.text):
            parts += [Part(self.text[at : fence.start()].strip(), False), Part(fence["code"], True)]
            at = fence.end()
        parts.append(Part(self.text[at:].strip(), False))
        return [part for part in parts if part.text]


@dataclass(frozen=True)
class Arranged:
    """An answer in the order in which it is shown."""

    quotations: tuple[Quotation, ...]
    words: str


def arrange(answer: Answer) -> Arranged:
    """Quotations first, by the spans of the citations; before these are known, by how they are written."""
    if answer.mode == "write":
        return Arranged((), answer.text)
    if answer.finished is None:
        return _as_written(answer.text)
    quoted = [c for c in answer.citations if c.quote]
    quotations = tuple(Quotation(c.n, answer.text[c.quote.start : c.quote.end]) for c in quoted if c.quote)
    end = max((c.marker.end for c in quoted), default=0)
    return Arranged(quotations, answer.text[end:].strip())


def _as_written(text: str) -> Arranged:
    quotations, at = [], 0
    while found := _WRITTEN.match(text, at):
        quotations.append(Quotation(int(found["n"]), found["prose"] or found["code"]))
        at = found.end()
    rest = text[at:].strip()
    return Arranged(tuple(quotations), "" if rest.startswith(("“", "```")) else rest)
