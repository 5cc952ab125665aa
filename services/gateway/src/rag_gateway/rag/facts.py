"""The parts of a sentence that must not be invented: its numbers, names, negations, addresses and markup."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from rag_gateway.rag.terms import STOPWORDS, stem, words_of

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_FIGURE = re.compile(r"(?<![\w.,])[-−+<>≤≥~≈±$£€¥]*\d+(?:[.,]\d+)*(?:\s?[%‰°])?")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SPELLED = (
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_VALUES = {word: str(n if n == 0 else n + 1) for n, word in enumerate(_SPELLED.split())}
_VALUES |= {word: word for word in ("hundred", "thousand", "million", "billion")}
_NEGATIONS = frozenset(
    {"no", "not", "never", "none", "nor", "neither", "nothing", "nobody", "without", "cannot"}
)
_LIGHTER = "a also an finally furthermore however meanwhile moreover the therefore thus"
_LIGHT = frozenset(_LIGHTER.split())
_OF_MANY = {"was": "were", "is": "are", "has": "have", "does": "do"}
_HEDGES = """
could may might perhaps possibly probably putatively supposedly reportedly allegedly alleged claim claims claimed
seem seems seemed appears appeared unlikely likely suggests suggested if unless until most almost nearly would
should former formerly unlike instead deny denies denied refuse refuses refused fail fails failed reject rejects
rejected believe believes believed said say says thought argue argued argues myth false expected scheduled planned
tried wanted offered stop stopped plan plans prevented few hardly rarely seldom except only while whereas although
though despite following after before accused avoid avoided avoids banned generally lack lacked lacks mostly partly
pretended pretends putative rumor rumour sometimes typically usually assuming
excluding hoax lie predict predicts predicted doubt doubts doubted subject save provided
"""
_QUALIFIERS = frozenset(_HEDGES.split())
"""Words that a sentence cannot leave out and still say the same."""
_ALL_BUT = re.compile(r"\ball but\b", re.I)
_FINITE = """
am are be been can could did do does had has have is may might must shall should was were will would became began bought
broke brought built came caught chose drew fell felt fought found gave got grew held kept knew left lost made met paid
put ran rose said sat saw sent set sold spoke spent stood taught thought told took went won wore wrote
"""
_VERBS = frozenset(_FINITE.split())
_BOUNDS = """
above below over under up down before after more less fewer only all least most minimum maximum higher lower greater
smaller highest lowest largest smallest rise rose rising fall fell falling increase decrease gain lose lost won win
first last early late north south east west northern southern eastern western left right
"""
_LIMITS = frozenset(map(stem, _BOUNDS.split()))
_TELLING = """
able answer area describe example explain kind list look main mean name often part passage people person place question
see show source tell term text thing type
"""
COLOURLESS = frozenset(map(stem, _TELLING.split()))
"""Stems that a sentence may add to what a source says: they tell it, and say nothing of it."""
_CUT_OFF = "a an and are as at by for from in is of on or than that the to was were who with"
_OPEN_ENDS = frozenset(_CUT_OFF.split())
"""Words that a sentence which was cut off ends with."""
_LINK = re.compile(
    r"(?:\b\w+:)?//\S+|\bwww\.\S+|\b(?:data|javascript|mailto):\S+|\]\s*[(\[:]\s*\S+|</?[a-z!?][^>]*>?", re.I
)
_OPENERS = frozenset(
    {"according", "additionally", "although", "based", "finally", "first", "however", "since", "thus"}
)
"""Words that are capitalised only because a sentence begins with them, besides the stopwords."""
_LEADING = (
    "also answer furthermore moreover next note overall similarly so specifically sure then therefore yes"
)
_LEAD_INS = STOPWORDS | _OPENERS | set(_LEADING.split())


def numbers_of(text: str) -> set[str]:
    """The numbers of a text, in digits without thousands separators; `seven` is `7`, `one` is a pronoun."""
    digits = {_THOUSANDS.sub("", number) for number in _NUMBER.findall(text)}
    return digits | _spelled(text)


def _spelled(text: str) -> set[str]:
    return {_VALUES[word] for word in words_of(text) if word in _VALUES}


def figures_of(text: str) -> set[str]:
    """Numbers as `numbers_of`, with the signs that belong to them: `-5`, `£3`, `18%`."""
    digits = {re.sub(r"\s", "", figure) for figure in _FIGURE.findall(_THOUSANDS.sub("", text))}
    return digits | _spelled(text)


def names_of(sentence: str) -> set[str]:
    """The capitalised words of a sentence in lower case; its first word too, unless it is a common opener."""
    words = _WORD.findall(sentence)
    named = {word for word in words if word[:1].isupper() and not word[:1].isdigit()}
    lowered = {part for word in named for part in words_of(word)}
    months = {"may"} if "May" in words[1:] else set()
    return lowered - STOPWORDS - _OPENERS | months


def first_of(sentence: str) -> set[str]:
    """The stem of a sentence's first word that says something: mostly what it is about."""
    told = (stem(word) for word in words_of(sentence) if word not in _LEAD_INS)
    return set(islice(told, 1))


def limits_of(text: str) -> Counter[str]:
    """How often each stem stands there that tells a direction or a bound: with another one the contrary is said."""
    return Counter(told for told in map(stem, words_of(text)) if told in _LIMITS)


def follow(words: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the words stand among the others in their order."""
    rest = iter(others)
    return all(word in rest for word in words)


def told_of(text: str) -> list[str]:
    """Each word's stem, or number in digits, without articles and the like; `was` and `were` are the same."""
    words = (word for word in words_of(_THOUSANDS.sub("", text)) if word not in _LIGHT)
    return [_VALUES.get(word) or _OF_MANY.get(word) or stem(word) for word in words]


def negated(text: str) -> bool:
    """Whether the text denies something."""
    return bool(_NEGATIONS & set(words_of(text))) or "n't" in text or "n’t" in text


def states(text: str) -> bool:
    """Whether a text looks like a whole statement: it has what may be a verb, and is not cut off."""
    words = _WORD.findall(text)
    plain = (word for word in words if word.islower())
    return any(map(may_be_verb, plain)) and words[-1].casefold() not in _OPEN_ENDS and len(words[-1]) > 1


def may_be_verb(word: str) -> bool:
    """Whether a word in lower case is a verb, or looks like one, as nouns of many do (`results`, but not `world's`)."""
    return word in _VERBS or (word.endswith(("ed", "s")) and word.isalpha() and word not in STOPWORDS)


def has_verb(text: str) -> bool:
    """Whether a word is a verb for certain: those in `s` may be nouns (`results on shells`)."""
    return any(word in _VERBS or word.endswith("ed") for word in words_of(text))


def denied_of(text: str) -> set[str]:
    """What follows a negation: the stem of the next word that is no stopword; nobody's `no` moves to another word."""
    words = words_of(re.sub(r"n['’]t\b", " not", text))
    after = (words[at + 1 :] for at, word in enumerate(words) if word in _NEGATIONS)
    return {next((stem(word) for word in rest if word not in STOPWORDS), "") for rest in after}


def hedged(text: str) -> set[str]:
    """The words by which a text leaves open, limits or takes back what it says."""
    return set(words_of(_ALL_BUT.sub("almost", text))) & _QUALIFIERS


def links_of(text: str) -> set[str]:
    """Addresses, the targets of links and images, and tags, letter for letter but for the signs behind them."""
    return {link.rstrip(".,;:!?)]\"'”’") for link in _LINK.findall(text)}
