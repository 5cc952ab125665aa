"""One answer on the page, with buttons on its sources."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from answers import Answer
from conversation import Turn
from views import source_panel
from views.answer_html import answer_html

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

SCRIPT = Path(__file__).with_name("answer.js")


@cache
def _component() -> "ComponentRenderer":
    return st.components.v2.component(
        "answer",
        html='<div class="answer"></div>',
        js=SCRIPT.read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def show_answer(turn: Turn, answer: Answer) -> None:
    """The answer's text; a click on a source opens the panel beside it."""
    key = f"answer-{turn.id}"

    def open_source() -> None:
        source_panel.open_panel(turn, answer, st.session_state[key].source)

    data = {"html": answer_html(answer, turn.question.text), "running": answer.is_running}
    _component()(key=key, data=data, on_source_change=open_source)
