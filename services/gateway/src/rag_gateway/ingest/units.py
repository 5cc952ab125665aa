"""What may be quoted of a document: sentences, short lists, table rows and short code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag_gateway.ingest.parsed import Block
from rag_gateway.rag.passage import Unit, UnitKind
from rag_gateway.rag.sentences import sentence_spans

LIST_WORDS = 60
"""A list of at most so many words is one unit with its lead-in; of a longer one each item is."""
CODE_LINES = 10
"""Code of more lines is not quoted."""
HEADING = 200
"""Characters of a heading that are kept with what it heads; a longer one is none."""
LONGEST = 1_000
"""Characters of the longest unit: each fits a passage; endless prose is cut at white space."""


@dataclass(frozen=True)
class _Group:
    """Blocks that go on from one another, under one heading."""

    blocks: tuple[Block, ...]
    heading: str


def units_of(blocks: Sequence[Block], text: str) -> tuple[Unit, ...]:
    """In reading order. The sentence before code is part of the code's unit; unless it ends in a colon, it is
    a unit of its own, too."""
    return tuple(unit for group in _groups(blocks, text) for unit in _units(group, text))


def heading_path(path: Sequence[str]) -> str:
    """Headings, outermost first, as they are shown and ranked."""
    return " › ".join(path)


def headings_over(blocks: Sequence[Block], text: str) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Each block with the headings it stands under; a heading stands under itself."""
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind == "heading":
            path = [above for above in path if above[0] < block.level]
            path.append((block.level, text[block.start : block.end][:HEADING]))
        yield block, tuple(words for _, words in path)


def _groups(blocks: Sequence[Block], text: str) -> Iterator[_Group]:
    """A list with the paragraph that announces it, code with the paragraph or item before it."""
    group: list[Block] = []
    heading = ""
    for block, path in headings_over(blocks, text):
        goes_on = group and block.glued and group[-1].kind != "code"
        if group and not goes_on:
            yield _Group(tuple(group), heading)
            group = []
        heading = heading_path(path)
        if block.kind != "heading":
            group.append(block)
    if group:
        yield _Group(tuple(group), heading)


def _units(group: _Group, text: str) -> Iterator[Unit]:
    last = group.blocks[-1]
    if last.kind == "code":
        yield from _code(group, text)
    elif last.kind == "row":
        for row in group.blocks:
            yield from _prose(row.start, row.end, "row", group.heading, text)
    elif last.kind == "list_item":
        yield from _list(group, text)
    else:
        yield from _sentences(last, group.heading, text)


def _sentences(block: Block, heading: str, text: str) -> Iterator[Unit]:
    """A sentence that ends in a colon announces something else and says nothing alone."""
    for start, end in sentence_spans(text[block.words : block.end]):
        if text[block.words + end - 1] != ":":
            yield from _prose(block.words + start, block.words + end, "sentence", heading, text)


def _list(group: _Group, text: str) -> Iterator[Unit]:
    """A short list with the sentence that announces it; else each item, or a long item's sentences."""
    items = [block for block in group.blocks if block.kind == "list_item"]
    start, end = items[0].start, items[-1].end
    if group.blocks[0].kind == "paragraph":
        yield from _sentences(group.blocks[0], group.heading, text)
        start = _last_sentence(group.blocks[0], text)
    if len(group.blocks) > 1 and _is_short(text[start:end]):
        yield Unit(start, end, "list", group.heading)
        return
    for item in items:
        if not _is_short(text[item.start : item.end]):
            yield from _sentences(item, group.heading, text)
        elif text[item.end - 1] != ":":
            yield Unit(item.words, item.end, "sentence", group.heading)


def _code(group: _Group, text: str) -> Iterator[Unit]:
    """Short code with the sentence before it, after the units that stand before both."""
    *before, code = group.blocks
    if before:
        yield from _units(_Group(tuple(before), group.heading), text)
    start = _last_sentence(before[-1], text) if before else code.start
    if text.count("\n", code.start, code.end) - 1 <= CODE_LINES and code.end - start <= LONGEST:
        yield Unit(start, code.end, "code", group.heading)


def _last_sentence(block: Block, text: str) -> int:
    """Where it begins."""
    return block.words + sentence_spans(text[block.words : block.end])[-1][0]


def _prose(start: int, end: int, kind: UnitKind, heading: str, text: str) -> Iterator[Unit]:
    """One unit, or several when it is longer than LONGEST."""
    while end - start > LONGEST:
        seam = text.rfind(" ", start + 1, start + LONGEST)
        stop = seam if seam > 0 else start + LONGEST
        yield Unit(start, stop, kind, heading)
        start = stop + (seam > 0)
    if start < end:
        yield Unit(start, end, kind, heading)


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST and len(text.split()) <= LIST_WORDS
