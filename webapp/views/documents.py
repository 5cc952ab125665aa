"""The page of documents: what is in a collection, what is on its way into it, and what can be done about it."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from gateway_client import Collection, Gateway
from gateway_errors import GatewayError
from handover import Handover
from library import Library
from shelf import Shelf
from views import document_panel
from views.clickable import show_clickable
from views.collection_choice import show_choice
from views.document_rows import list_html, rows_html, transfers_html
from views.found import show_found
from views.notices import notice_html, show_outage
from views.removal import ask_about, show_delete_collection, show_question, show_removal_problem
from views.uploader import show_uploader

STYLE = Path(__file__).parents[1] / "documents.css"
POLL_S = 1.0
EMPTY = "Nothing is in this collection yet. Drop files above; each can be asked for as soon as it is ready."
EMPTY_FOR_READERS = "Nothing is in this collection yet."
SHELF, SCOPES, PROBLEM, OPENED = "shelf", "scopes", "documents_problem", "document_opened"
AWAY = "documents_away"


def show_documents(gateway: Gateway) -> None:
    """The page: what changes documents is there with the scope `ingest` alone, the search with `chat`."""
    st.html(STYLE)
    library, scopes = Library(gateway), _scopes(gateway)
    may_change = "ingest" in scopes
    collection = show_choice(gateway, library, may_change)
    if collection is None:
        return
    handover: Handover = st.session_state.setdefault("handover", Handover(library))
    with st.container(key="collection-heading", horizontal=True, vertical_alignment="center"):
        st.html(_heading_html(collection))
        if may_change:
            show_delete_collection(library, collection)
    if may_change:
        show_removal_problem()
        show_uploader(handover, collection.name)
        show_question(library, _deleted)
    if "chat" not in scopes or not show_found(library, collection.name):
        _show_shelf(library, handover, collection.name, may_change)
    document_panel.show_panel(library, may_change, _deleted)


def _scopes(gateway: Gateway) -> frozenset[str]:
    """What the page's key may do, asked once a visit; nothing as long as the gateway cannot say."""
    if SCOPES not in st.session_state:
        try:
            st.session_state[SCOPES] = gateway.scopes()
        except GatewayError:  # the collections are asked for next, and say why
            return frozenset()
    scopes: frozenset[str] = st.session_state[SCOPES]
    return scopes


def _show_shelf(library: Library, handover: Handover, collection: str, may_change: bool) -> None:
    try:
        shelf = _shelf(library, collection)
    except GatewayError as problem:
        show_outage(str(problem))
        return
    act = _actions(library, shelf, handover)
    polls = _moves(shelf, handover)
    st.fragment(_show_front, run_every=POLL_S if polls else None)(shelf, handover, act, may_change, polls)
    if rest := list_html(rows_html(shelf.rest, may_change)):
        show_clickable("documents", "documents-rest", rest, act)
    if shelf.has_more:
        st.button("Show more", key="more-documents", on_click=act, args=("more",), width="stretch")


def _shelf(library: Library, collection: str) -> Shelf:
    """The shelf of the collection, as it was when it was last looked at."""
    shelf: Shelf | None = st.session_state.get(SHELF)
    if shelf and shelf.collection == collection:
        return shelf
    shelf = st.session_state[SHELF] = Shelf(library, collection)
    return shelf


def _show_front(
    shelf: Shelf, handover: Handover, act: Callable[[str], None], may_change: bool, polls: bool
) -> None:
    """What moves and the newest documents; runs by itself again and again as long as something moves."""
    if st.session_state.pop(OPENED, False):
        st.rerun()
    if problem := st.session_state.get(PROBLEM) or _look(shelf, handover):
        st.html(notice_html(problem, "problem"))
    items = transfers_html(handover.to(shelf.collection)) + rows_html(shelf.front, may_change)
    if items:
        show_clickable("documents", "documents-front", list_html(items), act)
    else:
        st.html(notice_html(EMPTY if may_change else EMPTY_FOR_READERS))
    if polls != _moves(shelf, handover):
        st.rerun()


def _moves(shelf: Shelf, handover: Handover) -> bool:
    """Whether the page must look again by itself; it must, too, while it cannot."""
    return shelf.is_under_way or handover.is_busy_with(shelf.collection) or st.session_state.get(AWAY, False)


def _look(shelf: Shelf, handover: Handover) -> str:
    """Brings the shelf up to date; says why where that fails, and what was known stays."""
    arrived = {
        transfer.id: transfer.accepted.document_id
        for transfer in handover.to(shelf.collection)
        if transfer.accepted and transfer.state == "accepted"
    }
    try:
        if arrived:
            shelf.bring_up(arrived.values())
        else:
            shelf.look()
    except GatewayError as problem:
        st.session_state[AWAY] = True
        return str(problem)
    st.session_state[AWAY] = False
    for transfer_id in arrived:
        handover.dismiss(transfer_id)
    return ""


def _actions(library: Library, shelf: Shelf, handover: Handover) -> Callable[[str], None]:
    """What a click does, by the words of its button's `data-click`."""
    on_documents: dict[str, Callable[[str], None]] = {
        "cancel": library.cancel,
        "retry": library.retry,
        "more": lambda _: shelf.more(),
    }
    on_page = {"open": document_panel.open_panel, "delete": ask_about}
    on_files = {"send": handover.try_again, "dismiss": handover.dismiss}

    def act(clicked: str) -> None:
        action, _, target = clicked.partition(" ")
        st.session_state[PROBLEM] = ""
        if action in on_page:
            on_page[action](target)
            st.session_state[OPENED] = True
        elif action in on_files:
            on_files[action](target)
        else:
            try:
                on_documents[action](target)
                shelf.reload()
            except GatewayError as problem:
                st.session_state[PROBLEM] = str(problem)

    return act


def _deleted(document_id: str) -> None:
    shelf: Shelf | None = st.session_state.get(SHELF)
    if shelf:
        shelf.forget(document_id)
    if document_panel.is_open(document_id):
        document_panel.close_panel()


def _heading_html(collection: Collection) -> str:
    about = f"<p>{escape(collection.description)}</p>" if collection.description else ""
    return f'<header class="collection"><h2>{escape(collection.name)}</h2>{about}</header>'
