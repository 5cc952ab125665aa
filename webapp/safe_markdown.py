"""A model's Markdown as HTML that can show text and nothing else: no HTML of its own, no images, no links."""

from collections.abc import Collection, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# Everything that is not named here stays as it was typed, and is escaped.
BLOCKS = ("fence", "list", "blockquote", "heading", "table")
INLINE = ("newline", "backticks", "emphasis", "marker")
LONGEST_MARKER = 8


def safe_html(markdown: str, sources: Collection[int] = ()) -> str:
    """Paragraphs, headings, emphasis, lists, quotes, tables and code; `[n]` of a source becomes a button."""
    parser = _parser()
    tokens = parser.parse(markdown, {"sources": frozenset(sources)})
    return str(parser.renderer.render(_plain(tokens), parser.options, {}))


def marker_html(n: int) -> str:
    """The button that opens source `n`."""
    return f'<button type="button" class="marker" data-click="{n}" aria-label="Open source {n}">{n}</button>'


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.inline.ruler.push("marker", _marker)
    parser.add_render_rule("marker", _render_marker)
    return parser.enable([*BLOCKS, *INLINE, "balance_pairs"])


def _marker(state: StateInline, silent: bool) -> bool:
    end = state.src.find("]", state.pos, state.pos + LONGEST_MARKER)
    digits = state.src[state.pos + 1 : end] if end > 0 and state.src[state.pos] == "[" else ""
    if not (digits.isascii() and digits.isdigit() and int(digits) in state.env["sources"]):
        return False
    if not silent:
        state.push("marker", "", 0).content = digits
    state.pos = end + 1
    return True


def _render_marker(_: RendererProtocol, tokens: Sequence[Token], at: int, *_options: Any) -> str:
    return marker_html(int(tokens[at].content))


def _plain(tokens: list[Token]) -> list[Token]:
    """Without what only decorates: a fence's language, a cell's alignment, a heading's size."""
    for token in tokens:
        token.attrs = {name: value for name, value in token.attrs.items() if name == "start"}
        token.info = ""
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h4"
    return tokens


def code_html(code: str) -> str:
    """A code block, as typed."""
    return f"<pre><code>{escape(code)}</code></pre>"
