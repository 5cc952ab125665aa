"""A document's history, its parsed text and the file that was sent."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from rag_gateway.routes.access import AnyCaller, Limit, PartsOf, no_idempotency_key
from rag_gateway.schemas.documents import content_out, version_out

VersionNumber = Annotated[int | None, Query(ge=1, lt=2**31)]
router = APIRouter(tags=["documents"], dependencies=[Depends(no_idempotency_key)])


@router.get("/v1/documents/{document_id}/versions")
async def list_versions(
    document_id: UUID, caller: AnyCaller, parts: PartsOf, limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Versions of a document, the newest first."""
    route = f"versions|{document_id}"
    after = parts.cursors.read(cursor, caller, route)
    before = int(after) if after else None
    found = await parts.versions.versions(document_id, caller, limit=limit + 1, before=before)
    return parts.cursors.page(found, limit, lambda v: str(v.version), version_out, caller, route)


@router.get("/v1/documents/{document_id}/content")
async def get_content(
    document_id: UUID,
    caller: AnyCaller,
    parts: PartsOf,
    version: VersionNumber = None,
    start: Annotated[int, Query(ge=0, lt=2**31 - 1)] = 0,
    end: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
) -> dict[str, Any]:
    """The parsed text, for showing a cited passage in place."""
    return content_out(await parts.documents.content(document_id, caller, version, start, end))


@router.get("/v1/documents/{document_id}/file")
async def get_file(
    document_id: UUID, caller: AnyCaller, parts: PartsOf, version: VersionNumber = None
) -> StreamingResponse:
    """The bytes as they were sent, as an attachment that no browser opens by itself."""
    file = await parts.versions.file(document_id, caller, version)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "content-length": str(file.size_bytes),
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(file.parts, media_type="application/octet-stream", headers=headers)
