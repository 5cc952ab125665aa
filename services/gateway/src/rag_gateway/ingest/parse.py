"""Turns a document's bytes into text without inline markup."""

from rag_gateway.ingest.markdown import parse_markdown
from rag_gateway.ingest.parsed import ParsedText
from rag_gateway.ingest.plain import parse_plain
from rag_gateway.ingest.visible import visible

PARSERS = {"text/plain": parse_plain, "text/markdown": parse_markdown}
"""By media type; a new format is one more line here."""


class Unparsable(ValueError):
    """The document cannot become text; `code` is for machines, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse(data: bytes, media_type: str) -> ParsedText:
    """Raises Unparsable: invalid_utf8, nul_bytes or empty_document; KeyError for a type without a parser."""
    parser = PARSERS[media_type]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparsable(
            "invalid_utf8", f"The file is not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from error
    if "\0" in text:
        raise Unparsable("nul_bytes", "The file holds NUL bytes; it is not a text file.")
    parsed = parser(visible(text))
    if not parsed.text:
        raise Unparsable("empty_document", "The file holds no text.")
    return parsed
