"""Plain text: paragraphs between blank lines, lists by their marks, wrapped lines joined."""

import re
from itertools import pairwise

from rag_gateway.ingest.parsed import ParsedText, TextWriter

_BLANK_LINES = re.compile(r"\n\s*\n")
_ITEM = re.compile(r"\s*([-*•‣]|\d{1,3}[.)])\s+(?=\S)")
NARROWEST, WIDEST = 40, 100
"""Widths in characters between which a paragraph's lines are taken for wrapped by an editor."""


def parse_plain(text: str) -> ParsedText:
    """Lines stay lines, unless the next one's first word would not have fitted: then they were one."""
    writer = TextWriter()
    for paragraph in _BLANK_LINES.split(text):
        lines = _unwrapped([line.rstrip() for line in paragraph.split("\n") if line.strip()])
        prose: list[str] = []
        for line in lines:
            if item := _ITEM.match(line):
                writer.add("paragraph", "\n".join(prose))
                prose = []
                _add_item(writer, line, item)
            else:
                prose.append(line)
        writer.add("paragraph", "\n".join(prose))
    return writer.finish()


def _add_item(writer: TextWriter, line: str, item: re.Match[str]) -> None:
    mark = f"{item[1][:-1]}. " if item[1][0].isdigit() else "- "
    glued = writer.last == "list_item" or writer.leads_in
    writer.add("list_item", line[item.end() :], mark=mark, glued=glued)


def _unwrapped(lines: list[str]) -> list[str]:
    width = max(map(len, lines), default=0)
    if not NARROWEST <= width <= WIDEST:
        return lines
    joined = lines[:1]
    for before, line in pairwise(lines):
        first_word = line.split(maxsplit=1)[0]
        if not _ITEM.match(line) and len(before) + 1 + len(first_word) > width:
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return joined
