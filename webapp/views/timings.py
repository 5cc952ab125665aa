"""How long each step of an answer took."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from answers import Answer

STEPS = {
    "condense": "Understand the question",
    "embed": "Embed it",
    "retrieve": "Find passages",
    "fuse": "Join the rankings",
    "rerank": "Rank again",
    "pack": "Choose what to read",
    "generate": "Write",
    "cite": "Check the citations",
}


def show_timings(answer: Answer) -> None:
    """An expander with a bar for each of the eight steps, and what answered."""
    if not (answer.finished and answer.retrieved):
        return
    timings = answer.finished.timings_ms
    with st.expander(
        f"How this answer was made · {_seconds(timings.get('total', 0))}", key=f"made-{answer.rateable_id}"
    ):
        st.html(timings_html(timings) + _made_by_html(answer))


def timings_html(timings_ms: Mapping[str, float]) -> str:
    """A table with a bar in each row; the longest step fills its row."""
    longest = max((timings_ms.get(step, 0) for step in STEPS), default=0) or 1
    rows = "".join(_row_html(name, words, timings_ms.get(name, 0), longest) for name, words in STEPS.items())
    return f'<table class="timings"><caption>Steps of this answer</caption><tbody>{rows}</tbody></table>'


def _row_html(name: str, words: str, took_ms: float, longest_ms: float) -> str:
    percent = round(100 * took_ms / longest_ms)
    return (
        f'<tr><th scope="row">{words}<small>{name}</small></th>'
        f'<td class="bar"><span style="width:{percent}%"></span></td>'
        f'<td class="took">{_seconds(took_ms)}</td></tr>'
    )


def _made_by_html(answer: Answer) -> str:
    if not (answer.finished and answer.retrieved):
        return ""
    facts = {"Mode": answer.mode, "Model": answer.retrieved.model, "Trace": answer.retrieved.trace_id}
    if first := answer.finished.timings_ms.get("first_token"):
        facts["First word after"] = _seconds(first)
    if answer.finished.dropped:
        facts["Not sent, for want of support"] = str(answer.finished.dropped)
    pairs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f'<dl class="facts">{pairs}</dl>'


def _seconds(took_ms: float) -> str:
    return f"{took_ms / 1000:.1f} s" if took_ms >= 1000 else f"{round(took_ms)} ms"
