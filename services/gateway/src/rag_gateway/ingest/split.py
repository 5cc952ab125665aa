"""Cuts a document into passages: by structure first, then by what an embedding model reads at once."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile
from math import ceil

from rag_gateway.ingest.parsed import ParsedText
from rag_gateway.ingest.units import LONGEST, heading_path, headings_over, units_of
from rag_gateway.rag.passage import Unit
from rag_gateway.rag.tokens import estimate_tokens

MOST_TOKENS = 200
"""Estimated tokens of a passage (about 170 words): MiniLM reads 256, some of them for the headings."""
TINY_TOKENS = 40
"""A section below this does not stand alone; it goes on into the next one."""

_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Chunk:
    """One passage of a document; `text` is exactly `parsed.text[start:end]`."""

    start: int
    end: int
    text: str
    heading: str
    """What all of it stands under."""
    page: int | None
    units: tuple[Unit, ...]

    def in_context(self, title: str) -> str:
        """What search sees of it: the headings over it, or its document's title, then its characters."""
        return f"{self.heading or title}\n{self.text}"


@dataclass(frozen=True)
class _Piece:
    """What is not cut further: whole blocks if they fit, else their units."""

    start: int
    end: int
    path: tuple[str, ...]
    heading_level: int
    """Of the heading it begins with; 0 for none."""
    tokens: int
    page: int | None


def split(parsed: ParsedText, most_tokens: int = MOST_TOKENS) -> list[Chunk]:
    """The passages in reading order; together they hold all words of the text, and none holds two pages' words."""
    units = units_of(parsed.blocks, parsed.text)
    pieces = list(_pieces(parsed, units, most_tokens))
    sections = [list(section) for _, section in groupby(pieces, key=lambda piece: (piece.path, piece.page))]
    runs = [run for section in sections for run in _balanced(section, most_tokens)]
    return [_chunk(parsed.text, run, units) for run in _joined(runs, most_tokens)]


def _pieces(parsed: ParsedText, units: Sequence[Unit], most_tokens: int) -> Iterator[_Piece]:
    """Blocks that no unit spans, each with the headings right above it; cut into units if too long."""
    text, blocks = parsed.text, parsed.blocks
    headed = {block.start for heading, block in pairwise(blocks) if heading.kind == "heading"}
    whole = [*_cuts([block.start for block in blocks if block.start not in headed], units), len(text)]
    over = list(headings_over(blocks, text))
    first_block = 0
    for start, end in pairwise(whole):
        last_block = bisect_left(blocks, end, lo=first_block, key=lambda block: block.start)
        inside = over[first_block:last_block]
        level = inside[0][0].level if inside[0][0].kind == "heading" else 0
        page = next((block.page for block, _ in inside if block.page), None)
        for a, b in _fitting(text, start, end, units, most_tokens):
            heading_level = level if a == start else 0
            yield _Piece(a, b, inside[-1][1], heading_level, estimate_tokens(text[a:b]), page)
        first_block = last_block


def _fitting(
    text: str, start: int, end: int, units: Sequence[Unit], most_tokens: int
) -> Iterator[tuple[int, int]]:
    """The span whole if it fits, else from unit to unit, and long code from line to line."""
    seams = [start]
    if estimate_tokens(text[start:end]) > most_tokens:
        first, last = (bisect_left(units, at, key=lambda unit: unit.start) for at in (start, end))
        within = units[first:last]
        lines = [
            at
            for line in _LINE.finditer(text, within[-1].end if within else start, end)
            for at in _steps(line)
        ]
        seams = [start, *_cuts(sorted({unit.start for unit in within[1:]} | set(lines)), within)]
    for a, b in pairwise([*dict.fromkeys(seams), end]):
        stripped = text[a:b].rstrip()
        yield a, a + len(stripped)


def _steps(line: re.Match[str]) -> range:
    return range(line.start(), line.end(), LONGEST)


def _cuts(seams: Sequence[int], units: Sequence[Unit]) -> Iterator[int]:
    """The seams that lie inside no unit; both are in reading order."""
    reach, at = 0, 0
    for seam in seams:
        while at < len(units) and units[at].start < seam:
            reach = max(reach, units[at].end)
            at += 1
        if seam >= reach:
            yield seam


def _balanced(section: Sequence[_Piece], most_tokens: int) -> list[list[_Piece]]:
    """A section in as few passages as it needs, about equally long."""
    total = sum(piece.tokens for piece in section)
    share = total / ceil(total / most_tokens)
    runs: list[list[_Piece]] = [[]]
    for piece in section:
        filled = _tokens(runs[-1])
        if runs[-1] and (filled + piece.tokens > most_tokens or filled + piece.tokens / 2 > share):
            runs.append([])
        runs[-1].append(piece)
    return runs


def _joined(runs: Sequence[list[_Piece]], most_tokens: int) -> list[list[_Piece]]:
    """A section goes on from its parent's own words, or from a tiny section, if both fit one passage."""
    joined: list[list[_Piece]] = []
    for run in runs:
        same_page = joined and joined[-1][-1].page == run[0].page
        if same_page and run[0].heading_level and _tokens(joined[-1] + run) <= most_tokens:
            before, path = joined[-1], run[0].path
            if _tokens(before) < TINY_TOKENS or path[: len(before[-1].path)] == before[-1].path != path:
                before.extend(run)
                continue
        joined.append(list(run))
    return joined


def _tokens(pieces: Sequence[_Piece]) -> int:
    return sum(piece.tokens for piece in pieces)


def _chunk(text: str, pieces: Sequence[_Piece], units: Sequence[Unit]) -> Chunk:
    start, end = pieces[0].start, pieces[-1].end
    first = bisect_left(units, start, key=lambda unit: unit.start)
    last = bisect_left(units, end, key=lambda unit: unit.start)
    inside = tuple(unit for unit in units[first:last] if unit.end <= end)
    path = _common([piece.path for piece in pieces])
    return Chunk(start, end, text[start:end], heading_path(path), pieces[0].page, inside)


def _common(paths: Sequence[tuple[str, ...]]) -> list[str]:
    levels = (set(level) for level in zip(*paths, strict=False))
    return [level.pop() for level in takewhile(lambda level: len(level) == 1, levels)]
