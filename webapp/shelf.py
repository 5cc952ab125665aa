"""One collection as the page shows it: as many documents as were asked for, and how far those under way are."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from documents import Document, Job
from library import MOST_AT_ONCE, Library

PAGE = 50
LOOK_AGAIN_AFTER_S = 0.5
"""The page as a whole and its moving part look right after each other."""


@dataclass(frozen=True)
class Row:
    """A document and the newest job that is known of it."""

    document: Document
    job: Job | None

    @property
    def is_under_way(self) -> bool:
        return self.job.is_under_way if self.job else self.document.status in ("queued", "running")

    @property
    def job_id(self) -> str:
        return self.job.id if self.job else self.document.job_id

    @property
    def problem(self) -> str:
        """Why it failed."""
        return (self.job.problem if self.job else "") or self.document.problem

    @property
    def needs_another_file(self) -> bool:
        """Whether it failed for what its file is, so that another try fails likewise."""
        told = self.job if self.job and self.job.problem else self.document
        return told.status == "failed" and not told.retryable


class Shelf:
    """Documents, the newest first; older ones that move while they are looked at come before all others."""

    def __init__(self, library: Library, collection: str) -> None:
        self.collection = collection
        self._library = library
        self._brought_up: set[str] = set()
        self._moving: dict[str, Document] = {}
        self._first: dict[str, Document] = {}
        self._rest: dict[str, Document] = {}
        self._next_cursor: str | None = None
        self._jobs: dict[str, Job] = {}
        self._looked_at = 0.0
        self.reload()

    def look(self) -> None:
        """Asks for the jobs, and for documents only where a job has begun or ended."""
        if time.monotonic() - self._looked_at < LOOK_AGAIN_AFTER_S:
            return
        before = self._jobs
        self._look_at_jobs()
        if _states(before) != _states(self._jobs):
            self._look_at_documents()

    def reload(self) -> None:
        """Asks for everything that moves, after a change of the visitor's own."""
        self._look_at_jobs()
        self._look_at_documents()

    def bring_up(self, document_ids: Iterable[str]) -> None:
        """Shows documents at once and keeps them in sight, however old they are."""
        self._brought_up.update(document_ids)
        self.reload()

    def more(self) -> None:
        """Asks for the next page."""
        page = self._library.documents(self.collection, self._next_cursor, PAGE)
        self._rest |= {document.id: document for document in page.documents}
        self._next_cursor = page.next_cursor

    def forget(self, document_id: str) -> None:
        """Takes out a document that was deleted."""
        self._brought_up.discard(document_id)
        for documents in (self._moving, self._first, self._rest):
            documents.pop(document_id, None)

    @property
    def has_more(self) -> bool:
        return self._next_cursor is not None

    @property
    def front(self) -> list[Row]:
        """What moves, and the newest page."""
        return [self._row(document) for document in (*self._moving.values(), *self._first.values())]

    @property
    def rest(self) -> list[Row]:
        """The pages after the newest one."""
        shown = {*self._moving, *self._first}
        return [self._row(document) for document in self._rest.values() if document.id not in shown]

    @property
    def is_under_way(self) -> bool:
        return any(job.is_under_way for job in self._jobs.values())

    def _row(self, document: Document) -> Row:
        job = self._jobs.get(document.id)
        return Row(document, job if job and job.version >= document.latest_version else None)

    def _look_at_documents(self) -> None:
        """The first page again, and what moves further down."""
        page = self._library.documents(self.collection, limit=PAGE)
        pushed_down, self._first = self._first, {document.id: document for document in page.documents}
        if self._rest:
            self._rest = pushed_down | self._rest
        else:
            self._next_cursor = page.next_cursor
        running = {job.document_id for job in self._jobs.values() if job.status == "running"}
        further_down = (running | self._brought_up) - set(self._first)
        found = [document for each in further_down if (document := self._library.document(each))]
        newest = sorted(found, key=lambda document: document.created_at, reverse=True)
        self._moving = {document.id: document for document in newest}

    def _look_at_jobs(self) -> None:
        """In one call; a second one only where so many wait that those that run are not among the newest."""
        jobs = self._library.jobs(self.collection)
        if len(jobs) == MOST_AT_ONCE and jobs[-1].is_under_way:
            jobs += self._library.jobs(self.collection, status="running")
        self._jobs = {job.document_id: job for job in sorted(jobs, key=lambda job: job.version)}
        self._looked_at = time.monotonic()


def _states(jobs: Mapping[str, Job]) -> set[tuple[str, bool]]:
    return {(job.id, job.is_under_way) for job in jobs.values()}
