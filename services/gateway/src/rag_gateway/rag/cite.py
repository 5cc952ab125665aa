"""The markers of an answer, verified while it streams: sent only if the source supports the sentence."""

import re
from collections.abc import Iterable, Sequence

from rag_gateway.rag.backticks import Backticks, Piece
from rag_gateway.rag.citation import Citation, Span
from rag_gateway.rag.facts import states
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.sentences import sentence_spans
from rag_gateway.rag.support import Sources, Support

LONGEST_MARKER = 24
"""Characters from `[` to `]` that are held back; what is longer is no marker."""
_INSIDE = frozenset("0123456789,; -–")
_MARKER = re.compile(r"\[\d+\]")
_WORD_END = re.compile(r"[\w\"'”’)*]")
_OPEN_BRACKET = re.compile(r"\[[\d,; –-]*$")
_STOP = re.compile(r"[.!?][\"'”’)*_]*$")
_NUMERAL = re.compile(r"(?:^|[\n.!?)]\s*)\d{1,3}\.$")
"""That of a list's item, which ends no sentence."""
LOOKED_BACK = 1_000
"""Characters in which the last sentence of an answer begins; a line may be longer when a model turns in circles."""
_MARKERS_AT_END = re.compile(r"(?:\s*\[\d+\])+\s*$")
_LIST_MARK = re.compile(r"\s*(?:[-*•#>]+|\d+[.)])\s+")


