"""What goes for good, a document or a whole collection; both ask first."""

from collections.abc import Callable

import streamlit as st

from documents import Document
from gateway_client import Collection
from gateway_errors import GatewayError
from library import Library
from views.collection_choice import CHOSEN, KNOWN
from views.notices import notice_html
from views.wording import name_html

ASKED, PROBLEM = "document_to_delete", "removal_problem"
QUOTED = "answers that quote it will say “removed”"


def ask_about(document_id: str) -> None:
    """Asks from now on whether a document of the list shall go."""
    st.session_state[ASKED] = document_id


def show_question(library: Library, deleted: Callable[[str], None]) -> None:
    """The question, if one is asked."""
    if document_id := st.session_state.get(ASKED):
        _dialog(library, document_id, deleted)


def _answered() -> None:
    st.session_state.pop(ASKED, None)


@st.dialog("Delete a document", on_dismiss=_answered)
def _dialog(library: Library, document_id: str, deleted: Callable[[str], None]) -> None:
    try:
        if document := library.document(document_id):
            st.html(f'<p class="asked">{name_html(document.title)}</p>')
            show_delete_button(library, document, document.latest_version, deleted)
            return
    except GatewayError as problem:
        st.html(notice_html(str(problem), "problem"))
        return
    _answered()
    deleted(document_id)
    st.rerun()


def show_delete_button(
    library: Library, document: Document, versions: int, deleted: Callable[[str], None]
) -> None:
    """What goes with a document, and the button that does it; raises GatewayError where it cannot."""
    of_all = f" with all its {versions} versions" if versions > 1 else ""
    st.html(notice_html(f"It goes for good{of_all}, and {QUOTED}."))
    if st.button("Delete for good", key=f"delete-{document.id}", type="primary"):
        library.delete(document.id)
        _answered()
        deleted(document.id)
        st.rerun()


def show_delete_collection(library: Library, collection: Collection) -> None:
    """A quiet button; who means it ticks how much goes."""
    name, much = collection.name, _counted(collection.documents)
    words = f"goes for good{much}, and {QUOTED}" if much else "is empty"
    with st.popover("Delete", icon=":material/delete:", type="tertiary", key=f"delete-collection-{name}"):
        st.html(notice_html(f"The collection “{name}” {words}."))
        certain = st.checkbox(f"Yes, delete {name}{much}", key=f"certain-{name}")
        st.button(
            "Delete for good",
            key=f"delete-for-good-{name}",
            type="primary",
            disabled=not certain,
            on_click=_delete_collection,
            args=(library, name),
        )


def show_removal_problem() -> None:
    """Why the collection is still there."""
    if problem := st.session_state.pop(PROBLEM, ""):
        st.html(notice_html(problem, "problem"))


def _counted(documents: int) -> str:
    if documents == 1:
        return " with its one document"
    return f" with all its {documents:,} documents" if documents else ""


def _delete_collection(library: Library, name: str) -> None:
    try:
        library.delete_collection(name)
    except GatewayError as problem:
        st.session_state[PROBLEM] = str(problem)
        return
    others = [other for other in st.session_state[KNOWN] if other != name]
    st.session_state[CHOSEN] = (
        others[0] if others else None
    )  # said, or the browser goes on showing the old one
