"""Turns a document's bytes into text without inline markup."""

from rag_gateway.ingest.extract import EXTRACTED, extract
from rag_gateway.ingest.markdown import parse_markdown
from rag_gateway.ingest.parsed import ParsedText
from rag_gateway.ingest.plain import parse_plain
from rag_gateway.ingest.records import parse_csv, parse_json, parse_json_lines
from rag_gateway.ingest.unparsable import NO_TEXT_FILE, Unparsable
from rag_gateway.visible import visible

PARSERS = {
    "text/plain": parse_plain,
    "text/markdown": parse_markdown,
    "text/csv": parse_csv,
    "application/json": parse_json,
    "application/jsonl": parse_json_lines,
}
"""Of what is text already, by media type; a new format is one more line here."""


def parse(data: bytes, media_type: str) -> ParsedText:
    """Raises Unparsable, with a code and words; KeyError for a type without a parser."""
    parsed = extract(data, media_type) if media_type in EXTRACTED else _text(data, media_type)
    if not parsed.text:
        raise Unparsable("empty_document", "The file holds no text.")
    return parsed


def _text(data: bytes, media_type: str) -> ParsedText:
    parser = PARSERS[media_type]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparsable(
            "invalid_utf8", f"The file is not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from error
    if "\0" in text:
        raise Unparsable(*NO_TEXT_FILE)
    return parser(visible(text))
