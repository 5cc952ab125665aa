"""The web page: a conversation with your documents, every answer with its sources beside it, and the documents."""

import atexit
import secrets
from dataclasses import dataclass
from html import escape
from pathlib import Path

import httpx
import streamlit as st
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from rag_common.settings import load_settings
from rag_common.telemetry import setup_telemetry

from conversation import Conversation
from gateway_client import Gateway
from settings import Branding, Settings, load_branding
from views.chat import keep_answering, show_chat
from views.documents import show_documents
from views.sidebar import show_sidebar
from views.source_panel import show_panel

STYLE = Path(__file__).with_name("style.css")
ICON = Path(__file__).with_name("icon.svg")


@dataclass(frozen=True)
class Parts:
    """What all visitors share."""

    http: httpx.Client
    branding: Branding


@st.cache_resource
def open_parts() -> Parts:
    """Once per process, which also ends them."""
    settings = load_settings(Settings)
    atexit.register(setup_telemetry("webapp", settings.otel_exporter_otlp_endpoint))
    http = httpx.Client(
        base_url=settings.gateway_url,
        headers={"authorization": f"Bearer {settings.gateway_api_key.get_secret_value()}"},
        trust_env=False,  # the gateway is a neighbour; a proxy for the internet cannot reach it
    )
    HTTPXClientInstrumentor().instrument_client(http)
    return Parts(http, load_branding())


def show_page() -> None:
    """One run of the page for one visitor, who is known by a random name for as long as the tab is open."""
    parts = open_parts()
    st.set_page_config(page_title=parts.branding.name, page_icon=ICON, layout="wide")
    st.html(STYLE)
    st.html(f"<style>:root{{--accent:{st.get_option('theme.primaryColor')}}}</style>")
    gateway = Gateway(parts.http, st.session_state.setdefault("visitor", secrets.token_urlsafe(16)))
    conversation: Conversation = st.session_state.setdefault("conversation", Conversation())

    def chat() -> None:
        choices = show_sidebar(gateway, conversation)
        show_chat(gateway, conversation, choices, parts.branding)
        show_panel(gateway)

    def documents() -> None:
        keep_answering(conversation)
        show_documents(gateway)

    pages = [
        st.Page(chat, title="Chat", url_path="chat", default=True),
        st.Page(documents, title="Documents", url_path="documents"),
    ]
    page = st.navigation(pages, position="hidden")
    with st.container(key="page-header", horizontal=True, vertical_alignment="center"):
        st.html(f'<span class="mark"></span><h1>{escape(parts.branding.name)}</h1>')
        for each in pages:
            st.page_link(each, label=each.title)
    page.run()


show_page()
