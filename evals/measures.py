"""What an answer is worth, from its words; and how sure a mean is."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

RESAMPLES = 2_000
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—…")
_MARKER = re.compile(r"\s*\[\d+\]")


def plain(text: str) -> list[str]:
    """The words of a text as SQuAD's own script compares them: lower case, no punctuation, no articles.

    Rajpurkar et al., "SQuAD", EMNLP 2016, `evaluate-v1.1.py`.
    """
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def contains(answer: str, right: Sequence[str]) -> bool:
    """Whether one of the right answers stands in it, word for word."""
    words = f" {' '.join(plain(_MARKER.sub('', answer)))} "
    return any(f" {' '.join(plain(one))} " in words for one in right)


def token_f1(answer: str, right: Sequence[str]) -> float:
    """SQuAD's F1 of the words, with the right answer that fits best, 0–1."""
    words = plain(_MARKER.sub("", answer))
    return max((_f1(words, plain(one)) for one in right), default=0.0)


def word_count(answer: str) -> int:
    """Words of an answer without its markers."""
    return len(_MARKER.sub("", answer).split())


def _f1(words: list[str], right: list[str]) -> float:
    shared = sum((Counter(words) & Counter(right)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(words), shared / len(right)
    return 2 * precision * recall / (precision + recall)


def interval(values: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """The percentile bootstrap's interval of the mean (Efron 1979), resampled 2,000 times, always the same way."""
    if not values:
        return float("nan"), float("nan")
    numbers = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(7).integers(0, len(numbers), (RESAMPLES, len(numbers)))
    low, high = np.quantile(numbers[drawn].mean(axis=1), [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
