"""What to ask and how, for the next questions."""

from dataclasses import dataclass

import streamlit as st

from conversation import Conversation
from gateway_client import Collection, Gateway
from gateway_errors import GatewayError
from views import source_panel

MODE_WORDS = {
    "auto": "Automatic",
    "both": "Quotations, then words",
    "quote": "Quotations only",
    "write": "Words only",
}
MODE_HINTS = (
    "*Quotations* are your documents’ own words (a table’s row is written out); no model can invent them. "
    "*Words* are the model’s own, with every citation checked. *Automatic* is what suits the model here."
)


@dataclass(frozen=True)
class Choices:
    """How the next question is to be asked; `problem` says why the collections are not known.

    `nothing_to_ask`: they are known, and there is no document in them.
    """

    collections: tuple[str, ...]
    mode: str
    problem: str = ""
    nothing_to_ask: bool = False


def show_sidebar(gateway: Gateway, conversation: Conversation) -> Choices:
    """New chat, the collections to ask, and the answer mode."""
    with st.sidebar:
        st.button(
            "New chat",
            icon=":material/edit_square:",
            on_click=_start_anew,
            args=(conversation,),
            width="stretch",
        )
        collections, problem = _collections(gateway)
        asked = st.multiselect(
            "Collections",
            [collection.name for collection in collections],
            placeholder="All of them",
            disabled=not collections,
            key="asked-collections",
            persist_state="session",
        )
        mode = st.radio(
            "Answer with",
            list(MODE_WORDS),
            format_func=MODE_WORDS.__getitem__,
            help=MODE_HINTS,
            key="asked-mode",
            persist_state="session",
        )
    nothing_to_ask = not problem and not any(collection.documents for collection in collections)
    return Choices(tuple(asked), mode, problem, nothing_to_ask)


def _collections(gateway: Gateway) -> tuple[list[Collection], str]:
    try:
        return gateway.collections(), ""
    except GatewayError as problem:
        return [], str(problem)


def _start_anew(conversation: Conversation) -> None:
    conversation.leave()
    source_panel.close_panel()
