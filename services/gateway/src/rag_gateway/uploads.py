"""Uploads: bytes in a file of bounded size, with what is said about them, until they are stored."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from rag_common.errors import TooManyRequests

from rag_gateway.jobs import JobStatus
from rag_gateway.keys import Caller
from rag_gateway.media_types import Bytes

PART_BYTES = 1_000_000
LONGEST_IN_INDEX = 1_000


class TooManyUploads(TooManyRequests):
    """Too much is being uploaded at once; wait and send it again."""

    code = "too_many_uploads"


@dataclass
class Spool:
    """Bounds what all uploads together keep in temporary files while their clients send; half of it for a tenant."""

    most_bytes: int
    _held: Counter[int] = field(default_factory=Counter, init=False)

    @contextmanager
    def room_for(self, size_bytes: int, tenant_id: int) -> Iterator[None]:
        """Holds room; raises TooManyUploads when there is none, unless nobody else, or none of the tenant, sends."""
        held, own = self._held.total(), self._held[tenant_id]
        if (held and held + size_bytes > self.most_bytes) or (
            own and 2 * (own + size_bytes) > self.most_bytes
        ):
            raise TooManyUploads
        self._held[tenant_id] += size_bytes
        try:
            yield
        finally:
            self._held[tenant_id] -= size_bytes


@dataclass(frozen=True)
class Description:
    """What is said about a document; None leaves what was said before."""

    title: str | None = None
    uri: str | None = None
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    readers: tuple[str, ...] | None = None

    def said(self) -> dict[str, Any]:
        """What is not None, as plain values."""
        given = {
            "title": self.title,
            "uri": self.uri,
            "metadata": None if self.metadata is None else dict(self.metadata),
            "readers": None if self.readers is None else list(self.readers),
        }
        return {name: value for name, value in given.items() if value is not None}


def identity_of(external_id: str | None, uri: str | None, content: bytes) -> str:
    """`external_id`, else `uri`, else the bytes' hash; a long address by its own, as an index takes no longer one."""
    if external_id:
        return f"external:{external_id}"
    if uri and len(uri.encode()) > LONGEST_IN_INDEX:
        return f"uri:sha256:{sha256(uri.encode()).hexdigest()}"
    return f"uri:{uri}" if uri else f"sha256:{content.hex()}"


@dataclass(frozen=True)
class Upload:
    """One document as it was sent."""

    collection: str
    file: BinaryIO
    sent: Bytes
    media_type: str
    said: Description = Description()
    file_name: str = ""

    @property
    def identity(self) -> str:
        """What makes it the same document in its collection: `external_id`, else `uri`, else the bytes."""
        return identity_of(self.said.external_id, self.said.uri, self.sent.sha256)

    def parts(self) -> Iterator[bytes]:
        """The bytes in parts of 1 MB, from the start."""
        self.file.seek(io.SEEK_SET)
        while part := self.file.read(PART_BYTES):
            yield part


@dataclass(frozen=True)
class Accepted:
    """The reply to an upload; `created` is false when these bytes were there already."""

    document_id: UUID
    version: int
    job_id: UUID
    status: JobStatus
    created: bool


class Uploads(Protocol):
    """Where uploads go, and where what is said about documents changes."""

    async def accept(self, upload: Upload, caller: Caller) -> Accepted:
        """Stores it and its job together; raises NotFound for an unknown collection."""

    async def change(self, document_id: UUID, changes: Mapping[str, Any], caller: Caller) -> None:
        """Changes `title`, `uri`, `metadata` or `readers` alone; None clears.

        Raises NotFound, and Conflict when another document has the `uri`.
        """
