"""HTML of ours on the page, with buttons in it that Python hears of."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

SCRIPT = Path(__file__).with_name("clickable.js")


@cache
def _component(name: str) -> "ComponentRenderer":
    return st.components.v2.component(
        name,
        html=f'<div class="{name}" data-clickable></div>',
        js=SCRIPT.read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def show_clickable(
    name: str, key: str, html: str, on_click: Callable[[str], None], *, arrives: bool = False
) -> None:
    """Shows HTML in a block of class `name`; a click on a button in it hands over its `data-click`."""

    def click() -> None:
        on_click(st.session_state[key].click)

    _component(name)(key=key, data={"html": html, "arrives": arrives}, on_click_change=click)
