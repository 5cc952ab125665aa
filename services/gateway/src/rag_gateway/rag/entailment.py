"""Whether a quotation says what a model's sentence says: by words alone, and strictly, since a sentence can be spared.

What the rules were chosen by stands in `evals/judged`; `python -m evals judged` says how often they are right.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

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
_TURN = re.compile(r"(?<!all )\b(?:but|while|whereas|although|though|because|yet|so)\b", re.I)
_JOINT = re.compile(rf",|\b(?:and|or|nor|that|which|who|whose|where|when)\b|{_TURN.pattern}", re.I)
_ASIDE = re.compile(r",\s(?:which|who|whose|where|when)\b[^,;]*,|\s\([^()]*\)")
_RELATIVE = re.compile(r"(?:that|which|who)\b", re.I)
AGENT = 3
"""Words behind a `by` that may name who does it."""
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
    own = Counter(joint.casefold() for joint in _JOINT.findall(sentence))
    clauses = _CLAUSE.split(" ".join(unit.split()))
    stretches = (stretch for clause in clauses for stretch in _stretches(clause, own))
    return states(sentence) and any(_bears(text, scope, sentence) for text, scope in stretches)


def _stretches(clause: str, own: Counter[str]) -> Iterator[tuple[str, str]]:
    """What stands between commas and words like `and`, `but` and `who`, across those that the sentence has as well.

    Each with all that a denial or a doubt before it reaches: what stands since the last `but`. Once with asides and
    once without.
    """
    for text in dict.fromkeys((clause, _ASIDE.sub(" ", clause))):
        joints = [*_JOINT.finditer(text)]
        starts = [0, *(joint.start() for joint in joints)]
        turns = [0, *(turn.start() for turn in _TURN.finditer(text))]
        for at, start in enumerate(starts):
            end, left = at, own.copy()
            while end < len(joints) and left[joints[end][0].casefold()] > 0:
                left[joints[end][0].casefold()] -= 1
                end += 1
            stop = joints[end].start() if end < len(joints) else len(text)
            yield text[start:stop], text[max(turn for turn in turns if turn <= start) : stop]


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
        and _same_forms(sentence, clause)
        and _begins_alike(sentence, clause)
    )


def _same_forms(sentence: str, clause: str) -> bool:
    """Whether its words in `ing` stand there so (`representing` is no `represented`), and who does it behind a `by`."""
    words, told = words_of(sentence), words_of(clause)
    doing = {word for word in words if word.endswith("ing")}
    agents = {after for by, after in pairwise(_without_articles(words)) if by == "by"}
    others = _without_articles(told)
    known = {word for at, by in enumerate(others) if by == "by" for word in others[at + 1 : at + 1 + AGENT]}
    return doing <= set(told) and agents <= known


def _without_articles(words: Sequence[str]) -> list[str]:
    return [word for word in words if word in _UNDER or word not in STOPWORDS]


def _begins_alike(sentence: str, clause: str) -> bool:
    """Whether what the sentence is about, its first word that says something, is what the clause is about.

    It hangs on no other word there (`the mother of Ada`, `Ada's mother`) unless it does so in the sentence, too.
    """
    if _RELATIVE.match(clause) and stems_of(sentence)[:1] != stems_of(clause)[:1]:
        return False  # `that sued the city was founded`
    first = next((told for told in stems_of(sentence) if told not in COLOURLESS), "")
    (above, owner), (before, owns) = _beside(first, clause), _beside(first, sentence)
    return (above not in _UNDER or above == before) and owner == owns


def _beside(first: str, text: str) -> tuple[str, bool]:
    """The word before the stem, but for articles and the like, empty where none is; whether it owns what follows."""
    words = words_of(text)
    at = next((at for at, word in enumerate(words) if stem(word) == first), 0)
    return next(reversed(_without_articles(words[:at])), ""), words[at + 1 : at + 2] == ["s"]


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
