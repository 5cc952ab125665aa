"""Whether a quotation says what a model's sentence says: by words alone, and strictly, since a sentence can be spared.

What the rules were chosen by stands in `evals/judged`; `python -m evals judged` says how often they are right.
"""

import re
from collections.abc import Sequence

from rag_gateway.rag.facts import (
    COLOURLESS,
    denied_of,
    hedged,
    in_order,
    joined_of,
    links_of,
    negated,
    numbers_of,
    states,
    stems_of,
)

IN_ORDER = 0.9
"""Share of a sentence's stems that must stand in the clause, in their order (Lin, ROUGE-L's precision, 2004)."""
_CLAUSE = re.compile(r";\s+(?![^;:]{1,40}: )")
"""Between statements of a long list, but not between the cells of a table's row (`Part: gateway; Port: 8080`)."""


def bears(unit: str, sentence: str) -> bool:
    """Whether the sentence is a statement, and a clause of the unit with words left out.

    So its numbers, names and bounds stand there in their order, the same is denied, joined and left open, and what it
    adds is colourless. A sentence in another
    order may well be true, but a small model that turns one round too often mixes up who did what.
    """
    return states(sentence) and any(_bears(clause, sentence) for clause in _CLAUSE.split(unit))


def _bears(clause: str, sentence: str) -> bool:
    said, told = stems_of(sentence), stems_of(clause)
    return (
        numbers_of(sentence) <= numbers_of(clause)
        and in_order(sentence, clause)
        and set(said) <= COLOURLESS.union(told)
        and links_of(sentence) <= links_of(clause)
        and negated(sentence) == negated(clause)
        and hedged(clause) <= hedged(sentence)
        and denied_of(sentence) <= denied_of(clause)
        and joined_of(sentence) <= joined_of(clause)
        and (": " not in sentence or ": " in clause)
        and _in_common(said, told) >= IN_ORDER * len(said) > 0
    )


def _in_common(stems: Sequence[str], others: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    longest = [0] * (len(others) + 1)
    for stem in stems:
        before = 0
        for at, other in enumerate(others, start=1):
            before, longest[at] = (
                longest[at],
                before + 1 if stem == other else max(longest[at], longest[at - 1]),
            )
    return longest[-1]
