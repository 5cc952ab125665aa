"""The page before the first question."""

from collections.abc import Callable
from html import escape

import streamlit as st

from settings import Branding
from views.notices import NO_DOCUMENTS, notice_html


def show_welcome(branding: Branding, ask: Callable[[str], None], nothing_to_ask: bool) -> None:
    """Says what this is for and offers three questions, or says how documents come in where there are none."""
    title, tagline = escape(branding.placeholder), escape(branding.tagline)
    st.html(f'<section class="welcome"><h2>{title}</h2><p>{tagline}</p></section>')
    if nothing_to_ask:
        st.html(notice_html(NO_DOCUMENTS))
        st.button("Look again", icon=":material/refresh:", key="look-again")
        return
    with st.container(key="examples"):
        for at, question in enumerate(branding.questions):
            st.button(question, key=f"example-{at}", on_click=ask, args=(question,), width="stretch")
