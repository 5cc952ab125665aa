"""Documents as the gateway knows them: what became of an upload, and what can be read of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from rag_gateway.jobs import JobError, JobStatus
from rag_gateway.keys import Caller

Place = tuple[datetime, UUID]
"""Where a list of the newest first goes on: time and id of the last one shown."""


@dataclass(frozen=True)
class Document:
    """A document's state; `version` is the one that answers, None until the first is published.

    `media_type`, `size_bytes`, `sha256`, `status`, `error` and `notices` are those of the latest version.
    """

    id: UUID
    collection: str
    title: str
    uri: str | None
    external_id: str | None
    file_name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    metadata: Mapping[str, Any]
    readers: tuple[str, ...]
    version: int | None
    latest_version: int
    job_id: UUID
    status: JobStatus
    error: JobError | None
    notices: Sequence[Mapping[str, str]]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Version:
    """One upload of a document; `text` says whether its parsed text can still be read."""

    version: int
    current: bool
    text: bool
    media_type: str
    size_bytes: int
    sha256: bytes
    job_id: UUID
    status: JobStatus
    error: JobError | None
    notices: Sequence[Mapping[str, str]]
    created_at: datetime


@dataclass(frozen=True)
class File:
    """The bytes of a version as they were sent, in parts of at most 1 MB that are read one by one."""

    name: str
    size_bytes: int
    parts: AsyncIterator[bytes]


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


class Documents(Protocol):
    """Where documents are read; what the caller may not read is NotFound."""

    async def documents(
        self, caller: Caller, *, limit: int, collection: str | None = None, before: Place | None = None
    ) -> list[Document]:
        """The newest first."""

    async def document(self, document_id: UUID, caller: Caller) -> Document:
        """One document."""

    async def content(
        self, document_id: UUID, caller: Caller, version: int | None, start: int, end: int | None
    ) -> Content:
        """Parsed text of a version, without one the current."""


class Versions(Protocol):
    """Where a document's history is read; what the caller may not read is NotFound."""

    async def versions(
        self, document_id: UUID, caller: Caller, *, limit: int, before: int | None = None
    ) -> list[Version]:
        """The newest first."""

    async def file(self, document_id: UUID, caller: Caller, version: int | None) -> File:
        """The bytes of a version, without one the latest; NotFound once they have been forgotten."""


class Removals(Protocol):
    """Where documents and collections are removed; what the caller may not read is NotFound."""

    async def remove_document(self, document_id: UUID, caller: Caller) -> None:
        """Text, bytes, passages and jobs of all its versions, at once."""

    async def remove_collection(self, name: str, caller: Caller) -> None:
        """It and its documents; raises Conflict when some are hidden from the caller."""


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
