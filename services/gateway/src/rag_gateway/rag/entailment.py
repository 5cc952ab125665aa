"""Whether a quotation says what a model's sentence says: by words alone, and strictly, since a sentence can be spared.

What the rules were chosen by stands in `evals/judged`; `python -m evals judged` says how often they are right.
"""

import re
from itertools import pairwise

from rag_gateway.rag.facts import (
    denied_of,
    hedged,
    joined_of,
    links_of,
    names_of,
    negated,
    numbers_of,
    stems_of,
)
from rag_gateway.rag.terms import terms_of, words_of

MOST = 0.8
"""Share of a sentence's stems that must stand in the clause."""
TOGETHER, NEAR = 0.5, 2
"""Share of its neighbouring stems that must stand so many places apart at most there, too (Lin, ROUGE-S, 2004)."""
_CLAUSE = re.compile(r";\s+(?![^;:]{1,40}: )")
"""Between statements of a long list, but not between the cells of a table's row (`Part: gateway; Port: 8080`)."""


def bears(unit: str, sentence: str) -> bool:
    """One clause of the unit has the sentence's numbers, names, links and most of its words, in like company.

    The same is denied, joined and left open as there. A word may not stand more often than there: a small model
    that says one twice has mixed up who does what. Nor does a colon stand for a verb that is not there.
    """
    return any(_bears(clause, sentence) for clause in _CLAUSE.split(unit))


def _bears(clause: str, sentence: str) -> bool:
    said, known = terms_of(sentence), terms_of(clause)
    return (
        numbers_of(sentence) <= numbers_of(clause)
        and names_of(sentence) <= set(words_of(clause))
        and links_of(sentence) <= links_of(clause)
        and negated(sentence) == negated(clause)
        and hedged(clause) <= hedged(sentence)
        and denied_of(sentence) <= denied_of(clause)
        and joined_of(sentence) <= joined_of(clause)
        and (": " not in sentence or ": " in clause)
        and all(said[term] <= known[term] for term in said & known)
        and len(said.keys() & known.keys()) >= MOST * len(said) > 0
        and _together(sentence, clause) >= TOGETHER
    )


def _together(sentence: str, clause: str) -> float:
    """The share of neighbouring stems of the sentence that are near each other in the clause, in either order."""
    stems = stems_of(clause)
    near = {frozenset((stem, other)) for at, stem in enumerate(stems) for other in stems[at : at + NEAR + 1]}
    pairs = [frozenset(pair) for pair in pairwise(stems_of(sentence))]
    return sum(pair in near for pair in pairs) / len(pairs) if pairs else 1.0
