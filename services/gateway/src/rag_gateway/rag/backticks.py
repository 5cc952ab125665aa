"""Which characters of a stream of Markdown are code, told as soon as it is certain."""

import re
from collections.abc import Iterator

Piece = tuple[str, bool]
"""Characters, and whether they are code."""
_RUN = re.compile(r"`+")


class Backticks:
    """Follows CommonMark's code fences and inline code, and where in doubt says that it is text.

    So nothing that a page shows as text passes as code. A line is held back from a backtick on until another one
    closes it; when none does, there is no inline code up to the next blank line. A fence stands at the beginning of
    a line and ends with a line of its own, or with the indented list that it stands in.
    """

    def __init__(self) -> None:
        self._before = ""
        """The present line, as far as it has been told."""
        self._held = ""
        """What follows it from a run of backticks on that may open code."""
        self._doubtful = False
        """Whether a run before, in this paragraph, is not closed yet."""
        self._fence = 0
        """How many backticks opened the fence that is open."""
        self._indent = 0

    def feed(self, text: str) -> Iterator[Piece]:
        """The characters that have become certain."""
        for character in text:
            yield from self._fenced(character) if self._fence else self._text(character)

    def finish(self) -> Iterator[Piece]:
        """The rest: what is still not closed is text."""
        yield self._held, self._closes(self._held)

    def _fenced(self, character: str) -> Iterator[Piece]:
        if not self._before.strip() and not character.isspace() and len(self._before) < self._indent:
            self._fence = 0
            yield from self._text(character)
            return
        yield character, True
        self._before += character
        if character == "\n":
            line = self._before.strip()
            closes = len(line) >= self._fence and not line.strip("`") and _indented(self._before)
            self._fence = 0 if closes else self._fence
            self._before = ""

    def _text(self, character: str) -> Iterator[Piece]:
        if self._held or (character == "`" and (not self._doubtful or not self._before.strip())):
            self._held += character
            yield from self._told(character)
        else:
            yield self._tell(character), False
        if character == "\n":
            self._doubtful = self._doubtful and bool(self._before.strip())
            self._before = ""

    def _told(self, character: str) -> Iterator[Piece]:
        """What is held back, if its last character makes it certain."""
        run = _run_at_start(self._held)
        if character != "`" and self._closes(self._held[:-1]):
            yield self._tell(self._held[:-1]), True
            yield self._tell(character), False
        elif character == "\n" and self._opens_fence(run):
            self._fence, self._indent, self._doubtful = run, len(self._before), False
            yield self._tell(self._held), True
        elif character == "\n":
            self._doubtful = True
            yield self._tell(self._held), False

    def _closes(self, held: str) -> bool:
        run = _run_at_start(held)
        return run == len(held) - len(held.rstrip("`")) < len(held) and not self._doubtful

    def _tell(self, text: str) -> str:
        self._before, self._held = self._before + text, ""
        return text

    def _opens_fence(self, run: int) -> bool:
        alone = not self._before.strip() and _indented(self._before)
        return run >= 3 and alone and "`" not in self._held[run:]


def _run_at_start(text: str) -> int:
    found = _RUN.match(text)
    return found.end() if found else 0


def _indented(line: str) -> bool:
    """By so little that a fence may stand there."""
    return len(line) - len(line.lstrip(" ")) <= 3
