"""Collections, documents and jobs on the wire."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from rag_common.wire import Wire

from rag_gateway.documents import Collection, Content, Document, Version
from rag_gateway.jobs import Job, JobError
from rag_gateway.schemas.chat import Name
from rag_gateway.uploads import Accepted, Description
from rag_gateway.visible import on_one_line

Principal = Annotated[str, Field(pattern=r"^[A-Za-z0-9:._@-]{1,128}$")]
MetadataKey = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
MOST_METADATA_BYTES = 16_000
MOST_TEXT = 5_000_000


def _small(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata, ensure_ascii=False).encode(errors="replace")) > MOST_METADATA_BYTES:
        raise ValueError(f"takes more than {MOST_METADATA_BYTES:,} bytes; every hit carries it, so say less")
    return metadata


def _seen(title: str) -> str:
    if seen := on_one_line(title):
        return seen
    raise ValueError("holds nothing that a reader sees; say it in letters")


Title = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_seen)]
Metadata = Annotated[dict[MetadataKey, Any], Field(max_length=64), AfterValidator(_small)]
Readers = Annotated[list[Principal], Field(max_length=100)]


class CollectionIn(Wire):
    """A new collection; without readers all of the tenant may read it."""

    name: Name
    description: str = Field("", max_length=2000)
    readers: Readers = Field(default_factory=list)


class Described(Wire):
    """What is said about a document, whichever way its bytes come."""

    title: Title | None = None
    uri: str | None = Field(None, min_length=1, max_length=2000)
    external_id: str | None = Field(None, min_length=1, max_length=500)
    metadata: Metadata | None = None
    readers: Readers | None = None

    def description(self) -> Description:
        """The same within."""
        readers = None if self.readers is None else tuple(self.readers)
        return Description(self.title, self.uri, self.external_id, self.metadata, readers)


class Change(Wire):
    """What changes of a document; a field that is left out stays, null clears it."""

    title: Title | None = None
    uri: str | None = Field(None, min_length=1, max_length=2000)
    metadata: Metadata | None = None
    readers: Readers | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class DocumentIn(Described):
    """A document whose text stands in the request; Markdown is understood."""

    text: str = Field(min_length=1, max_length=MOST_TEXT)


def accepted_out(accepted: Accepted) -> dict[str, Any]:
    """The ids to follow an upload by."""
    return {
        "document_id": str(accepted.document_id),
        "version": accepted.version,
        "job_id": str(accepted.job_id),
        "status": accepted.status,
    }


def collection_out(collection: Collection) -> dict[str, Any]:
    """A collection with its counts."""
    return {
        "name": collection.name,
        "description": collection.description,
        "readers": list(collection.readers),
        "documents": collection.documents,
        "chunks": collection.chunks,
        "created_at": collection.created_at.isoformat(),
    }


def error_out(error: JobError | None) -> dict[str, Any] | None:
    """Why a job failed, or what it waits for, and whether trying again may help."""
    if error is None:
        return None
    return {"code": error.code, "message": error.message, "retryable": error.retryable}


def stalled_out(job: Job) -> dict[str, Any] | None:
    """For how long nothing has moved, and what to look at; None while all goes well."""
    if job.stalled_s is None:
        return None
    asked = "are the worker and the embedder" if job.stage == "embed" else "is the worker"
    return {"silent_s": job.stalled_s, "message": f"No progress for {job.stalled_s} s: {asked} running?"}


def document_out(document: Document) -> dict[str, Any]:
    """A document's state."""
    return {
        "id": str(document.id),
        "collection": document.collection,
        "title": document.title,
        "uri": document.uri,
        "external_id": document.external_id,
        "file_name": document.file_name,
        "media_type": document.media_type,
        "size_bytes": document.size_bytes,
        "sha256": document.sha256.hex(),
        "metadata": dict(document.metadata),
        "readers": list(document.readers),
        "version": document.version,
        "latest_version": document.latest_version,
        "job_id": str(document.job_id),
        "status": document.status,
        "error": error_out(document.error),
        "notices": list(document.notices),
        "created_at": document.created_at.isoformat(),
        "updated_at": document.updated_at.isoformat(),
    }


def version_out(version: Version) -> dict[str, Any]:
    """One version of a document."""
    return {
        "version": version.version,
        "current": version.current,
        "text": version.text,
        "media_type": version.media_type,
        "size_bytes": version.size_bytes,
        "sha256": version.sha256.hex(),
        "job_id": str(version.job_id),
        "status": version.status,
        "error": error_out(version.error),
        "notices": list(version.notices),
        "created_at": version.created_at.isoformat(),
    }


def content_out(content: Content) -> dict[str, Any]:
    """A stretch of a version's parsed text."""
    return {
        "document_id": str(content.document_id),
        "version": content.version,
        "title": content.title,
        "uri": content.uri,
        "media_type": content.media_type,
        "start": content.start,
        "end": content.start + len(content.text),
        "length": content.length,
        "text": content.text,
    }


def job_out(job: Job) -> dict[str, Any]:
    """How far a job is."""
    return {
        "id": str(job.id),
        "document_id": str(job.document_id),
        "version": job.version,
        "status": job.status,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "queue_position": job.queue_position,
        "eta_s": job.eta_s,
        "stalled": stalled_out(job),
        "error": error_out(job.error),
        "notices": list(job.notices),
        "created_at": job.created_at.isoformat(),
        "finished_at": None if job.finished_at is None else job.finished_at.isoformat(),
    }
