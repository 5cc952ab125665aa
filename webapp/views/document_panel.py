"""One document beside the list: what is known of it, its versions and its file."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from documents import Document, Version
from gateway_errors import GatewayError
from library import Library
from views.notices import notice_html
from views.removal import show_delete_button
from views.wording import ENDED, ago, kind, name_html, plain_name, size, words_html

OPEN = "open_document"
GONE = "This document has been deleted, or you may no longer read it."
SHOWN_VERSIONS = 20


def open_panel(document_id: str) -> None:
    """Shows the document from now on."""
    st.session_state[OPEN] = document_id


def close_panel() -> None:
    """Gives its room back to the list."""
    st.session_state.pop(OPEN, None)


def is_open(document_id: str) -> bool:
    """Whether the document is shown."""
    return bool(st.session_state.get(OPEN) == document_id)


def show_panel(library: Library, may_change: bool, deleted: Callable[[str], None]) -> None:
    """The open document, if there is one."""
    document_id: str | None = st.session_state.get(OPEN)
    if document_id is None:
        return
    with st.container(key="document-panel"):
        st.button(
            "Close", key="close-document", icon=":material/close:", on_click=close_panel, shortcut="Esc"
        )
        try:
            _show(library, library.document(document_id), may_change, deleted)
        except GatewayError as problem:
            st.html(notice_html(str(problem), "problem"))


def _show(
    library: Library, document: Document | None, may_change: bool, deleted: Callable[[str], None]
) -> None:
    if document is None:
        st.html(notice_html(GONE))
        return
    st.html(_heading_html(document))
    versions = library.versions(document.id)
    for version in versions[:SHOWN_VERSIONS]:
        with st.container(key=f"version-{version.version}", horizontal=True, vertical_alignment="center"):
            st.html(_version_html(version))
            st.download_button(
                "Download",
                data=partial(library.file, document.id, version.version),
                file_name=plain_name(document.file_name or document.title),
                mime="application/octet-stream",
                key=f"download-{document.id}-{version.version}",
                icon=":material/download:",
                on_click="ignore",
            )
    if may_change:
        with st.popover("Delete", icon=":material/delete:"):
            show_delete_button(library, document, len(versions), deleted)


def _heading_html(document: Document) -> str:
    facts = {
        "File": name_html(document.file_name) if document.file_name else "",
        "Kind": escape(kind(document.media_type)),
        "Size": size(document.size_bytes),
        "Added": ago(document.created_at),
        "SHA-256": escape(document.sha256),
    }
    pairs = "".join(f"<dt>{name}</dt><dd>{fact}</dd>" for name, fact in facts.items() if fact)
    return (
        f'<header class="source-heading"><p class="label">Document</p><h2>{name_html(document.title)}</h2></header>'
        f'<dl class="facts">{pairs}</dl><h3 class="label">Versions</h3>'
    )


def _version_html(version: Version) -> str:
    state = "answers now" if version.current else ENDED[version.status].lower()
    if version.status == "succeeded" and not version.current:
        state = "replaced"
    problem = f'<p class="problem">{words_html(version.problem)}</p>' if version.problem else ""
    problem += "".join(f'<p class="left-out">{words_html(notice)}</p>' for notice in version.notices)
    words = f"{state} · {size(version.size_bytes)} · {ago(version.created_at)}"
    return f'<p class="version"><strong>Version {version.version}</strong><span>{words}</span></p>{problem}'
