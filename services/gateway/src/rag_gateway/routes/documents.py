"""Collections and documents."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from rag_gateway.paging import place_key, place_of
from rag_gateway.routes.access import AnyCaller, Ingester, Limit, PartsOf, no_idempotency_key
from rag_gateway.routes.uploads import received
from rag_gateway.schemas.chat import Name
from rag_gateway.schemas.documents import (
    Change,
    CollectionIn,
    accepted_out,
    collection_out,
    document_out,
)

CollectionName = Annotated[Name, Path()]
router = APIRouter(tags=["documents"], dependencies=[Depends(no_idempotency_key)])


@router.post("/v1/collections", status_code=201)
async def create_collection(body: CollectionIn, caller: Ingester, parts: PartsOf) -> dict[str, Any]:
    """A new collection."""
    caller.require_reading(body.readers)
    made = await parts.collections.create(body.name, body.description, tuple(body.readers), caller)
    return collection_out(made)


@router.get("/v1/collections")
async def list_collections(
    caller: AnyCaller, parts: PartsOf, limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Collections that the caller may read, by name."""
    after = parts.cursors.read(cursor, caller, "collections")
    found = await parts.collections.collections(caller, limit=limit + 1, after=after)
    return parts.cursors.page(found, limit, lambda c: c.name, collection_out, caller, "collections")


@router.get("/v1/collections/{name}")
async def get_collection(name: CollectionName, caller: AnyCaller, parts: PartsOf) -> dict[str, Any]:
    """One collection with its counts."""
    return collection_out(await parts.collections.collection(name, caller))


@router.delete("/v1/collections/{name}", status_code=204)
async def delete_collection(name: CollectionName, caller: Ingester, parts: PartsOf) -> Response:
    """Removes a collection with all its documents."""
    await parts.removals.remove_collection(name, caller)
    return Response(status_code=204)


@router.post("/v1/collections/{name}/documents")
async def upload_document(
    name: CollectionName, request: Request, caller: Ingester, parts: PartsOf
) -> JSONResponse:
    """Stores one document and queues it; the same bytes again give the same ids."""
    most = parts.settings.max_upload_bytes
    async with received(request, name, caller.tenant_id, parts.spool, most) as upload:
        caller.require_reading(upload.said.readers)
        accepted = await parts.uploads.accept(upload, caller)
    return JSONResponse(accepted_out(accepted), 202 if accepted.created else 200)


@router.get("/v1/collections/{name}/documents")
async def list_documents(
    name: CollectionName, caller: AnyCaller, parts: PartsOf, limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Documents of a collection, the newest first."""
    route = f"documents|{name}"
    before = place_of(parts.cursors.read(cursor, caller, route))
    found = await parts.documents.documents(caller, limit=limit + 1, collection=name, before=before)
    return parts.cursors.page(found, limit, place_key, document_out, caller, route)


@router.get("/v1/documents/{document_id}")
async def get_document(document_id: UUID, caller: AnyCaller, parts: PartsOf) -> dict[str, Any]:
    """One document's state."""
    return document_out(await parts.documents.document(document_id, caller))


@router.patch("/v1/documents/{document_id}")
async def change_document(
    document_id: UUID, body: Change, caller: Ingester, parts: PartsOf
) -> dict[str, Any]:
    """Changes title, address, metadata or readers; effective on the next request, and nothing is embedded again."""
    caller.require_reading(body.readers)
    await parts.uploads.change(document_id, body.changes(), caller)
    return document_out(await parts.documents.document(document_id, caller))


@router.delete("/v1/documents/{document_id}", status_code=204)
async def delete_document(document_id: UUID, caller: Ingester, parts: PartsOf) -> Response:
    """Removes a document with all its versions."""
    await parts.removals.remove_document(document_id, caller)
    return Response(status_code=204)
