"""Whether a quotation says what a model's sentence says: by words alone, and strictly, since a sentence can be spared.

What the rules were chosen by stands in `evals/judged`; `python -m evals judged` says how often they are right.
"""

import re
from collections.abc import Iterator, Sequence

from rag_gateway.rag.facts import (
    COLOURLESS,
    denied_of,
    hedged,
    in_order,
    joined_of,
    links_of,
    names_of,
    negated,
    numbers_of,
    states,
    stems_of,
)
from rag_gateway.rag.terms import STOPWORDS, stem, words_of

IN_ORDER = 0.9
"""Share of a sentence's stems that must stand in the clause, in their order (Lin, ROUGE-L's precision, 2004)."""
_CLAUSE = re.compile(r";\s+(?![^;:]{1,40}: )")
"""Between statements of a long list, but not between the cells of a table's row (`Part: gateway; Port: 8080`)."""
_TURN = re.compile(r",?\s+(?:but|while|whereas|although|though|because|yet|so)\s+", re.I)
_JOINT = re.compile(rf"{_TURN.pattern}|,?\s+(?:and|or|nor)\s+", re.I)
_ASIDE = re.compile(r",\s*(?:which|who|whose|where|when)\b[^,;]*,|\s*\([^()]*\)")
_UNDER = frozenset(
    {"among", "at", "between", "by", "for", "from", "in", "into", "of", "on", "over", "to", "under", "with"}
)
"""What stands behind such a word is not what a clause is about (`the mother of Ada`)."""


def bears(unit: str, sentence: str) -> bool:
    """Whether the sentence is a statement, and a clause of the unit with words left out.

    So its numbers, names and bounds stand there in their order, the same is denied, joined and left open, and what it
    adds is colourless. A sentence in another order may well be true, but a small model that turns one round too often
    mixes up who did what.
    """
    if sentence.strip() == unit.strip():
        return True
    joints = len(_JOINT.findall(sentence))
    stretches = (stretch for clause in _CLAUSE.split(unit) for stretch in _stretches(clause, joints))
    return states(sentence) and any(_bears(text, scope, sentence) for text, scope in stretches)


def _stretches(clause: str, joints: int) -> Iterator[tuple[str, str]]:
    """What stands between words like `and` and `but`, across as many of them as the sentence has itself.

    Each with all that a denial or a doubt before it reaches: what stands since the last `but`. Once with asides and
    once without.
    """
    for text in dict.fromkeys((clause, _ASIDE.sub(" ", clause))):
        seams = [0, *(joint.start() for joint in _JOINT.finditer(text)), len(text)]
        turns = [0, *(turn.start() for turn in _TURN.finditer(text))]
        for at, start in enumerate(seams[:-1]):
            end = seams[min(at + 1 + joints, len(seams) - 1)]
            yield text[start:end], text[max(turn for turn in turns if turn <= start) : end]


def _bears(clause: str, scope: str, sentence: str) -> bool:
    said, told = stems_of(sentence), stems_of(clause)
    return (
        numbers_of(sentence) <= numbers_of(clause)
        and names_of(sentence) <= set(words_of(clause))
        and in_order(sentence, clause)
        and set(said) <= COLOURLESS.union(told)
        and links_of(sentence) <= links_of(clause)
        and negated(sentence) == negated(scope)
        and hedged(scope) <= hedged(sentence)
        and denied_of(sentence) <= denied_of(clause)
        and joined_of(sentence) <= joined_of(clause)
        and (": " not in sentence or ": " in clause)
        and _in_common(said, told) >= IN_ORDER * len(said) > 0
        and _begins_alike(sentence, clause)
    )


def _begins_alike(sentence: str, clause: str) -> bool:
    """Whether the sentence's first word that says something hangs on another one in the clause only if it does here."""
    first = next((told for told in stems_of(sentence) if told not in COLOURLESS), "")
    above = _above(first, clause)
    return above not in _UNDER or above == _above(first, sentence)


def _above(first: str, text: str) -> str:
    """The word before the stem, not counting articles and the like; empty where there is none."""
    words = words_of(text)
    at = next((at for at, word in enumerate(words) if stem(word) == first), 0)
    return next((word for word in reversed(words[:at]) if word in _UNDER or word not in STOPWORDS), "")


def _in_common(stems: Sequence[str], others: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    longest = [0] * (len(others) + 1)
    for told in stems:
        before = 0
        for at, other in enumerate(others, start=1):
            before, longest[at] = (
                longest[at],
                before + 1 if told == other else max(longest[at], longest[at - 1]),
            )
    return longest[-1]
