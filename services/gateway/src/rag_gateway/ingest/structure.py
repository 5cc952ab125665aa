"""What Kreuzberg knows of a document's shape, as text without inline markup: headings, lists, rows, code, pages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag_gateway.ingest.markdown import syntax, words_of_inline
from rag_gateway.ingest.parsed import ParsedText, TextWriter

Node = Mapping[str, Any]
"""One of `ExtractionResult.document["nodes"]`: `content` with its `node_type`, `page`, `parent`, `children`."""

_INLINE = syntax("strikethrough")
_DEEPEST = 6


def parse_structure(nodes: Sequence[Node], inline_markup: bool = False) -> ParsedText:
    """All nodes in reading order; `inline_markup`: their texts hold Markdown, as those of HTML do."""
    reader = _Reader(nodes, inline_markup)
    for node in nodes:
        reader.read(node)
    return reader.writer.finish()


class _Reader:
    """Follows the flat list of nodes; it must remember how many items of which list it has seen."""

    def __init__(self, nodes: Sequence[Node], inline_markup: bool) -> None:
        self.writer = TextWriter()
        self._nodes = nodes
        self._inline_markup = inline_markup
        self._items: dict[int, int] = {}

    def read(self, node: Node) -> None:
        """Takes the next node; groups, lists and pages are only around others."""
        content = node["content"]
        self.writer.page = node.get("page") or self.writer.page
        match content["node_type"]:
            case "title":
                self.writer.add("heading", self._words(content), level=1)
            case "heading":
                self.writer.add("heading", self._words(content), level=min(int(content["level"]), _DEEPEST))
            case "paragraph" | "footnote" | "formula":
                self.writer.add("paragraph", self._words(content))
            case "list_item":
                self._item(node)
            case "table":
                for at, row in enumerate(rows_of(content["grid"])):
                    self.writer.add("row", row, glued=at > 0)
            case "code":
                glued = self.writer.last in ("paragraph", "list_item")
                self.writer.add_code(content.get("text", ""), content.get("language") or "", glued=glued)
            case "metadata_block":
                for name, value in content["entries"]:
                    self.writer.add("paragraph", f"{name}: {value}")

    def _words(self, content: Node) -> str:
        text = str(content.get("text", ""))
        if not self._inline_markup:
            return text
        return "\n".join(words_of_inline(token.children or []) for token in _INLINE.parseInline(text))

    def _item(self, node: Node) -> None:
        parent = node.get("parent", -1)
        number = self._items[parent] = self._items.get(parent, 0) + 1
        ordered = parent >= 0 and self._nodes[parent]["content"].get("ordered", False)
        glued = number > 1 or self.writer.leads_in
        words = self._words(node["content"]).replace("\n", " ")
        self.writer.add("list_item", words, mark=f"{number}. " if ordered else "- ", glued=glued)


def rows_of(grid: Mapping[str, Any]) -> Iterator[str]:
    """The rows below the first one, each so that it reads alone; of a table of one row that row."""
    cells = [[""] * grid["cols"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        cells[cell["row"]][cell["col"]] = " ".join(str(cell["content"]).split())
    return rows_alone(cells)


def rows_alone(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """`Part: gateway; Port: 8080` for each row under the names in the first one."""
    if len(cells) == 1:
        yield "; ".join(filter(None, cells[0]))
    for row in cells[1:]:
        # A row may be longer than the one with the names.
        names = [*cells[0], *[""] * (len(row) - len(cells[0]))]
        yield "; ".join(
            f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell
        )
