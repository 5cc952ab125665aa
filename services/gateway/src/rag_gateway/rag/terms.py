"""Words as the lexical index and the ranking of quotations see them: folded, without stopwords, stemmed."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from hashlib import blake2b

from snowballstemmer import stemmer

_WORD = re.compile(r"[^\W_]+")

_STOPWORDS = """
a about above after again against all also am an and any are aren as at be because been before being below
between both but by can cannot could couldn d did didn do does doesn doing don down during each few for from
further had hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn
it its itself just ll m may me might more most must my myself no nor not now of off on once only or other our
ours ourselves out over own re s same shall she should shouldn so some such t than that the their theirs them
themselves then there these they this those through to too under until up upon us ve very was wasn we were
weren what when where which while who whom whose why will with won would wouldn you your yours yourself
"""
STOPWORDS = frozenset(_STOPWORDS.split())
"""English words that say nothing about a topic, with the halves that an apostrophe leaves (`don`, `t`)."""


def words_of(text: str) -> list[str]:
    """The words of a text in lower case and without accents; `EMBEDDING_DIM` is two words."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _WORD.findall(plain)


def terms_of(text: str) -> Counter[str]:
    """How often each stem stands in a text; stopwords are left out."""
    return Counter(stem(word) for word in words_of(text) if word not in STOPWORDS)


def likeness(text: str, other: str) -> float:
    """Stems that both have as a share of those that either has (Jaccard), 0–1; 0 where there are none."""
    stems, others = terms_of(text).keys(), terms_of(other).keys()
    return len(stems & others) / (len(stems | others) or 1)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball (Porter2) stem of one lower-case English word.

    A stemmer keeps the word it works on, so threads must not share one; a new one costs microseconds.
    """
    return str(stemmer("english").stemWord(word))


def term_id(term: str) -> int:
    """A stem as the lexical index stores it: the first 64 bits of its BLAKE2b hash, big-endian, signed.

    Signed because PostgreSQL's bigint is; two of a million different stems collide with a chance of 3 in 10⁸.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)
