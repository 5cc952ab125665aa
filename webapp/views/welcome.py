"""The page before the first question."""

from collections.abc import Callable
from html import escape

import streamlit as st

from settings import Branding


def show_welcome(branding: Branding, ask: Callable[[str], None]) -> None:
    """Says what this is for and offers three questions."""
    title, tagline = escape(branding.placeholder), escape(branding.tagline)
    st.html(f'<section class="welcome"><h2>{title}</h2><p>{tagline}</p></section>')
    with st.container(key="examples"):
        for at, question in enumerate(branding.questions):
            st.button(question, key=f"example-{at}", on_click=ask, args=(question,), width="stretch")
