"""What kinds of files are taken, and what of a file is refused at the door."""

import codecs
import io
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from rag_common.errors import InvalidRequest, UnsupportedMediaType

from rag_gateway.ingest.unparsable import NO_TEXT_FILE

_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    "": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".html": "text/html",
    ".htm": "text/html",
    ".eml": "message/rfc822",
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".epub": "application/epub+zip",
}
"""What can be parsed, by the file name's ending."""
UTF8 = {"text/markdown", "text/plain", "text/csv", "application/json", "application/jsonl"}
"""Types whose bytes are UTF-8 text; the others say themselves how they are written."""
PIECE_BYTES = 1_000_000


def media_type_of(file_name: str, announced: str) -> str:
    """What a file is parsed as: by its name's ending, which must be one we can parse; else by its announced type."""
    dot = file_name.rfind(".")
    ending = file_name[dot:].lower() if dot > 0 else ""
    plain = announced.partition(";")[0].strip().lower()
    if ending not in MEDIA_TYPES or (not ending and plain not in (*MEDIA_TYPES.values(), "")):
        raise UnsupportedMediaType(
            f"`{ending or plain}` files cannot be read; send one of {' '.join(filter(None, MEDIA_TYPES))}.",
            code="unsupported_media_type",
        )
    return plain if not ending and plain else MEDIA_TYPES[ending]


@dataclass(frozen=True)
class Bytes:
    """How many bytes a file has, and their hash."""

    size: int
    sha256: bytes


def check_bytes(file: BinaryIO, media_type: str) -> Bytes:
    """Reads a file once, from its start, and refuses what can never be parsed, before anything is stored."""
    file.seek(io.SEEK_SET)
    digest, size, written = sha256(), 0, False
    text = _Utf8() if media_type in UTF8 else None
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
        written |= text.says(piece) if text else bool(piece.strip())
    if text:
        written |= text.says(b"", final=True)
    if not written:
        raise InvalidRequest("The document has no text.", code="empty_document")
    return Bytes(size, digest.digest())


class _Utf8:
    """Decodes a text piece by piece; refuses what is not UTF-8 or holds NUL bytes."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def says(self, piece: bytes, *, final: bool = False) -> bool:
        """Whether the piece holds more than blanks and byte order marks."""
        if b"\x00" in piece:
            code, message = NO_TEXT_FILE
            raise InvalidRequest(message, code=code)
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            raise InvalidRequest(
                "The text is not written in UTF-8; save it as plain text (UTF-8).", code="invalid_utf8"
            ) from error
        return bool(text.replace("\ufeff", "").strip())
