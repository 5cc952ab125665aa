"""The part of a very long sentence that is worth quoting."""

import re
from collections.abc import Iterator, Mapping

from rag_gateway.rag.passage import UnitKind
from rag_gateway.rag.terms import terms_of

LONGEST = 400
"""Characters of a sentence, a list or a row that are still quoted whole."""
_SEAM = re.compile(r"(?<=[;:,])\s+|\n|\s+(?=[(–—])")
_WORD_END = re.compile(r"\s+")
_TRAILING = " \t\n,;:.–—"


def best_clause(text: str, kind: UnitKind, shares: Mapping[str, float]) -> tuple[int, int]:
    """The span of the clauses that cover most of the question's terms; short text and code stay whole."""
    if kind == "code" or len(text) <= LONGEST:
        return 0, len(text)
    runs = list(_runs(text, _SEAM)) or list(_runs(text, _WORD_END)) or [(0, LONGEST)]
    start, end = max(runs, key=lambda run: sum(shares.get(term, 0.0) for term in terms_of(text[slice(*run)])))
    return start, start + len(text[start:end].rstrip(_TRAILING))


def _runs(text: str, seam: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """From each seam on, as many clauses as fit; the earliest of equals is best, so it comes first."""
    seams = [0, *(found.end() for found in seam.finditer(text)), len(text)]
    for start in seams[:-1]:
        end = max(at for at in seams if at - start <= LONGEST)
        if end > start:
            yield start, end
