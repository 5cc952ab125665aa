"""How a quoted unit stands in an answer."""

import re
from dataclasses import dataclass

from rag_gateway.rag.citation import Citation, Span
from rag_gateway.rag.passage import UnitKind

_BRACKETED_NUMBER = re.compile(r"\[(\s*\d[\d\s,;–-]*)\]")
_CODE_OR_NUMBER = re.compile(rf"(?ms)^`{{3,}}.*?^`{{3,}}|`[^`\n]+`|{_BRACKETED_NUMBER.pattern}")


@dataclass(frozen=True)
class Quotation:
    """One paragraph of an answer: a unit's characters and the marker of its source."""

    text: str
    citation: Citation
    """Its spans count from the paragraph's first character; `at` moves them."""

    def at(self, offset: int) -> Citation:
        """The citation in an answer that has `offset` characters before this paragraph."""
        c = self.citation
        quote = c.quote.moved(offset) if c.quote else None
        return Citation(c.n, c.start + offset, c.end + offset, c.supported, quote, c.evidence)


def without_markers(text: str) -> str:
    """Text with each bracketed number in parentheses, so that none is taken for a marker; code stays as it is."""
    return _CODE_OR_NUMBER.sub(lambda found: f"({found[1]})" if found[1] else found[0], text)


def may_be_quoted(text: str, kind: UnitKind) -> bool:
    """False for code with a bracketed number: it could not be told from a marker, nor may it be altered."""
    return kind != "code" or not _BRACKETED_NUMBER.search(text)


def render(text: str, kind: UnitKind, n: int, start: int, cut: bool = False) -> Quotation:
    """The paragraph `“text” [n]`, or code and `[n]` below it; `text` begins at the source's `start`.

    The same arguments give the same paragraph, so that an answer that is read again equals what was streamed.
    """
    if kind == "code":
        before, quoted, after = "", text, "\n"
    else:
        before, quoted, after = "“", _BRACKETED_NUMBER.sub(r"(\1)", text), "…” " if cut else "” "
    marker = f"[{n}]"
    quote = Span(len(before), len(before) + len(quoted))
    at = quote.end + len(after)
    evidence = Span(start, start + len(text))
    citation = Citation(n, at, at + len(marker), supported=True, quote=quote, evidence=evidence)
    return Quotation(f"{before}{quoted}{after}{marker}", citation)
