"""Thumbs under an answer, with reasons and a comment for whoever cares to say more."""

from collections.abc import Sequence

import streamlit as st

from gateway_client import Gateway
from gateway_errors import GatewayError
from views.notices import notice_html

RATINGS = ("down", "up")
# The feedback service's own list, so that they can be counted.
REASONS = {
    "up": {"helpful": "Helpful", "other": "Something else"},
    "down": {
        "wrong": "Not correct",
        "incomplete": "Incomplete",
        "not_in_sources": "Not in the sources",
        "bad_source": "Wrong source",
        "outdated": "Out of date",
        "unclear": "Hard to understand",
        "other": "Something else",
    },
}
QUESTIONS = {"up": "What was good?", "down": "What was wrong?"}
THANKS = "Thank you. It is kept with the answer."
COMMENT_CHARACTERS = 2000


def show_thumbs(gateway: Gateway, answer_id: str) -> str | None:
    """The rating, which is sent as soon as it is clicked and withdrawn by a second click."""
    thumb = st.feedback("thumbs", key=f"thumb-{answer_id}", persist_state="session")
    rating = None if thumb is None else RATINGS[thumb]
    if st.session_state.get(f"rated-{answer_id}") != rating:
        _send(gateway, answer_id, rating)
    return rating


def show_reasons(gateway: Gateway, answer_id: str, rating: str) -> None:
    """Asks why, once; the same rating is sent again with what is said."""
    if st.session_state.get(f"explained-{answer_id}") == rating:
        st.html(notice_html(THANKS))
        return
    words = REASONS[rating]
    with st.form(f"why-{answer_id}-{rating}"):
        reasons = st.pills(
            QUESTIONS[rating], list(words), selection_mode="multi", format_func=words.__getitem__
        )
        comment = st.text_area(
            "Comment", max_chars=COMMENT_CHARACTERS, placeholder="In your own words (optional)"
        )
        if st.form_submit_button("Send", type="primary") and _send(
            gateway, answer_id, rating, reasons, comment
        ):
            st.session_state[f"explained-{answer_id}"] = rating
            st.rerun()


def _send(
    gateway: Gateway, answer_id: str, rating: str | None, reasons: Sequence[str] = (), comment: str = ""
) -> bool:
    try:
        if rating:
            gateway.rate(answer_id, rating, reasons, comment.strip())
        else:
            gateway.withdraw_rating(answer_id)
    except GatewayError as problem:
        st.html(notice_html(str(problem), "problem"))
        return False
    st.session_state[f"rated-{answer_id}"] = rating
    return True
