"""Where files are dropped; they go on to the gateway by themselves."""

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from handover import Handover

HINT = (
    "Drop files here: PDF, Word, PowerPoint, Excel, HTML, Markdown, text, CSV, JSON, EPUB and mail, up to {} MB each. "
    "One with the name of a file that is here becomes its new version."
)


def show_uploader(handover: Handover, collection: str) -> None:
    """Takes any number of files for a collection."""
    key = f"files-{collection}"

    def take() -> None:
        files = [file for file in st.session_state[key] if isinstance(file, UploadedFile)]
        handover.add(collection, [(file.name, file.getvalue()) for file in files])
        _let_go(files)

    with st.container(key="uploader"):
        st.file_uploader(
            "Add files", accept_multiple_files=True, key=key, on_change=take, label_visibility="collapsed"
        )
        st.html(f'<p class="hint">{HINT.format(st.get_option("server.maxUploadSize"))}</p>')


def _let_go(files: list[UploadedFile]) -> None:
    """Streamlit (1.67) would hold the bytes until the visitor leaves; its chat input lets go of them in this way."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
            file.truncate(0)
