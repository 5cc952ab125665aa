"""A cited passage in its document, beside the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import streamlit as st

from answers import Answer, Source, Span
from conversation import Turn
from gateway_client import Gateway
from gateway_errors import GatewayError
from views.notices import notice_html
from views.wording import plain_name

OPEN = "open_source"
BEFORE, AFTER = 200, 600
"""Characters of the document around what is cited: little before, so that it is in sight at once."""
LONGEST_WORD = 40
REMOVED = "This passage has been removed: its document was deleted, or you may no longer read it."


@dataclass(frozen=True)
class OpenSource:
    """Source `n` of one of a turn's answers; what is cited of it may become known only later."""

    turn: Turn
    answer_id: str
    n: int


def open_panel(turn: Turn, answer: Answer, n: int) -> None:
    """Shows the source from now on."""
    st.session_state[OPEN] = OpenSource(turn, answer.id, n)


def close_panel() -> None:
    """Gives its room back to the answers."""
    st.session_state.pop(OPEN, None)


def show_panel(gateway: Gateway) -> None:
    """The open source, if there is one."""
    opened: OpenSource | None = st.session_state.get(OPEN)
    answer = opened.turn.answer_called(opened.answer_id) if opened else None
    source = answer.source(opened.n) if opened and answer else None
    if not answer or not source:
        return
    with st.container(key="source-panel"):
        st.button("Close", key="close-source", icon=":material/close:", on_click=close_panel, shortcut="Esc")
        st.html(_heading_html(source) + _passage(gateway, source, answer.evidence(source.n)))


def _passage(gateway: Gateway, source: Source, evidence: tuple[Span, ...]) -> str:
    cited = evidence[0] if evidence else source.span
    around = Span(max(cited.start - BEFORE, 0), source.span.end + AFTER)
    try:
        text = gateway.content(source.document_id, source.version, around)
    except GatewayError as problem:
        return notice_html(str(problem), "problem")
    if text is None:
        return notice_html(REMOVED)
    return passage_html(text, around.start, evidence)


def passage_html(text: str, start: int, evidence: Iterable[Span]) -> str:
    """`text`, which begins at character `start` of the document, with the evidence marked."""
    rest_of_a_word = text.find(" ", 0, LONGEST_WORD) + 1 if start else 0
    pieces = ["… "] if start else []
    text, start = text[rest_of_a_word:], start + rest_of_a_word
    at = start
    for span in evidence:
        if at <= span.start < span.end <= start + len(text):
            before, cited = text[at - start : span.start - start], text[span.start - start : span.end - start]
            pieces += [escape(before), f"<mark>{escape(cited)}</mark>"]
            at = span.end
    return f'<div class="passage">{"".join([*pieces, escape(text[at - start :])])}</div>'


def _heading_html(source: Source) -> str:
    page = f" · page {source.page}" if source.page else ""
    heading = f'<p class="heading">{escape(source.heading)}</p>' if source.heading else ""
    return (
        f'<header class="source-heading"><p class="label">Source {source.n}{page}</p>'
        f"<h2>{escape(plain_name(source.title))}</h2>{heading}</header>"
    )
