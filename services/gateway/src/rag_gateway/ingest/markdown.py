"""Markdown (CommonMark and tables) as text without inline markup; code keeps its fences, rows read alone."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag_gateway.ingest.parsed import ParsedText, TextWriter

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[#\w].*\n(?:.+\n)*?)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_LANGUAGE = re.compile(r"[\w+#.-]*")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse_markdown(text: str) -> ParsedText:
    """Front matter, images, comments and tags are dropped; links and emphasis keep their words."""
    reader = _Reader()
    for token in syntax("table", "strikethrough").parse(_FRONT_MATTER.sub("", text)):
        reader.read(token)
    return reader.writer.finish()


def syntax(*more: str) -> MarkdownIt:
    """CommonMark and the rules `more`, for words alone.

    Deeper nesting than `maxNesting` is dropped; the preset's 20 are only ten levels of a list. No address is followed,
    so each may be one: where `data:` may not, a picture's bytes would be words.
    """
    markdown = MarkdownIt("commonmark", {"maxNesting": 50}).enable(list(more))
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    return markdown


class _Reader:
    """Follows markdown-it's flat stream of tokens; it must remember the open lists and the open table."""

    def __init__(self) -> None:
        self.writer = TextWriter()
        self._depth = 0
        self._in_list = False
        self._mark = ""
        self._heading = 0
        self._columns: list[str] = []
        self._cells: list[str] | None = None
        self._in_rows = False

    def read(self, token: Token) -> None:
        """Takes the next token."""
        match token.type:
            case "heading_open":
                self._heading = int(token.tag[1])
            case "heading_close":
                self._heading = 0
            case "bullet_list_open" | "ordered_list_open":
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._depth -= 1
                self._in_list = self._in_list and self._depth > 0
            case "list_item_open":
                self._mark = f"{token.info}. " if token.info else "- "
            case "list_item_close":
                self._mark = ""
            case "table_open":
                self._columns, self._cells, self._in_rows = [], [], False
            case "tr_close":
                self._row()
            case "table_close":
                self._cells = None
            case "inline":
                self._inline(words_of_inline(token.children or []))
            case "fence" | "code_block":
                language = _LANGUAGE.match(token.info)
                glued = self.writer.last in ("paragraph", "list_item")
                self.writer.add_code(token.content, language[0] if language else "", glued=glued)
                self._in_list = False
            case "html_block":
                self.writer.add("paragraph", words_of_html(token.content))

    def _inline(self, words: str) -> None:
        if self._cells is not None:
            self._cells.append(" ".join(words.split()))
        elif self._heading:
            self.writer.add("heading", words.replace("\n", " "), level=self._heading)
        elif self._mark:
            self._item(words)
        else:
            self.writer.add("paragraph", words)
            self._in_list = False

    def _item(self, words: str) -> None:
        """A list's first item goes on from the words that announce it, the others from the item before."""
        glued = self._in_list or self.writer.leads_in
        indent = "  " * (self._depth - 1) if glued else ""
        self.writer.add(
            "list_item",
            words.replace("\n", " "),
            mark=self._mark,
            level=self._depth - 1,
            indent=indent,
            glued=glued,
        )
        self._mark, self._in_list = "", True

    def _row(self) -> None:
        cells, self._cells = self._cells or [], []
        if not self._columns:
            self._columns = cells
            return
        named = [f"{c}: {cell}" if c else cell for c, cell in zip(self._columns, cells, strict=True) if cell]
        self.writer.add("row", "; ".join(named), glued=self._in_rows)
        self._in_rows = True


def words_of_inline(tokens: Sequence[Token]) -> str:
    """What a reader sees of one line of Markdown, images apart."""
    return "".join(_words(tokens))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                yield token.content
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "html_inline" if _LINE_BREAK.fullmatch(token.content):
                yield "\n"


def words_of_html(html: str) -> str:
    """The words between tags, but no scripts and styles."""
    words = _HtmlWords()
    words.feed(html)
    words.close()
    return " ".join("".join(words.parts).split())


class _HtmlWords(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in ("script", "style")
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in ("script", "style") and self._unseen > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
