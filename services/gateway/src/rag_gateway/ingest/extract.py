"""Office documents, pages, books and letters by Kreuzberg, in a process that may do nothing else (child.py)."""

import re
from typing import Any

from rag_gateway.ingest.archive import check_archive
from rag_gateway.ingest.markdown import parse_markdown
from rag_gateway.ingest.parsed import ParsedText, TextWriter
from rag_gateway.ingest.structure import parse_structure
from rag_gateway.ingest.unparsable import Unparsable

PDF, HTML, LETTER = "application/pdf", "text/html", "message/rfc822"
_OFFICE = "application/vnd.openxmlformats-officedocument."
SLIDES = f"{_OFFICE}presentationml.presentation"
ARCHIVES = {
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet",
    SLIDES,
    "application/epub+zip",
}
EXTRACTED = ARCHIVES | {PDF, HTML, LETTER}
_HEADER_WITHIN = 1024
"""Where a PDF's first line may stand, as readers take it (ISO 32000-1, annex H.3.4.1)."""
_EMPTY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj"
    b" 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>"
)
_SLIDE = re.compile(r"SLIDEMARK(\d+)")


def warm_up(media_type: str) -> None:
    """Loads what reading this type opens; afterwards the process may open nothing."""
    from kreuzberg import extract_bytes_sync

    if media_type == PDF:
        extract_bytes_sync(_EMPTY_PDF, PDF, config=_configuration())


def _configuration(slides: bool = False) -> Any:
    from kreuzberg import ExtractionConfig, PageConfig

    pages = (
        PageConfig(insert_page_markers=True, marker_format="\n\nSLIDEMARK{page_num}\n\n") if slides else None
    )
    return ExtractionConfig(
        use_cache=False, include_document_structure=True, output_format="markdown", pages=pages
    )


def extract(data: bytes, media_type: str) -> ParsedText:
    """Raises Unparsable: wrong_format, encrypted, no_text, or what check_archive says."""
    if media_type in ARCHIVES:
        check_archive(data)
    elif media_type == PDF and b"%PDF-" not in data[:_HEADER_WITHIN]:
        raise Unparsable(
            "wrong_format", "The file is not a PDF, whatever its name says; send the PDF itself."
        )
    result = _result(data, media_type)
    if media_type == SLIDES:
        parsed = _slides(result.content)
    else:
        parsed = parse_structure((result.document or {"nodes": []})["nodes"], media_type == HTML)
    if not parsed.text and media_type == PDF:
        raise Unparsable(
            "no_text", "The pages are pictures without text; run text recognition (OCR) on them."
        )
    return parsed


def _result(data: bytes, media_type: str) -> Any:
    from kreuzberg import KreuzbergError, extract_bytes_sync

    try:
        return extract_bytes_sync(data, media_type, config=_configuration(media_type == SLIDES))
    except KreuzbergError as error:
        words = str(error).lower()
        if "password" in words or "encrypt" in words:
            raise Unparsable("encrypted", "The file is encrypted; save it without a password.") from error
        raise Unparsable(
            "wrong_format", "The file is not what its name says, or damaged; open it and save it again."
        ) from error


def _slides(markdown: str) -> ParsedText:
    """Slides one after another; each knows its number."""
    writer = TextWriter()
    pieces = _SLIDE.split(markdown)
    for number, words in zip(pieces[1::2], pieces[2::2], strict=True):
        slide = parse_markdown(words)
        writer.page = int(number)
        writer.append(slide)
    return writer.finish()
