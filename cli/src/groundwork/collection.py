"""One collection of the gateway, asked with patience: what is in it, what is on its way, what is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from groundwork.files import sha256_of
from groundwork.gateway import Gateway, Json
from groundwork.patience import Patience
from groundwork.refusals import GatewayError

WAITING = ("queued", "running")
Plan = Literal["new", "changed", "again", "waiting", "unchanged"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the gateway has under one external id."""

    id: str
    sha256: str
    status: str
    job_id: str
    gaps: str


@dataclass(frozen=True)
class Collection:
    """A collection by its name."""

    gateway: Gateway
    name: str
    patience: Patience

    @cached_property
    def known(self) -> dict[str, Known]:
        """What was there by external id when it was first asked for."""
        known: dict[str, Known] = {}
        for page in self._pages(self.gateway.documents):
            for document in page:
                if name := document["external_id"]:
                    state = (document["id"], document["sha256"], document["status"], document["job_id"])
                    there = Known(*state, gaps_of(document))
                    # Two of one name come from callers who could not see each other's: the newer one counts.
                    known.setdefault(name, there)
        return known

    def jobs(self, status: str | None = None) -> Iterator[list[Json]]:
        """The jobs of its documents in pages, the newest first."""
        return self._pages(partial(self.gateway.jobs, status))

    def send(self, name: str, path: Path) -> tuple[bool, Json]:
        """Sends one file; whether it is new, and the ids of document and job."""
        return self.patience(lambda: self.gateway.upload(self.name, path, name))

    def remove(self, document_id: str) -> None:
        """Removes a document; one that is gone already is well."""
        try:
            self.patience(lambda: self.gateway.remove_document(document_id))
        except GatewayError as error:
            if error.status != 404:
                raise

    def _pages(self, page_after: Callable[[str, str | None], Json]) -> Iterator[list[Json]]:
        cursor: str | None = None
        while True:
            page = self.patience(partial(page_after, self.name, cursor))
            yield page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def gaps_of(told: Json) -> str:
    """What could not be read of a job's or a document's file though it is ready, in words; mostly empty."""
    return " ".join(notice["message"] for notice in told.get("notices") or ())


def plan_of(path: Path, known: Known | None) -> Plan:
    """What is to be done with a file, without sending it; reads it only when its name is there already."""
    if known is None:
        return "new"
    if known.sha256 != sha256_of(path):
        return "changed"
    if known.status in WAITING:
        return "waiting"
    return "unchanged" if known.status == "succeeded" else "again"
