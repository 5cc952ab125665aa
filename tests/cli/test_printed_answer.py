"""An answer on a terminal is shown and never obeyed."""

import io
from typing import Any

from groundwork.answer import print_answer
from rich.console import Console

HOSTILE = "So \x1b[2J\x1b]0;Zorlik\x07 \x9b31m\u202e it\b is.\r"


def test_escapes_of_a_terminal_in_words_titles_and_addresses_are_not_sent_to_it() -> None:
    source = {"n": 1, "heading": "", "title": HOSTILE, "uri": HOSTILE, "document_id": "d"}
    chunks: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": ""}}], "rag": {"sources": [source]}},
        {"choices": [{"delta": {"content": f"{HOSTILE}\n\ttwo [1]"}}]},
        {"choices": [{"delta": {}}], "rag": {"citations": [{"n": 1}], "grounded": True}},
    ]
    said = io.StringIO()
    print_answer(chunks, Console(file=said, width=500))
    assert not set(said.getvalue()) & set("\x1b\x07\x9b\u202e\b\r")
    assert said.getvalue().count("Zorlik") == 3
    assert "\n        two [1]" in said.getvalue()
