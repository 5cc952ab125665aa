"""An answer as HTML: quotations first, the model's words after them, all of it text."""

from html import escape

from answers import Answer, Source
from quotations import Quotation, arrange
from safe_markdown import code_html, safe_html
from views.notices import ending_html, found_nothing, notices_html, wrote_nothing
from views.wording import plain_name

LONGEST_QUERY = 300
"""Characters that are shown of what was searched for."""


def answer_html(answer: Answer, question: str) -> str:
    """Everything between a question and its buttons; grows while the answer streams."""
    arranged = arrange(answer)
    words = "" if found_nothing(answer) or wrote_nothing(answer) else arranged.words
    body = [searched_html(answer, question), notices_html(answer)]
    if arranged.quotations:
        quotes = "".join(_quotation_html(quotation, answer) for quotation in arranged.quotations)
        body.append(_section("documents", "From your documents", quotes))
    if words:
        label = "In the model’s words" if arranged.quotations else ""
        body.append(_section("words", label, safe_html(words, {source.n for source in answer.sources})))
    if answer.is_running:
        body.append(_waiting_html(answer))
    elif not arranged.quotations:
        body.append(_sources_html(answer))
    return "".join([*body, ending_html(answer)])


def searched_html(answer: Answer, question: str) -> str:
    """What was searched for, where that is not the question itself."""
    query = answer.finished.query if answer.finished else ""
    if not query or query.strip() == question.strip():
        return ""
    shown = query if len(query) <= LONGEST_QUERY else f"{query[:LONGEST_QUERY]}…"
    return f'<p class="searched">searched for: <q>{escape(shown)}</q></p>'


def source_button_html(source: Source) -> str:
    """Number, title and heading of a source; opens it."""
    heading = f'<span class="heading">{escape(source.heading)}</span>' if source.heading else ""
    title = escape(plain_name(source.title))
    return (
        f'<button type="button" class="source" data-click="{source.n}" '
        f'aria-label="Open source {source.n}: {title}">'
        f'<span class="number">{source.n}</span><span class="title">{title}</span>{heading}</button>'
    )


def _section(name: str, label: str, content: str) -> str:
    heading = f'<h3 class="label">{label}</h3>' if label else ""
    return f'<section class="{name}">{heading}{content}</section>'


def quotation_html(quotation: Quotation, origin: str) -> str:
    """Words of a document under the button that tells where they stand."""
    parts = [
        code_html(part.text) if part.is_code else f"<p>{escape(part.text)}</p>" for part in quotation.parts()
    ]
    return f"<figure><figcaption>{origin}</figcaption><blockquote>{''.join(parts)}</blockquote></figure>"


def _quotation_html(quotation: Quotation, answer: Answer) -> str:
    source = answer.source(quotation.n)
    return quotation_html(quotation, source_button_html(source) if source else "")


def _sources_html(answer: Answer) -> str:
    """The cited sources; all that were found where none is cited."""
    cited = {citation.n for citation in answer.citations}
    shown = [source for source in answer.sources if source.n in cited] or list(answer.sources)
    buttons = "".join(source_button_html(source) for source in shown)
    return f'<nav class="sources" aria-label="Sources">{buttons}</nav>' if buttons else ""


def _waiting_html(answer: Answer) -> str:
    doing = "Writing" if answer.text else ("Reading the passages" if answer.sources else "Searching")
    return f'<p class="waiting" role="status">{doing}<span class="dots" aria-hidden="true"></span></p>'
