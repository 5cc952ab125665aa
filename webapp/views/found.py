"""Search inside a collection: passages, each with the document that it stands in."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from answers import Source
from gateway_errors import GatewayError
from library import Library
from quotations import Quotation
from views import document_panel
from views.answer_html import quotation_html
from views.clickable import show_clickable
from views.notices import notice_html
from views.wording import name_html, plain_name

LONGEST_QUERY = 1000
NOTHING = "Nothing in this collection matches. Use other words."


def show_found(library: Library, collection: str) -> bool:
    """The line to search in; whether passages are shown in place of the documents."""
    query = st.text_input(
        f"Search in {collection}",
        placeholder=f"Search in {collection}",
        key=f"query-{collection}",
        max_chars=LONGEST_QUERY,
        icon=":material/search:",
        label_visibility="collapsed",
    ).strip()
    if not query:
        return False
    try:
        found = library.search(collection, query)
    except GatewayError as problem:
        st.html(notice_html(str(problem), "problem"))
        return True
    if found:
        show_clickable("answer", "found", found_html(found), document_panel.open_panel)
    else:
        st.html(notice_html(NOTHING))
    return True


def found_html(found: Iterable[Source]) -> str:
    """Passages in the documents' own words; a click on a title opens its document."""
    return "".join(_passage_html(source) for source in found)


def _passage_html(source: Source) -> str:
    place = " · ".join(filter(None, (source.heading, f"page {source.page}" if source.page else "")))
    heading = f'<span class="heading">{escape(place)}</span>' if place else ""
    origin = (
        f'<button type="button" class="source" data-click="{escape(source.document_id)}" '
        f'aria-label="Open {escape(plain_name(source.title))}"><span class="number">{source.n}</span>'
        f'<span class="title">{name_html(source.title)}</span>{heading}</button>'
    )
    return quotation_html(Quotation(source.n, source.text), origin)
