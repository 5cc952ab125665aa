"""Office documents, pages, books and letters by Kreuzberg, in a process that may do nothing else (child.py)."""

import re
from collections.abc import Iterable
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from itertools import groupby
from typing import Any

from rag_gateway.ingest.archive import check_archive
from rag_gateway.ingest.charset import as_utf8, load_charsets
from rag_gateway.ingest.markdown import parse_markdown
from rag_gateway.ingest.parsed import Notice, ParsedText, TextWriter
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
    if media_type in (HTML, LETTER):
        load_charsets()


def _configuration(slides: bool = False) -> Any:
    from kreuzberg import ExtractionConfig, PageConfig

    pages = (
        PageConfig(insert_page_markers=True, marker_format="\n\nSLIDEMARK{page_num}\n\n") if slides else None
    )
    return ExtractionConfig(
        use_cache=False, include_document_structure=True, output_format="markdown", pages=pages
    )


def extract(data: bytes, media_type: str) -> ParsedText:
    """Raises Unparsable: wrong_format, encrypted, no_text, invalid_utf8, or what check_archive says."""
    notices: tuple[Notice, ...] = ()
    if media_type in ARCHIVES:
        check_archive(data)
    elif media_type == HTML:
        data = as_utf8(data)
    elif media_type == LETTER:
        notices = _attachments(data)
    elif b"%PDF-" not in data[:_HEADER_WITHIN]:
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
    if media_type == PDF:
        notices = _pages_without_text(parsed, int(result.metadata.get("page_count") or 0))
    return replace(parsed, notices=notices)


def _attachments(data: bytes) -> tuple[Notice, ...]:
    """Which parts of a letter are not read; raises Unparsable for what has no header."""
    letter = BytesParser(policy=policy.default).parsebytes(data)
    if data.strip() and not letter.keys():
        raise Unparsable("wrong_format", "The file is not a letter, whatever its name says; send the letter.")
    names = [part.get_filename() or part.get_content_type() for part in letter.walk() if part.is_attachment()]
    if not names:
        return ()
    words = f"Attachments are not read ({', '.join(names)}); upload them by themselves to have them found."
    return (Notice("attachments", words),)


def _pages_without_text(parsed: ParsedText, pages: int) -> tuple[Notice, ...]:
    missing = sorted(set(range(1, pages + 1)) - {block.page for block in parsed.blocks})
    if not missing:
        return ()
    words = (
        f"No text on {_ranges(missing)} of {pages}; if they are scans, run text recognition (OCR) on them."
    )
    return (Notice("no_text", words),)


def _ranges(numbers: Iterable[int]) -> str:
    """`page 3`, or `pages 2, 5–7`."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    said = [f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return f"page{'s' if len(said) > 1 or '–' in said[0] else ''} {', '.join(said)}"


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
