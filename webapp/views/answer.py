"""One answer on the page, with buttons on its sources."""

from answers import Answer
from conversation import Turn
from views import source_panel
from views.answer_html import answer_html
from views.clickable import show_clickable


def show_answer(turn: Turn, answer: Answer) -> None:
    """The answer's text; a click on a source opens the panel beside it."""
    show_clickable(
        "answer",
        f"answer-{turn.id}",
        answer_html(answer, turn.question.text),
        lambda n: source_panel.open_panel(turn, answer, int(n)),
        arrives=answer.is_running,
    )
