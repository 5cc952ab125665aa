"""What makes a true sentence untrue: another number, name or direction, or a word that is left out and mattered."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from rag_gateway.rag.facts import numbers_of
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.terms import STOPWORDS, words_of

_NUMBER = re.compile(r"\b\d+\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_FIRST = re.compile(r"^[A-Z][a-z]{3,}\b")
_PLAIN = re.compile(r"\b[a-z]{5,}\b")
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|had|can|could|will|would)\b")
_PAIRS = """
above below, before after, more less, increased decreased, higher lower, highest lowest, largest smallest, first last,
north south, northern southern, east west, eastern western, over under, rise fall, rose fell, won lost, up down
"""
_CONTRARY = dict(pair.split() for pair in _PAIRS.replace("\n", " ").split(","))
_CONTRARY |= {b: a for a, b in _CONTRARY.items()}
_DIRECTION = re.compile(rf"\b(?:{'|'.join(_CONTRARY)})\b")
_HEAD = re.compile(
    r"(?P<start>^|[,;] |\b(?:by|in|is|was|were|are|and) )(?:[Tt]he|[Aa]n?) [a-z]+ of (?=[a-z]* ?[A-Za-z]{4,})"
)
"""The head of what something is about: `the population of Lund` (then Lund alone is told of)."""
_QUANTITY = re.compile(
    r"\b(?:some|most|many|few|several|half|nearly|almost|about|only|mostly|possibly|one|three|four|five|ten)"
    r"(?: of)? (?=the |[a-z]{4,})",
    re.I,
)


@dataclass(frozen=True)
class Said:
    """A sentence of a passage, and another document's words to put in."""

    sentence: str
    passage: Passage
    foreign: str


Change = Callable[[Said], str]
"""The sentence made wrong; itself where it has nothing to change."""


def as_it_is(said: Said) -> str:
    """Two spaces after its first word alone."""
    return said.sentence.replace(" ", "  ", 1)


def another_number(said: Said) -> str:
    """Its first number is one that the passage does not have."""
    known = numbers_of(said.passage.text)
    return _NUMBER.sub(
        lambda found: next(n for n in map(str, count(int(found[0]) + 1)) if n not in known), said.sentence, 1
    )


def another_name(said: Said) -> str:
    """A name behind the first word is another document's."""
    return _replaced(_NAME, said.sentence, _strangers(_NAME, said))


def another_subject(said: Said) -> str:
    """The name at its beginning is another document's."""
    opener = said.sentence.split(maxsplit=1)[0].casefold() in STOPWORDS
    return said.sentence if opener else _replaced(_FIRST, said.sentence, _strangers(_NAME, said))


def denied(said: Said) -> str:
    """What is said is denied."""
    already = re.search(r"\bnot\b|n't", said.sentence)
    return (
        said.sentence if already else _AUXILIARY.sub(lambda found: f"{found[0]} not", said.sentence, count=1)
    )


def contrary(said: Said) -> str:
    """A direction or a bound is its contrary."""
    return _DIRECTION.sub(lambda found: _CONTRARY[found[0]], said.sentence, count=1)


def names_exchanged(said: Said) -> str:
    """The first name and the last one have changed places."""
    found = list(_NAME.finditer(said.sentence))
    if len(found) < 2 or found[0][0] == found[-1][0]:
        return said.sentence
    (a, b), (c, d) = found[0].span(), found[-1].span()
    text = said.sentence
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def another_word(said: Said) -> str:
    """One plain word in the middle is another document's."""
    found = list(_PLAIN.finditer(said.sentence))
    strangers = _strangers(_PLAIN, said)
    if not found or not strangers:
        return said.sentence
    start, end = found[len(found) // 2].span()
    return said.sentence[:start] + strangers[0] + said.sentence[end:]


def head_left_out(said: Said) -> str:
    """Of `the population of Lund` Lund alone is left."""
    return _HEAD.sub(r"\g<start>", said.sentence, count=1)


def quantity_left_out(said: Said) -> str:
    """Of `three of the engines` and `almost all` the engines and all are left."""
    return _QUANTITY.sub("", said.sentence, count=1)


CHANGES: dict[str, Change] = {
    "as it is": as_it_is,
    "another number": another_number,
    "another name": another_name,
    "another subject": another_subject,
    "denied": denied,
    "the contrary direction or bound": contrary,
    "two names exchanged": names_exchanged,
    "one word of another document": another_word,
    "the head of `X of Y` left out": head_left_out,
    "a quantity or a doubt left out": quantity_left_out,
}


def _replaced(pattern: re.Pattern[str], text: str, instead: Sequence[str]) -> str:
    return pattern.sub(instead[0], text, count=1) if instead else text


def _strangers(pattern: re.Pattern[str], said: Said) -> list[str]:
    """The other document's words of that form that the passage does not have."""
    known = set(words_of(f"{said.passage.title} {said.passage.heading} {said.passage.text}"))
    return [word for word in pattern.findall(said.foreign) if word.casefold() not in known | STOPWORDS]
