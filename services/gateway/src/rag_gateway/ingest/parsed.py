"""A document as plain text whose shape is known, and the writer that parsers build it with."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag_gateway.visible import visible

BlockKind = Literal["heading", "paragraph", "list_item", "row", "code"]
_BLANKS = re.compile(r"[^\S\n]+")
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True)
class Block:
    """One piece of the text's shape; half-open, in characters."""

    kind: BlockKind
    start: int
    end: int
    words: int
    """Where its words begin: after the marker of a list item, else at `start`."""
    level: int = 0
    """Of a heading 1–6, of a list item its depth from 0."""
    glued: bool = False
    """Whether it goes on from the block before: one line further, without a blank line between."""
    page: int | None = None
    """Page, slide or sheet that it begins on, from 1; None where a format has none."""


@dataclass(frozen=True)
class Notice:
    """What was left out of a document that is there otherwise: a code for machines, words that say what to do."""

    code: str
    message: str


@dataclass(frozen=True)
class ParsedText:
    """The text without inline markup, the blocks it is made of, in order, and its first heading."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None
    notices: tuple[Notice, ...] = ()


class TextWriter:
    """Writes blocks one after another and remembers where each one stands."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self.page: int | None = None
        """Where the next blocks stand."""

    @property
    def last(self) -> BlockKind | None:
        """The kind of the block written last."""
        return self._blocks[-1].kind if self._blocks else None

    @property
    def leads_in(self) -> bool:
        """Whether the block written last announces the next one."""
        return self.last in ("paragraph", "list_item") and self._parts[-1].endswith(":")

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        mark: str = "",
        level: int = 0,
        indent: str = "",
        glued: bool = False,
    ) -> None:
        """Appends one block of prose, its white space made single; nothing when it holds no words."""
        lines = (_BLANKS.sub(" ", line).strip() for line in visible(text).split("\n"))
        self._append(Block(kind, 0, 0, len(mark), level, glued), mark, "\n".join(filter(None, lines)), indent)

    def add_code(self, code: str, language: str, *, glued: bool) -> None:
        """Appends code between fences that are longer than any inside it."""
        ticks = "`" * max((len(run) + 1 for run in _FENCE.findall(code)), default=3)
        body = visible(code).strip("\n")
        if body.strip():
            self._append(Block("code", 0, 0, 0, 0, glued), "", f"{ticks}{language}\n{body}\n{ticks}", "")

    def append(self, parsed: ParsedText) -> None:
        """Writes all of another text, on the page that is set."""
        for block in parsed.blocks:
            mark, words = parsed.text[block.start : block.words], parsed.text[block.words : block.end]
            self._append(replace(block, words=len(mark)), mark, words, "")

    def finish(self) -> ParsedText:
        """All that was written."""
        text = "".join(self._parts)
        title = next((text[b.start : b.end] for b in self._blocks if b.kind == "heading"), None)
        return ParsedText(text, tuple(self._blocks), title)

    def _append(self, block: Block, mark: str, words: str, indent: str) -> None:
        if not words:
            return
        gap = "" if not self._blocks else "\n" if block.glued else "\n\n"
        start = self._length + len(gap) + len(indent)
        end = start + len(mark) + len(words)
        self._parts += [gap, indent, mark, words]
        self._length = end
        glued = block.glued and bool(self._blocks)
        words_at = start + block.words
        placed = replace(block, start=start, end=end, words=words_at, glued=glued, page=self.page)
        self._blocks.append(placed)
