"""Names, sizes, times and states of documents as a visitor reads them."""

import re
from datetime import UTC, datetime
from html import escape

from documents import Document, Job
from shelf import Row

_MISLEADING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters and those that turn the direction of writing: `gpj.exe` after one reads as a picture's name."""
_CODE = re.compile(r"`([^`]+)`")
_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "application/pdf": "PDF",
    f"{_OFFICE}wordprocessingml.document": "Word document",
    f"{_OFFICE}presentationml.presentation": "PowerPoint slides",
    f"{_OFFICE}spreadsheetml.sheet": "Excel sheets",
    "application/epub+zip": "EPUB book",
    "message/rfc822": "Mail",
    "text/html": "Page of the web",
    "text/markdown": "Markdown",
    "text/plain": "Text",
    "text/csv": "CSV table",
    "application/json": "JSON",
    "application/jsonl": "JSON lines",
}
STAGES = {"parse": "Read", "split": "Split", "embed": "Index", "publish": "Publish"}
DOING = {
    "parse": "Reading the file",
    "split": "Splitting it into passages",
    "embed": "Indexing its passages",
    "publish": "Publishing",
}
ENDED = {
    "succeeded": "Ready",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "queued": "Waiting",
    "running": "Under way",
}
MINUTE, HOUR, DAY, MONTH = 60, 3600, 86_400, 30 * 86_400


def plain_name(name: str) -> str:
    """A name in which every character shows, and shows where it stands."""
    return _MISLEADING.sub("\ufffd", name)


def name_html(name: str) -> str:
    """A name that neither brings HTML nor turns the words around it."""
    return f"<bdi>{escape(plain_name(name))}</bdi>"


def words_html(words: str) -> str:
    """What the gateway says, with what it sets between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(words))


def kind(media_type: str) -> str:
    """What people call such a file."""
    return KINDS.get(media_type, media_type)


def size(size_bytes: int) -> str:
    """In bytes, kB or MB."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    return f"{size_bytes / 1000:.0f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1_000_000:.1f} MB"


def ago(moment: str, now: datetime | None = None) -> str:
    """How long an ISO time is past; a date after a month."""
    then = datetime.fromisoformat(moment)
    past_s = ((now or datetime.now(UTC)) - then).total_seconds()
    if past_s < MINUTE:
        return "just now"
    if past_s < HOUR:
        return f"{past_s // MINUTE:.0f} min ago"
    if past_s < DAY:
        return f"{past_s // HOUR:.0f} h ago"
    if past_s < MONTH:
        days = past_s // DAY
        return "yesterday" if days == 1 else f"{days:.0f} days ago"
    return f"{then.day} {then:%B %Y}"


def left(eta_s: float | None) -> str:
    """How long it will probably take, in words that promise no more than is known."""
    if eta_s is None:
        return ""
    if eta_s < 10:
        return "a few seconds left"
    return f"about {_roughly(eta_s)} left"


def stalled(silent_s: int) -> str:
    """That nothing moves, and since when."""
    return f"Waiting: no progress for {_roughly(silent_s)}"


def _roughly(seconds: float) -> str:
    if seconds < 1.5 * MINUTE:
        return f"{round(seconds, -1):.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 1.5 * HOUR else f"{seconds / HOUR:.0f} h"


def doing(job: Job) -> str:
    """What happens to a job that is under way."""
    if job.silent_s is not None:
        return stalled(job.silent_s)
    if job.status == "queued":
        place = job.queue_position
        if place is None:
            return "Waiting"
        return "Next in line" if place == 1 else f"Waiting, number {place} in line"
    words = DOING.get(job.stage, "Starting")
    counted = f": {job.done:,} of {job.total:,}" if job.stage == "embed" and job.total else ""
    return f"{words}{counted}"


def facts(document: Document) -> str:
    """The file's name where it is not the title, size, version and age."""
    name = "" if document.file_name == document.title else plain_name(document.file_name)
    version = f"version {document.latest_version}" if document.latest_version > 1 else ""
    return " · ".join(filter(None, (name, size(document.size_bytes), version, ago(document.updated_at))))


def still_answers(row: Row) -> str:
    """What questions are answered from while a newer version is not there, or never will be."""
    document = row.document
    if document.version is None or document.version == document.latest_version:
        return ""
    return f"Version {document.version} goes on answering."
