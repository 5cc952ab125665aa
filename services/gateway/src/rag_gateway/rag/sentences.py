"""Where one sentence ends and the next begins."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from pysbd import Segmenter

_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"[.!?。．！？)]")
"""What pysbd ends a sentence at, `)` for lists such as "1) … 2) …". Most lines of lists and code have none."""
_ADDRESS = re.compile(r"\b\w+://\S*[^\s.,;:!?'\"”)\]]")
"""No sentence ends inside one, whatever its `?` and `.` look like."""
_WINDOW = 4_000
"""Characters that go to the rules at once: their time grows faster than a line's length."""


@lru_cache(maxsize=1)  # what announces a list or code is asked for twice in a row
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a text as half-open spans without the white space around them; none crosses a line."""
    text = _ADDRESS.sub(lambda address: "x" * len(address[0]), text)
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        for start, end in _windows(text, line.start(), line.end()):
            spans += _spans(text, start, end)
    return tuple(spans)


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A very long line is cut behind a full stop, else at white space."""
    while end - start > _WINDOW:
        seam = max(text.rfind(". ", start, start + _WINDOW) + 1, 0) or text.rfind(" ", start, start + _WINDOW)
        stop = seam if seam > start else start + _WINDOW
        yield start, stop
        start = stop
    yield start, end


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """pysbd 0.3.4 misplaces the spans of sentences that occur twice, so they are looked up here, in order."""
    first, last = _stripped(text, start, end)
    if not _STOP.search(text, first, last - 1):
        return [(first, last)] if first < last else []
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
