"""Documents as the gateway knows them: what is uploaded, what became of it, what can be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, Protocol
from uuid import UUID

from rag_gateway.keys import Caller

JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class Upload:
    """One document as it was sent; None leaves what an earlier version says."""

    collection: str
    data: bytes
    media_type: str
    title: str | None = None
    uri: str | None = None
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    readers: tuple[str, ...] | None = None
    file_name: str = ""

    @cached_property
    def sha256(self) -> bytes:
        """The bytes' hash."""
        return sha256(self.data).digest()

    @property
    def identity(self) -> str:
        """What makes it the same document in its collection: `external_id`, else `uri`, else the bytes."""
        if self.external_id:
            return f"external:{self.external_id}"
        return f"uri:{self.uri}" if self.uri else f"sha256:{self.sha256.hex()}"


@dataclass(frozen=True)
class Accepted:
    """The reply to an upload; `created` is false when these bytes were there already."""

    document_id: UUID
    version: int
    job_id: UUID
    status: JobStatus
    created: bool


@dataclass(frozen=True)
class Document:
    """A document's state; `version` is the one that answers, None until the first is published."""

    id: UUID
    collection: str
    title: str
    uri: str | None
    external_id: str | None
    metadata: Mapping[str, Any]
    readers: tuple[str, ...]
    version: int | None
    latest_version: int
    job_id: UUID
    status: JobStatus
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Content:
    """Characters [start, start + len(text)) of a version's parsed text, `length` characters in all."""

    document_id: UUID
    version: int
    title: str
    uri: str | None
    media_type: str
    start: int
    length: int
    text: str


@dataclass(frozen=True)
class Collection:
    """A named set of documents with counts of what is published."""

    name: str
    description: str
    readers: tuple[str, ...]
    documents: int
    chunks: int
    created_at: datetime


@dataclass(frozen=True)
class Job:
    """The way of one version from its bytes to its passages."""

    id: UUID
    document_id: UUID
    version: int
    status: JobStatus
    stage: str | None
    done: int
    total: int
    queue_position: int | None
    error: Mapping[str, str] | None
    created_at: datetime
    finished_at: datetime | None = field(default=None)


class Uploads(Protocol):
    """Where uploads go."""

    async def accept(self, upload: Upload, caller: Caller) -> Accepted:
        """Stores it and its job together; raises NotFound for an unknown collection."""


class Documents(Protocol):
    """Where documents are read; what the caller may not read is NotFound."""

    async def documents(
        self, caller: Caller, *, limit: int, collection: str | None = None, after: UUID | None = None
    ) -> list[Document]:
        """Documents in the order of their ids."""

    async def document(self, document_id: UUID, caller: Caller) -> Document:
        """One document."""

    async def content(
        self, document_id: UUID, caller: Caller, version: int | None, start: int, end: int | None
    ) -> Content:
        """Parsed text of a version, without one the current."""


class Removals(Protocol):
    """Where documents and collections are removed; what the caller may not read is NotFound."""

    async def remove_document(self, document_id: UUID, caller: Caller) -> None:
        """Text, bytes, passages and jobs of all its versions, at once."""

    async def remove_collection(self, name: str, caller: Caller) -> None:
        """It and its documents; raises Conflict when some are hidden from the caller."""


class Jobs(Protocol):
    """Where jobs are read, ended and started again; what the caller may not read is NotFound."""

    async def job(self, job_id: UUID, caller: Caller) -> Job:
        """One job."""

    async def jobs(
        self,
        caller: Caller,
        *,
        limit: int,
        status: JobStatus | None = None,
        collection: str | None = None,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Job]:
        """The newest first."""

    async def cancel(self, job_id: UUID, caller: Caller) -> Job:
        """Ends one that waits or runs; raises Conflict after its end."""

    async def retry(self, job_id: UUID, caller: Caller) -> Job:
        """Queues a failed or cancelled one again; raises Conflict for any other."""


class Collections(Protocol):
    """Where collections are made and read."""

    async def create(
        self, name: str, description: str, readers: tuple[str, ...], caller: Caller
    ) -> Collection:
        """A new one; raises Conflict when the name is taken."""

    async def collections(self, caller: Caller, *, limit: int, after: str | None = None) -> list[Collection]:
        """Collections in the order of their names."""

    async def collection(self, name: str, caller: Caller) -> Collection:
        """One collection."""
