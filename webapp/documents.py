"""Documents as the page knows them: their versions, and their jobs on the way into the index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Job:
    """How far one version is on its way into the index; `problem` says why it failed and what to do.

    `retryable` says whether another try may be spared the problem, `silent_s` for how long nothing has moved.
    """

    id: str
    document_id: str
    version: int
    status: str
    stage: str
    done: int
    total: int
    queue_position: int | None
    eta_s: float | None
    silent_s: int | None
    problem: str
    retryable: bool

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            id=value["id"],
            document_id=value["document_id"],
            version=value["version"],
            status=value["status"],
            stage=value["stage"] or "",
            done=value["done"],
            total=value["total"],
            queue_position=value["queue_position"],
            eta_s=value["eta_s"],
            silent_s=(value.get("stalled") or {}).get("silent_s"),
            problem=_problem(value),
            retryable=_retryable(value),
        )

    @property
    def is_under_way(self) -> bool:
        return self.status in ("queued", "running")


@dataclass(frozen=True)
class Document:
    """A document; `version` is the one that answers, None until the first is published."""

    id: str
    title: str
    file_name: str
    version: int | None
    latest_version: int
    job_id: str
    status: str
    problem: str
    retryable: bool
    notices: tuple[str, ...]
    """What could not be read of it, and what to do."""
    media_type: str
    size_bytes: int
    sha256: str
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            id=value["id"],
            title=value["title"] or value["file_name"] or value["uri"] or value["id"],
            file_name=value["file_name"] or "",
            version=value["version"],
            latest_version=value["latest_version"],
            job_id=value["job_id"],
            status=value["status"],
            problem=_problem(value),
            retryable=_retryable(value),
            notices=_notices(value),
            media_type=value["media_type"],
            size_bytes=value["size_bytes"],
            sha256=value["sha256"],
            created_at=value["created_at"],
            updated_at=value["updated_at"],
        )


@dataclass(frozen=True)
class Page:
    """A page of documents and where the next one begins."""

    documents: tuple[Document, ...]
    next_cursor: str | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(tuple(Document.of(entry) for entry in value["data"]), value["next_cursor"])


@dataclass(frozen=True)
class Version:
    """One version of a document; the current one answers questions."""

    version: int
    status: str
    problem: str
    notices: tuple[str, ...]
    size_bytes: int
    current: bool
    created_at: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            version=value["version"],
            status=value["status"],
            problem=_problem(value),
            notices=_notices(value),
            size_bytes=value["size_bytes"],
            current=value["current"],
            created_at=value["created_at"],
        )


@dataclass(frozen=True)
class Accepted:
    """What the gateway made of an upload; `unchanged`: it has these bytes already."""

    document_id: str
    unchanged: bool

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        return cls(value["document_id"], unchanged=value["status"] == "succeeded")


def _notices(value: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(notice["message"] for notice in value["notices"])


def _problem(value: Mapping[str, Any]) -> str:
    return str(value["error"]["message"]) if value["error"] else ""


def _retryable(value: Mapping[str, Any]) -> bool:
    """A gateway that does not say so is of an earlier version, in which every one could be tried."""
    return bool((value["error"] or {}).get("retryable", True))