class MarkerFilter:
    """Takes a model's text as it comes and gives back what may be sent; how the text is cut does not matter.

    What `feed` and `finish` returned, joined, is `answer`. White space is held back until it is known that no
    dropped marker follows it.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.answer = ""
        self.citations: list[Citation] = []
        self.dropped = 0
        self._sources = Sources(passages)
        self._code = Backticks()
        self._space = ""
        self._lost = ""
        self._held = ""
        self._begun = 0
        """Where the sentence begins that is being written, as far as is known."""
        self._parted = False
        """Whether a dropped marker stood here: without it two runs of backticks would become another one."""

    def feed(self, delta: str) -> str:
        """What may be sent now that `delta` has arrived."""
        sent = len(self.answer)
        self._read(self._code.feed(delta))
        return self.answer[sent:]

    def finish(self) -> str:
        """The rest, and a marker of our own if there is none yet though a source supports a part of it."""
        sent = len(self.answer)
        self._read(self._code.finish())
        self._say(self._held)
        self._end_sentence("")
        self._held = self._space = ""
        if not self.citations:
            self._cite_last()
        return self.answer[sent:]

    def _read(self, pieces: Iterable[Piece]) -> None:
        for text, is_code in pieces:
            for character in text:
                self._take(character, is_code)

    def _take(self, character: str, is_code: bool = False) -> None:
        if self._held and character == "]":
            self._close()
        elif self._held and character in _INSIDE and len(self._held) < LONGEST_MARKER - 1:
            self._held += character
        elif self._held:
            self._say(self._held)
            self._held = ""
            self._take(character, is_code)
        elif character == "[" and not is_code:
            self._held = character
        elif character.isspace():
            self._space += character
        elif character == "(" and not self._space and self._marked():
            self._space = " "  # `[1](address)` would be a link
            self._say(character)
        elif is_code:
            self._send(character)
        else:
            self._say(character)

    def _marked(self) -> bool:
        """Whether the answer ends with a marker."""
        return bool(self.citations) and self.citations[-1].end == len(self.answer)

    def _say(self, text: str) -> None:
        if text and self._space:
            self._end_sentence(text[0])
        self._send(text)

    def _end_sentence(self, following: str) -> None:
        """A marker of our own behind a whole sentence or line that has none though a source supports it."""
        stopped = _STOP.search(self.answer[-LONGEST_MARKER:])
        if not (
            self._ends(following) if stopped else _WORD_END.search(self.answer[-1:]) and self._at_line_end()
        ):
            return
        sentence, begun = last_sentence(self.answer, self._begun), len(self.answer)
        text = self.answer[sentence.start : sentence.end]
        marked = any(citation.start >= sentence.start for citation in self.citations)
        support = None if marked or not (stopped or states(text)) else self._sources.best_support(text)
        if support:
            space, self._space = self._space, " "
            self._mark(support, sentence)
            self._space = space
        self._begun = len(self.answer) if support else begun

    def _at_line_end(self) -> bool:
        return "\n" in self._space

    def _ends(self, following: str) -> bool:
        """Whether a sentence ends where the answer does, now that it is known what follows the white space."""
        if not following or "\n" in self._space:
            return True
        if _NUMERAL.search(self.answer[-LONGEST_MARKER:]):
            return False
        begun = max(self.answer.rfind("\n") + 1, self._begun, len(self.answer) - LOOKED_BACK)
        line = self.answer[begun:] + self._space
        return sentence_spans(_masked(line) + following)[-1][0] == len(line)

    def _send(self, text: str) -> None:
        if text:
            parted = self._parted and text[0] == "`" and self.answer.endswith("`")
            lost = self._lost if text[0].isalnum() else ""
            space = self._space or lost or (" " if parted else "")
            self.answer += text if self.dropped and not self.answer else space + text
            self._space = self._lost = ""
            self._parted = False

    def _close(self) -> None:
        held, self._held = self._held + "]", ""
        numbers = [int(digits) for digits in re.findall(r"\d+", held)]
        if not numbers:
            self._send(held)
            return
        sentence = last_sentence(self.answer, self._begun)
        supports = [self._support(sentence, n) for n in dict.fromkeys(numbers)]
        valid = [support for support in supports if support]
        self.dropped += len(supports) - len(valid)
        self._parted = not valid
        if not valid and _OPEN_BRACKET.search(self.answer[-LONGEST_MARKER:]) and not self._space:
            self._space = " "  # `[[9]1]` must not become a marker
        elif not valid and "\n" not in self._space:
            self._space, self._lost = "", self._space or self._lost
        for support in valid:
            self._mark(support, sentence)

    def _support(self, quote: Span, n: int) -> Support | None:
        """By the whole sentence, else by what it says since the marker before, if each part is a statement."""
        sentence = self.answer[quote.start : quote.end]
        parts = _MARKER.split(sentence)
        whole = self._sources.support(" ".join(parts), n)
        return whole or (self._sources.support(parts[-1], n) if all(map(states, parts)) else None)

    def _mark(self, support: Support, quote: Span) -> None:
        """A marker right behind a dropped one takes over the white space before that one."""
        marker = f"[{support.n}]"
        self._space = self._space or self._lost
        self._send(marker)
        end = len(self.answer)
        self.citations.append(
            Citation(
                support.n, end - len(marker), end, supported=True, quote=quote, evidence=support.evidence
            )
        )

    def _cite_last(self) -> None:
        last = last_sentence(self.answer, self._begun)
        if support := self._sources.best_support(self.answer[last.start : last.end]):
            self._space = "\n" if self.answer.endswith("```") else " "
            self._mark(support, last)


def last_sentence(answer: str, begun: int = 0) -> Span:
    """The sentence or fenced code at the end of an answer, not before `begun`, without the markers after it."""
    end = len(answer) - len(found[0]) if (found := _MARKERS_AT_END.search(answer)) else len(answer.rstrip())
    line = answer.rfind("\n", 0, end) + 1
    if answer.startswith("```", line):
        return Span(max(answer.rfind("```", 0, line), 0), end)
    line = max(line, end - LOOKED_BACK, min(begun, end))
    if mark := _LIST_MARK.match(answer, line, end):
        line = mark.end()
    spans = sentence_spans(_masked(answer[line:end]))
    return Span(line + spans[-1][0], end) if spans else Span(end, end)


def _masked(text: str) -> str:
    """White space in place of each marker, so that sentences are found without them."""
    return _MARKER.sub(lambda marker: " " * len(marker[0]), text)
