"""Which collection the page of documents shows, and how a new one is made."""

import re

import streamlit as st

from gateway_client import Collection, Gateway
from gateway_errors import GatewayError
from library import Library
from views.notices import notice_html, show_outage

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
NAME_WORDS = "Small letters, digits and hyphens, 63 at most, a letter or a digit first."
NO_COLLECTION = "There is no collection yet. Make one, then drop files into it."
NO_COLLECTION_FOR_READERS = (
    "There is no collection that you may read. Ask who runs this page to add documents."
)
LONGEST_DESCRIPTION = 2000
CHOSEN, KNOWN = "collection", "collections_known"


def show_choice(gateway: Gateway, library: Library, may_change: bool) -> Collection | None:
    """The collection that the visitor has chosen in the sidebar; None where there is none, which it says."""
    try:
        collections = {collection.name: collection for collection in gateway.collections()}
    except GatewayError as problem:
        if KNOWN not in st.session_state:
            show_outage(str(problem))
            return None
        collections = st.session_state[KNOWN]  # what is in them says that the gateway is away
    st.session_state[KNOWN] = collections
    with st.sidebar:
        if may_change:
            _show_new_button(library, "new-collection")
        chosen = st.selectbox(
            "Collection",
            list(collections),
            disabled=not collections,
            key=CHOSEN,
            persist_state="session",
            bind="query-params",
        )
    if not collections:
        st.html(notice_html(NO_COLLECTION if may_change else NO_COLLECTION_FOR_READERS))
        if may_change:
            _show_new_button(library, "first-collection")
    return collections.get(chosen or "")


def _show_new_button(library: Library, key: str) -> None:
    if st.button("New collection", icon=":material/create_new_folder:", key=key, width="stretch"):
        _ask_for_a_name(library)


@st.dialog("New collection")
def _ask_for_a_name(library: Library) -> None:
    with st.form("new-collection-form", border=False):
        name = st.text_input("Name", help=NAME_WORDS, max_chars=63, placeholder="handbook").strip()
        description = st.text_input(
            "What it is about", max_chars=LONGEST_DESCRIPTION, placeholder="Optional"
        ).strip()
        if not st.form_submit_button("Create", type="primary"):
            return
    if problem := _create(library, name, description):
        st.html(notice_html(problem, "problem"))
        return
    st.session_state[CHOSEN] = name
    st.rerun()


def _create(library: Library, name: str, description: str) -> str:
    """Makes it; says what is wrong where that fails."""
    if not NAME.fullmatch(name):
        return f"“{name}” cannot be its name. {NAME_WORDS}"
    try:
        library.create(name, description)
    except GatewayError as problem:
        return str(problem)
    return ""
