"""Where one sentence ends and the next begins."""

import re
from itertools import pairwise

from pysbd import Segmenter

_LINE = re.compile(r"[^\n]+")
_WINDOW = 20_000
"""Characters that go to the rules at once: a line without any full stop must not make them slow."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as half-open spans without the white space around them; none crosses a line."""
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        for start in range(line.start(), line.end(), _WINDOW):
            spans += _spans(text, start, min(start + _WINDOW, line.end()))
    return spans


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """pysbd 0.3.4 misplaces the spans of sentences that occur twice, so they are looked up here, in order."""
    starts, at = [start], start
    for piece in Segmenter(language="en", clean=False).segment(text[start:end]):
        sentence = piece.strip()
        found = text.find(sentence, at, end)
        if sentence and found >= 0:
            starts.append(found)
            at = found + len(sentence)
    spans = (_stripped(text, *span) for span in pairwise([*starts, end]))
    return [(first, last) for first, last in spans if first < last]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return end - len(words.lstrip()), start + len(words.rstrip())
