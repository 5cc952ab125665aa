"""Documents and files on their way as HTML: a name, how it stands, and what can be done about it."""

from collections.abc import Iterable
from html import escape

from documents import Job
from handover import Transfer
from shelf import Row
from views.wording import (
    ENDED,
    STAGES,
    doing,
    facts,
    left,
    name_html,
    plain_name,
    size,
    still_answers,
    words_html,
)

TO_MEND = "Another try would read the same bytes: mend the file as said, then upload it again."
TRANSFER_WORDS = {
    "waiting": "Waiting to be sent",
    "sending": "Sending",
    "accepted": "Sent",
    "unchanged": "It is here already, unchanged",
    "refused": "Not taken",
}


def rows_html(rows: Iterable[Row], may_change: bool) -> str:
    """A list of documents; buttons that change something only for who may."""
    return "".join(_row_html(row, may_change) for row in rows)


def transfers_html(transfers: Iterable[Transfer]) -> str:
    """The files that the gateway does not have, or not yet."""
    return "".join(_transfer_html(transfer) for transfer in transfers)


def list_html(items: str) -> str:
    """Items as one list."""
    return f'<ul class="rows">{items}</ul>' if items else ""


def _row_html(row: Row, may_change: bool) -> str:
    document, job = row.document, row.job
    name = document.title
    title = (
        f'<button type="button" class="name" data-click="open {document.id}" '
        f'aria-label="Open {escape(plain_name(name))}">{name_html(name)}</button>'
    )
    status = job.status if job else document.status
    if row.is_under_way:
        how = _under_way_html(job) if job else _state_html(ENDED[status])
        actions = _button_html("cancel", row.job_id, "Cancel", name)
        if job and job.silent_s is not None:
            status = "queued"  # the mark of what runs turns
    else:
        how = _state_html(f"{ENDED[status]} · {facts(document)}") + _problem_html(row.problem)
        how += "".join(f'<p class="left-out">{words_html(notice)}</p>' for notice in document.notices)
        how += _state_html(TO_MEND) if may_change and row.needs_another_file else ""
        actions = _ended_actions_html(row, status)
    still = f'<p class="state">{still}</p>' if (still := still_answers(row)) else ""
    return _item_html(status, title + how + still, actions if may_change else "")


def _ended_actions_html(row: Row, status: str) -> str:
    """Another try where it may help; else to delete, unless an older version answers, which would go, too."""
    document = row.document
    if row.needs_another_file:
        return "" if document.version else _button_html("delete", document.id, "Delete", document.title)
    return "" if status == "succeeded" else _button_html("retry", row.job_id, "Try again", document.title)


def _under_way_html(job: Job) -> str:
    words = " · ".join(filter(None, (doing(job), left(job.eta_s))))
    if job.status == "queued":
        return _state_html(words) + _problem_html(job.problem)
    bar = f'<progress max="{job.total}" value="{job.done}"></progress>'
    if not job.total:  # a bar that moves
        bar = "<progress></progress>" if job.silent_s is None else ""
    return _stages_html(job.stage) + bar + _state_html(words)


def _stages_html(stage: str) -> str:
    """The four stages with the present one marked."""
    at = list(STAGES).index(stage) if stage in STAGES else -1
    past, now = ' class="past"', ' aria-current="step"'
    items = "".join(
        f"<li{past if n < at else now if n == at else ''}>{words}</li>"
        for n, words in enumerate(STAGES.values())
    )
    return f'<ol class="stages">{items}</ol>'


def _transfer_html(transfer: Transfer) -> str:
    words = f"{TRANSFER_WORDS[transfer.state]} · {size(transfer.size_bytes)}"
    name = f'<span class="name">{name_html(transfer.name)}</span>'
    bar = "<progress></progress>" if transfer.state == "sending" else ""
    actions = ""
    if transfer.can_be_tried_again:
        actions += _button_html("send", transfer.id, "Try again", transfer.name)
    if transfer.state not in ("sending", "accepted"):
        label = "Cancel" if transfer.state == "waiting" else "Dismiss"
        actions += _button_html("dismiss", transfer.id, label, transfer.name)
    status = {"refused": "failed", "unchanged": "succeeded", "sending": "running"}.get(
        transfer.state, "queued"
    )
    return _item_html(status, name + bar + _state_html(words) + _problem_html(transfer.problem), actions)


def _item_html(status: str, body: str, actions: str) -> str:
    return (
        f'<li class="row row-{status}"><span class="mark" aria-hidden="true"></span>'
        f'<section class="body">{body}</section><span class="actions">{actions}</span></li>'
    )


def _state_html(words: str) -> str:
    return f'<p class="state">{escape(words)}</p>'


def _problem_html(problem: str) -> str:
    return f'<p class="problem">{words_html(problem)}</p>' if problem else ""


def _button_html(action: str, target: str, label: str, name: str) -> str:
    described = escape(f"{label}: {plain_name(name)}")
    return f'<button type="button" data-click="{action} {target}" aria-label="{described}">{label}</button>'
