"""What kinds of files are taken, and what of a file is refused at the door."""

from rag_common.errors import InvalidRequest, UnsupportedMediaType

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


def media_type_of(file_name: str, announced: str) -> str:
    """What a file is parsed as: by its ending, which must be one we can parse; else by its announced type."""
    dot = file_name.rfind(".")
    ending = file_name[dot:].lower() if dot > 0 else ""
    plain = announced.partition(";")[0].strip().lower()
    if ending not in MEDIA_TYPES or (not ending and plain not in (*MEDIA_TYPES.values(), "")):
        raise UnsupportedMediaType(
            f"`{ending or plain}` files cannot be read; send one of {' '.join(filter(None, MEDIA_TYPES))}.",
            code="unsupported_media_type",
        )
    return plain if not ending and plain else MEDIA_TYPES[ending]


def check_bytes(data: bytes, media_type: str) -> None:
    """Refuses what can never be parsed, before anything is stored."""
    if not data.strip():
        raise InvalidRequest("The document has no text.", code="empty_document")
    if media_type not in UTF8:
        return
    if b"\x00" in data:
        raise InvalidRequest("The document contains NUL bytes; send it as text.", code="nul_bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("The document is not valid UTF-8; convert it.", code="invalid_utf8") from error
    if not text.strip().strip("\ufeff").strip():
        raise InvalidRequest("The document has no text.", code="empty_document")
