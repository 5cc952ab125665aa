"""Hostile documents stay text on the page, as a quotation, as a passage, as a title and as a model's words."""

from typing import Any

import pytest

from answers import Answer, Citation, Finished, Mode, Retrieved, Source, Span, Token
from tests.gateway.hostile_documents import Document, documents
from tests.webapp.test_safe_markdown import ALLOWED, Read
from views.answer_html import answer_html
from views.found import found_html
from views.source_panel import passage_html

ELEMENTS = ALLOWED | {"section", "h3", "figure", "figcaption", "span", "nav", "bdi", "div", "mark", "q"}
ATTRIBUTES = {"start", "type", "class", "data-click", "aria-label", "aria-hidden", "role"}
of_each = pytest.mark.parametrize("document", documents(), ids=lambda document: document.attack.name)


def source(text: str) -> Source:
    """A source whose title and heading are hostile, too."""
    return Source(1, "d1", 1, text[:500], text[:500], None, Span(0, len(text)), text)


def answers(text: str, mode: Mode, *quoted: Citation) -> list[Answer]:
    """The same answer while it streams and when it is finished."""
    running = Answer().after(Retrieved("a", "t", mode, text, (source(text),), ())).after(Token(text))
    return [running, running.after(Finished(True, quoted, 0, (), {"total": 5}, text))]


def read(*made: str) -> list[Read]:
    """What a browser would make of it; nothing of it loads, leads elsewhere or runs."""
    pages = [Read(html) for html in made]
    for page in pages:
        assert page.tags <= ELEMENTS
        assert page.attributes <= ATTRIBUTES
    return pages


@of_each
def test_it_is_quoted_as_typed(document: Document) -> None:
    quoted = f"“{document.text}” [1]"
    end = len(quoted)
    citation = Citation(1, Span(end - 3, end), Span(1, end - 5), Span(0, 9))
    _, finished = read(*(answer_html(answer, "q") for answer in answers(quoted, "quote", citation)))
    assert squeezed(document.text) in squeezed(finished.text)


@of_each
def test_it_makes_no_more_than_text_of_a_models_words(document: Document) -> None:
    modes: list[Any] = ["write", "both"]
    read(*(answer_html(answer, "q") for mode in modes for answer in answers(document.text, mode)))


@of_each
def test_a_passage_of_it_is_shown_as_typed(document: Document) -> None:
    text = document.text
    for page in read(passage_html(text, 0, [Span(0, len(document.fact))]), found_html([source(text)])):
        assert squeezed(text) in squeezed(page.text)


def squeezed(text: str) -> str:
    """Without white space and fences, which the page shows in its own way."""
    return "".join(text.replace("`", "").replace("\u202e", "\ufffd").split())
