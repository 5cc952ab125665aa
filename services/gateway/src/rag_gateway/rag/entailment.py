"""Whether a quotation says what a model's sentence says: by words alone, and strictly, since a sentence can be spared.

What comes of the rules is read by people: `evals/judged`, and `python -m evals judged`.
"""

import re
from collections.abc import Iterator
from itertools import islice

from rag_gateway.rag.facts import (
    figures_of,
    has_verb,
    hedged,
    links_of,
    may_be_verb,
    negated,
    states,
    told_of,
)
from rag_gateway.rag.terms import words_of

_CLAUSE = re.compile(r";\s+(?![^;:]{1,40}: )")
"""Between statements of a long list, but not between the cells of a table's row (`Part: gateway; Port: 8080`)."""
_TURN = re.compile(r"(?<!all )\b(?:but|while|whereas|although|though|because|yet|so)\b", re.I)
_JOINT = re.compile(rf"(?:,\s)?(?:\band\b|{_TURN.pattern})|,", re.I)
MOST_JOINTS = 24
"""Where a clause may be cut: a list of hundreds would take seconds."""
_ASIDE = re.compile(r",\s(?:which|who|whose|where)\b[^,;]*,")
_LIMITS = """
about according after against among apart as at because before between by despite during except for from given if in
inside into like near not of on only or outside over per since than to toward towards under unless unlike until upon
using via when where whether with within without
"""
_LIMITING = frozenset(_LIMITS.split())
"""What begins with such a word says where, when or for whom something holds, and cannot be left out."""
_EXPLAINING = frozenset({"a", "an", "the", "which", "who", "whose", "where"})
"""What begins with such a word behind a comma tells more of what was named, and can."""
_RELATIVES = frozenset({"that", "which", "who", "whom", "whose"})
_SUBORDINATING = _RELATIVES | {"because", "if", "than", "unless", "until", "when", "where", "whether"}
_PAIRED = frozenset({"between", "both", "either", "neither"})
_PRONOUNS = frozenset({"he", "it", "she", "they", "we", "you"})
Stretch = tuple[int, int]


def bears(unit: str, sentence: str) -> bool:
    """Whether the sentence is a clause of the unit, word for word but for articles and the like.

    Asides between commas may be left out of it, and nothing else: a word that is missing (`the brother of`, `in mice`,
    `every tenth`) changes what is said as often as one that is added, and no rule of words knows which.
    """
    if unit.rstrip().endswith("?") or not states(sentence):
        return False
    if not (links_of(sentence) <= links_of(unit) and figures_of(sentence) <= figures_of(unit)):
        return False
    clauses = _CLAUSE.split(" ".join(unit.split()))
    texts = dict.fromkeys(text for clause in clauses for text in (clause, _ASIDE.sub(_without, clause)))
    holding = (text for text in texts if _holds(text, sentence))
    return any(_bears(text, stretch, sentence) for text in holding for stretch in _stretches(text))


def _holds(text: str, sentence: str) -> bool:
    """Whether the sentence's words stand there side by side, but for its first, which may be a pronoun's."""
    told, said = (f" {' '.join(told_of(each))} " for each in (text, sentence))
    return said in told or f" {said.split(' ', 2)[-1]}" in told


def _without(aside: re.Match[str]) -> str:
    """An aside that denies, or takes back a part of what is said, stays."""
    return aside[0] if hedged(aside[0]) or negated(aside[0]) else " "


def _stretches(text: str) -> Iterator[Stretch]:
    """From where a statement may begin to where it may end."""
    joints = list(islice(_JOINT.finditer(text), MOST_JOINTS))
    starts = [0, *(joint.end() for joint in joints if _may_begin(text, joint))]
    ends = [*(joint.start() for joint in joints if _may_end(text, joint)), len(text)]
    return ((start, end) for start in starts for end in ends if start < end)


def _may_begin(text: str, joint: re.Match[str]) -> bool:
    """Behind `and`, `but` and the like, if a statement stands before that says nothing of when and where for both."""
    before = text[: joint.start()]
    return joint[0] != "," and has_verb(before) and _LIMITING.isdisjoint(words_of(before)[:1])


def _may_end(text: str, joint: re.Match[str]) -> bool:
    """Before a statement (`, and`, `but`), or before what tells more of what was named; never within `X and Y`."""
    if _PAIRED & set(words_of(text[: joint.start()])):
        return False
    following = text[joint.end() : _next_joint(text, joint.start())]
    if joint[0] == ",":
        return following.strip()[:1].islower() and not _EXPLAINING.isdisjoint(words_of(following)[:1])
    return joint[0].casefold() != "and" and any(map(may_be_verb, words_of(following)[:-1]))


def _bears(text: str, stretch: Stretch, sentence: str) -> bool:
    start, end = stretch
    said, scope = text[start:end], text[_turned(text, start) : end]
    return (
        told_of(sentence) in _readings(text, start, end)
        and not _is_part(said, text[end:])
        and negated(sentence) == negated(scope)
        and hedged(text[: _next_joint(text, end)]) <= hedged(sentence)
    )


def _readings(text: str, start: int, end: int) -> list[list[str]]:
    """The stretch's words, and, where it shares a pronoun with the text's beginning, with that before them."""
    told, first = told_of(text[start:end]), told_of(text)[:1]
    shared = [first + told] if start and _PRONOUNS & set(first) else []
    joined = re.search(r"(?<!,) and$", text[:start], re.I)  # `the mother of Ada and Bob died`
    return shared if joined else [told, *shared]


def _is_part(said: str, rest: str) -> bool:
    """Whether it only says when, where, who or what for (`To stop what was started`), and its verb may follow."""
    joint = _JOINT.match(rest)
    words = words_of(said)
    bare = joint is not None and joint[0] == ","
    begins = _SUBORDINATING if not bare else _LIMITING | _SUBORDINATING
    fragment = bool(begins.intersection(words[:1])) and "," not in said
    return fragment or (bare and not _RELATIVES.isdisjoint(words))


def _turned(text: str, start: int) -> int:
    """Where that begins which a denial before the stretch reaches: at the last `but`."""
    return max((turn.start() for turn in _TURN.finditer(text) if turn.start() <= start), default=0)


def _next_joint(text: str, end: int) -> int:
    """Where what follows the stretch ends, which may take back what is said (`The quay sank, critics say.`)."""
    joint = _JOINT.match(text, end)
    return next((found.start() for found in _JOINT.finditer(text, joint.end() if joint else end)), len(text))
