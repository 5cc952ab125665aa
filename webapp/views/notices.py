"""Short words about how things stand: what is away, what was not found, what to do."""

import time
from html import escape
from typing import Literal

import streamlit as st
from rag_common.product import SLUG

from answers import Answer

NO_MODEL = "The language model is away, so nothing was written. This is what your documents say."
NO_EMBEDDER = (
    "The embedder is away: the search went by words alone, and may have missed what says it differently."
)
NO_RERANKER = "The reranker is away: the best passage may not be the first."
NOTHING_FOUND = "Your documents do not seem to answer this. Use other words, or choose other collections."
UNCITED = "None of this could be traced to your documents. Trust the passages below it rather than its words."
NO_DOCUMENTS = (
    "There are no documents yet. Drop your files on the page “Documents”, or add whole folders with"
    f" “{SLUG} ingest FOLDER --collection NAME”; a document can be asked for as soon as it is ready."
)
STOPPED = "Stopped."
TRY_AGAIN_S = 3.0


def notice_html(text: str, kind: Literal["hint", "problem"] = "hint") -> str:
    """One notice, read out by screen readers when it appears."""
    role = "alert" if kind == "problem" else "status"
    return f'<p class="notice notice-{kind}" role="{role}">{escape(text)}</p>'


def show_outage(problem: str) -> None:
    """Why nothing can be shown; the page tries again by itself, and at once when it is told to."""
    st.html(notice_html(problem, "problem"))
    st.button("Try again", icon=":material/refresh:", key="reach-again")
    st.fragment(_try_again_later, run_every=TRY_AGAIN_S)(time.monotonic())


def _try_again_later(shown_at: float) -> None:
    if time.monotonic() - shown_at > TRY_AGAIN_S / 2:  # the first run is the page's own
        st.rerun()


def wrote_nothing(answer: Answer) -> bool:
    """Whether the model was away; the one sentence that then stands in its place is said by NO_MODEL."""
    return "no_llm" in answer.degraded


def found_nothing(answer: Answer) -> bool:
    """Whether the documents do not say; the answer's one sentence is then said by NOTHING_FOUND."""
    finished = answer.finished
    unanswered = finished and not finished.grounded and not (answer.sources and finished.enough)
    return bool(unanswered and not wrote_nothing(answer))


def wrote_unsupported(answer: Answer) -> bool:
    """Whether the model wrote, and no sentence of it could be cited."""
    written = answer.finished and answer.mode == "write" and answer.text.strip()
    return bool(written and not answer.citations and not wrote_nothing(answer) and not found_nothing(answer))


def notices_html(answer: Answer) -> str:
    """All that must be said before an answer is read."""
    hints = []
    if wrote_nothing(answer):
        hints.append(NO_MODEL)
    if "no_embedder" in answer.degraded:
        hints.append(NO_EMBEDDER)
    elif "no_reranker" in answer.degraded:
        hints.append(NO_RERANKER)
    if wrote_unsupported(answer):
        hints.append(UNCITED)
    if found_nothing(answer):
        hints.append(NOTHING_FOUND)
    return "".join(notice_html(hint) for hint in hints)


def ending_html(answer: Answer) -> str:
    """What must be said after an answer that did not come to its end."""
    if answer.state == "failed":
        return notice_html(answer.problem, "problem")
    if answer.state == "stopped":
        return notice_html(STOPPED)
    return ""
