"""An upload as it comes: multipart with a file, or JSON with a text."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError
from rag_common.errors import BadRequest, ClientGone, InvalidRequest, TooLarge, UnsupportedMediaType
from rag_common.service import invalid_request
from rag_common.wire import Wire, can_be_kept
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from rag_gateway.file_names import kept_name
from rag_gateway.media_types import check_bytes, media_type_of
from rag_gateway.schemas.documents import Described, DocumentIn
from rag_gateway.uploads import Spool, Upload

MOST_FIELD_BYTES = 100_000
MOST_JSON_BYTES = 10_000_000
Fields = TypeVar("Fields", bound=Wire)


@asynccontextmanager
async def received(
    request: Request, collection: str, tenant_id: int, spool: Spool, most_bytes: int
) -> AsyncIterator[Upload]:
    """The upload in a request, in a temporary file that is gone afterwards.

    Raises InvalidRequest, UnsupportedMediaType, TooLarge, TooManyUploads or ClientGone, and nothing is stored.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    announced = request.headers.get("content-length", "")
    with spool.room_for(int(announced) if announced.isdecimal() else most_bytes, tenant_id):
        if kind == "application/json":
            yield await asyncio.to_thread(_from_json, await _body(request), collection)
        elif kind == "multipart/form-data":
            async with _form(request) as form:
                yield await asyncio.to_thread(_from_form, form, collection)
        else:
            raise UnsupportedMediaType(
                "Send multipart/form-data with a `file`, or application/json with a `text`."
            )


async def _pieces(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it arrives; raises ClientGone where its client goes before its end, or has lied about its length."""
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise ClientGone from error


async def _body(request: Request) -> bytes:
    """A JSON body, which takes many times its size in memory; a file takes none."""
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > MOST_JSON_BYTES:
            raise TooLarge(f"JSON of more than {MOST_JSON_BYTES:,} bytes; send the text as a `file`.")
    return bytes(body)


def _from_json(body: bytes, collection: str) -> Upload:
    sent = _validated(DocumentIn, _json(body, "body"))
    file = io.BytesIO(sent.text.encode())
    facts = check_bytes(file, "text/markdown")
    return Upload(collection, file, facts, "text/markdown", sent.description())


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    parser = Utf8MultiPartParser(
        request.headers, _pieces(request), max_files=1, max_fields=10, max_part_size=MOST_FIELD_BYTES
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise BadRequest(f"The form cannot be read: {error.message}", code="invalid_form") from error
    try:
        yield form
    finally:
        await form.close()


class Utf8MultiPartParser(MultiPartParser):
    """Starlette's parser (1.10), which would read what is not UTF-8 as Latin-1, made to refuse it."""

    def on_headers_finished(self) -> None:
        _require_text(self._current_part.content_disposition or b"", "form")
        super().on_headers_finished()

    def on_part_end(self) -> None:
        if self._current_part.file is None:
            _require_text(self._current_part.data, self._current_part.field_name)
        super().on_part_end()


def _require_text(data: bytes | bytearray, name: str) -> None:
    try:
        if can_be_kept(data.decode("utf-8")):
            return
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{name}: not valid UTF-8; encode it so.", code="invalid_utf8", param=name
        ) from error
    raise InvalidRequest(
        f"{name}: holds characters that no text has (NUL); remove them.", code="nul_bytes", param=name
    )


def _from_form(form: FormData, collection: str) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidRequest("The form has no `file`; add one.", param="file")
    file_name = kept_name(file.filename or "")
    media_type = media_type_of(file_name, file.content_type or "")
    fields: dict[str, Any] = {name: value for name, value in form.items() if name != "file"}
    for name in ("metadata", "readers"):
        if isinstance(fields.get(name), str):
            fields[name] = _json(fields[name].encode(), name)
    said = _validated(Described, fields).description()
    return Upload(collection, file.file, check_bytes(file.file, media_type), media_type, said, file_name)


def _json(text: bytes, name: str) -> Any:
    try:
        return json.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{name}: not valid UTF-8; encode it so.", code="invalid_utf8", param=name
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{name}: not valid JSON; correct it.", code="invalid_json", param=name) from error


def _validated(model: type[Fields], data: Any) -> Fields:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid_request(first, first["loc"]) from error
