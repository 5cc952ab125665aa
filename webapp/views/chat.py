"""The conversation: questions as headings, answers under them, and the line to ask the next one."""

from html import escape

import streamlit as st

from answers import MODES, Answer
from conversation import Conversation, Turn, ask_anyway, ask_in
from gateway_client import Gateway
from settings import Branding
from views.answer import show_answer
from views.notices import found_nothing, notice_html
from views.rating import show_reasons, show_thumbs
from views.sidebar import Choices
from views.timings import show_timings
from views.welcome import show_welcome

LONGEST_QUESTION = 8000
LONG_QUESTION = 300
"""Characters from which on a question is no headline any more."""
POLL_S = 0.15
LOOK_S = 2.0
"""Well below `running_answer.UNWATCHED_S`."""
SWITCH_WORDS = {"write": "Words", "quote": "Quotations", "both": "Both"}


def show_chat(gateway: Gateway, conversation: Conversation, choices: Choices, branding: Branding) -> None:
    """All turns, then the input, which waits while an answer is written."""

    def ask(text: str) -> None:
        conversation.ask(gateway, text, choices.collections, choices.mode)

    if not conversation.turns:
        if choices.problem:
            _show_problem(choices.problem)
        else:
            show_welcome(branding, ask, choices.nothing_to_ask)
    for turn in conversation.turns:
        _show_turn(gateway, turn)
    with st.container(key="ask"):  # at the page's foot Streamlit would scroll to the end of each answer
        typed = st.chat_input(
            branding.placeholder, max_chars=LONGEST_QUESTION, disabled=conversation.is_answering
        )
    if typed and typed.strip():
        ask(typed.strip())
        st.rerun()


def _show_problem(problem: str) -> None:
    st.html(notice_html(problem, "problem"))
    st.button("Try again", icon=":material/refresh:", key="reach-again")


def _show_turn(gateway: Gateway, turn: Turn) -> None:
    with st.container(key=f"turn-{turn.id}"):
        long = " long" if len(turn.question.text) > LONG_QUESTION else ""
        st.html(f'<h2 class="question{long}">{escape(turn.question.text)}</h2>')
        if turn.running:
            _show_running(turn)
        else:
            _show_settled(gateway, turn, turn.answer())


@st.fragment(run_every=POLL_S)
def _show_running(turn: Turn) -> None:
    """Looks at the stream several times a second; the whole page runs again once it has ended."""
    if turn.running is None:
        return
    answer = turn.running.look()
    show_answer(turn, answer)
    if st.button("Stop", key=f"stop-{turn.id}", icon=":material/stop_circle:"):
        answer = turn.running.stop()
    if not answer.is_running:
        turn.keep(answer)
        st.rerun()


def keep_answering(conversation: Conversation) -> None:
    """For other pages than the chat: an answer that is written goes on, since somebody looks at it."""
    if conversation.is_answering:
        _look_now_and_then(conversation)


@st.fragment(run_every=LOOK_S)
def _look_now_and_then(conversation: Conversation) -> None:
    if not any(turn.answer().is_running for turn in conversation.turns):
        return
    st.html('<p class="waiting" role="status">An answer is being written in the chat.</p>')


def _show_settled(gateway: Gateway, turn: Turn, answer: Answer) -> None:
    show_answer(turn, answer)
    rating = None
    with st.container(key=f"actions-{turn.id}", horizontal=True, vertical_alignment="center"):
        _show_switch(gateway, turn, answer)
        if answer.rateable_id:
            rating = show_thumbs(gateway, answer.rateable_id)
        else:
            st.button("Ask again", key=f"again-{turn.id}", on_click=ask_in, args=(gateway, turn, answer.mode))
    if found_nothing(answer) and answer.sources:
        anyway = (gateway, turn, answer.mode)
        st.button(
            "Answer from these passages anyway", key=f"anyway-{turn.id}", on_click=ask_anyway, args=anyway
        )
    if rating:
        show_reasons(gateway, answer.rateable_id, rating)
    show_timings(answer)


def _show_switch(gateway: Gateway, turn: Turn, answer: Answer) -> None:
    key = f"mode-{turn.id}-{answer.mode}"
    st.segmented_control(
        "Ask again with",
        MODES,
        default=answer.mode if answer.mode in MODES else None,
        required=answer.mode in MODES,
        format_func=SWITCH_WORDS.__getitem__,
        key=key,
        on_change=lambda: ask_in(gateway, turn, st.session_state[key] or answer.mode),
    )
