"""The model's own sentences under quotations: each is held back until verified, then sent or dropped."""

import re
from collections.abc import Sequence

from rag_gateway.rag.citation import Citation, Span
from rag_gateway.rag.entailment import bears
from rag_gateway.rag.quote import SAME, RankedUnit
from rag_gateway.rag.sentences import sentence_spans
from rag_gateway.rag.terms import likeness, terms_of, words_of

_MARKERS = re.compile(r"\s*\[[\d,; –-]{1,22}\]")
_MAYBE_WHOLE = re.compile(r"[.!?][\"'”’)\]]*\s+$")
_OPENING = "\"'“‘("
_BEFORE = re.compile(
    r"^\s*(?:(?:[-*•#>]+|\d+[.)])\s+)*(?:the answer(?: to (?:the|this) question)? is:\s+)?", re.I
)
"""List marks, and what small models begin with."""


class SentenceFilter:
    """Takes a model's text as it comes; gives back verified sentences, each with its marker.

    `units` are the quotations that the model was shown, `offset` is the answer's length before its
    paragraph, and `lead` is written before its first sentence. How the text is cut does not matter.
    """

    def __init__(
        self, units: Sequence[RankedUnit], offset: int, lead: str = "\n\n", at_most: int = 2
    ) -> None:
        self.answer = ""
        self.citations: list[Citation] = []
        self.dropped = 0
        self._units = units
        self._offset = offset
        self._lead = lead
        self._left = at_most
        self._buffer = ""

    def feed(self, delta: str) -> str:
        """What may be sent now that `delta` has arrived."""
        sent = len(self.answer)
        for character in delta:
            self._take(character)
        return self.answer[sent:]

    def finish(self) -> str:
        """The last sentence, if it is whole and verified; one that was cut off is dropped."""
        sent = len(self.answer)
        self._take("\n")
        return self.answer[sent:]

    def _take(self, character: str) -> None:
        """A sentence is whole when the next one has begun: markers behind its full stop belong to it."""
        if not self._left:
            return
        before, self._buffer = self._buffer, self._buffer + character
        if character == "\n":
            self._judge(before)
            self._buffer = ""
        elif not character.isspace() and character != "[" and _MAYBE_WHOLE.search(_MARKERS.sub("", before)):
            masked = _MARKERS.sub(lambda marker: " " * len(marker[0]), self._buffer)
            if sentence_spans(masked)[-1][0] == len(before):
                self._judge(before)
                self._buffer = character

    def _judge(self, text: str) -> None:
        text = _BEFORE.sub("", text).strip()
        sentence = _MARKERS.sub("", text).strip()
        if not sentence or not self._left:
            return
        self._left -= 1
        asked = {int(n) for marker in _MARKERS.findall(text) for n in re.findall(r"\d+", marker)}
        unit = self._cited(sentence, asked)
        if unit is None:
            self.dropped += 1
        else:
            self._send(sentence, unit)

    def _cited(self, sentence: str, asked: set[int]) -> RankedUnit | None:
        """The unit that bears the sentence best, among those its markers name, or all when it has none."""
        repeats = any(likeness(sentence, unit.text) >= SAME for unit in self._units)
        whole = sentence[:1] in _OPENING or sentence[:1].isalnum()
        if not (whole and sentence.endswith((*".!”", '"'))) or repeats or _holds(self.answer, sentence):
            return None
        units = [unit for unit in self._units if not asked or unit.n in asked]
        borne = [(_share(sentence, unit.text), unit) for unit in units if bears(unit.text, sentence)]
        return max(borne, key=lambda found: found[0])[1] if borne else None

    def _send(self, sentence: str, unit: RankedUnit) -> None:
        self.answer += f"{' ' if self.answer else self._lead}{sentence} [{unit.n}]"
        end = self._offset + len(self.answer)
        start = end - len(f"[{unit.n}]")
        evidence = Span(unit.unit.start, unit.unit.end)
        self.citations.append(Citation(unit.n, start, end, supported=True, quote=None, evidence=evidence))


def _share(sentence: str, unit: str) -> float:
    stems = terms_of(sentence).keys()
    return len(stems & terms_of(unit).keys()) / len(stems) if stems else 0.0


def _holds(answer: str, sentence: str) -> bool:
    return f" {' '.join(words_of(sentence))} " in f" {' '.join(words_of(answer))} "
