"""Prints a streamed answer and, below it, the sources that it cites."""

import re
from collections.abc import Iterable

from rich.console import Console

from groundwork.gateway import Json

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters and directions of writing."""


def print_answer(chunks: Iterable[Json], console: Console) -> None:
    """Writes the words as they come, then one line per cited source, then what was degraded."""
    sources: list[Json] = []
    last: Json = {}
    for chunk in chunks:
        rag = chunk.get("rag") or {}
        sources = rag.get("sources", sources)
        last = rag or last
        console.out(shown(chunk["choices"][0]["delta"].get("content") or ""), end="", highlight=False)
    console.out("\n")
    cited = {citation["n"] for citation in last.get("citations", [])}
    for source in sources:
        if source["n"] in cited:
            print_source(f"[{source['n']}]", source, console)
    if not last.get("grounded", True):
        console.print("No source holds an answer to this.", style="yellow")
    for part in last.get("degraded", []):
        console.print(f"degraded: {part}", style="yellow")


def print_source(label: str, source: Json, console: Console) -> None:
    """One line: number, the headings it stands under, and where it comes from."""
    where = source["uri"] or source["document_id"]
    line = f"{label} {source['heading'] or source['title']} ({where})"
    console.out(shown(line), style="cyan", highlight=False)


def shown(text: str) -> str:
    """Text without orders to the terminal; what a model or a document says comes from anywhere."""
    return _OBEYED.sub("\ufffd", text)
