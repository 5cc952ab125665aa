"""Files that are made to fail or to harm, each with the code that it is refused with."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator

from tests.gateway.office import (
    DOCX,
    EML,
    EPUB,
    HTML,
    PDF,
    PPTX,
    XLSX,
    docx,
    epub,
    paragraph,
    pdf,
    pdf_of,
    pptx,
    xlsx,
    zipped,
)

Case = tuple[str, Callable[[], bytes], str, str]
"""Name, what makes the file, its media type, and the code that it is refused with; `text` = it is read."""

PLAIN, MARKDOWN, CSV, JSON, JSONL = (
    "text/plain",
    "text/markdown",
    "text/csv",
    "application/json",
    "application/jsonl",
)
LAUGHS = (
    "<!DOCTYPE r ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ENCRYPTED = (
    "/Encrypt<</Filter/Standard/V 1/R 2/O<28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A>"
    "/U<28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697B>/P -4>>/ID[<00><00>]"
)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _texts()
    yield from _wrong()
    yield from _pdfs()
    yield from _xml()
    yield from _archives()


def _texts() -> Iterator[Case]:
    for kind in (PLAIN, MARKDOWN, CSV):
        yield f"nothing as {kind}", lambda: b"", kind, "empty_document"
        yield f"blanks as {kind}", lambda: b" \n\t\r\n " * 100, kind, "empty_document"
        yield f"byte order mark as {kind}", lambda: b"\xef\xbb\xbf", kind, "empty_document"
        yield f"broken UTF-8 as {kind}", lambda: b"abc \xff\xfe\xfd", kind, "invalid_utf8"
        yield f"lone surrogate as {kind}", lambda: b"abc \xed\xa0\x80", kind, "invalid_utf8"
        yield f"UTF-16 as {kind}", lambda: "Ferries".encode("utf-16"), kind, "invalid_utf8"
        yield f"NUL bytes as {kind}", lambda: b"abc\0def", kind, "nul_bytes"
    yield "a line of ten megabytes", lambda: b"x" * 10_000_000, PLAIN, "text"
    yield "a million empty lines", lambda: b"\n" * 1_000_000 + b"end", PLAIN, "text"
    yield "nested quotes of Markdown", lambda: b"> " * 20_000 + b"deep", MARKDOWN, "empty_document"
    yield "brackets of Markdown", lambda: b"[" * 50_000, MARKDOWN, "text"
    yield (
        "ten thousand columns",
        lambda: b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"1," * 9_999 + b"1",
        CSV,
        "text",
    )
    yield "an open quotation mark of CSV", lambda: b'a,b\n"' + b"x" * 1_000_000, CSV, "text"
    yield "no JSON", lambda: b"{not json", JSON, "malformed"
    yield "deep JSON", lambda: b"[" * 100_000 + b"]" * 100_000, JSON, "too_deep"
    yield "a huge number of JSON", lambda: b'{"n": ' + b"9" * 100_000 + b"}", JSON, "text"
    yield "one bad line of JSONL", lambda: b'{"a": 1}\n{"b": \n', JSONL, "malformed"
    yield "surrogates in JSON", lambda: rb'{"a": "\ud800"}', JSON, "text"


def _wrong() -> Iterator[Case]:
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
    yield "a picture as a page", lambda: picture, HTML, "invalid_utf8"
    yield "a picture as a letter", lambda: picture, EML, "wrong_format"
    for kind in (DOCX, XLSX, PPTX, EPUB, PDF):
        yield f"words as {kind}", lambda: b"only words", kind, "wrong_format"
        yield f"a picture as {kind}", lambda: picture, kind, "wrong_format"
        yield f"half of a file as {kind}", lambda: docx(paragraph("half"))[:300], kind, "wrong_format"
    yield "a book as Word", lambda: epub("<p>x</p>"), DOCX, "wrong_format"
    yield "an empty zip as Word", lambda: zipped({}), DOCX, "wrong_format"
    yield "Word without words", lambda: docx(""), DOCX, "empty_document"
    yield "a letter without words", lambda: b"\n\n", EML, "empty_document"
    yield "a page without words", lambda: b"<html><body><img src=x></body></html>", HTML, "empty_document"


def _pdfs() -> Iterator[Case]:
    yield "a page without text", lambda: pdf([[]]), PDF, "no_text"
    yield "an encrypted PDF", lambda: pdf([["x"]], ENCRYPTED), PDF, "encrypted"
    yield "ten thousand pages", lambda: pdf([[f"Page {n} says hello."] for n in range(10_000)]), PDF, "text"
    circle = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"]
    yield "pages that are their own parents", lambda: pdf_of(circle), PDF, "no_text"
    yield "a PDF cut off", lambda: pdf([["words"]])[:200], PDF, "wrong_format"
    lies = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 99999999>>"]
    yield "a PDF that lies about its pages", lambda: pdf_of(lies), PDF, "no_text"


def _xml() -> Iterator[Case]:
    yield "billion laughs in Word", lambda: docx(paragraph("&a9;"), LAUGHS), DOCX, "empty_document"
    yield "billion laughs in Excel", lambda: xlsx([["&a9;"]], LAUGHS), XLSX, "empty_document"
    yield "billion laughs in a page", lambda: LAUGHS.encode() + b"<p>&a9;</p>", HTML, "text"
    yield "a file of ours in Word", lambda: docx(paragraph("&x;"), OUTSIDE), DOCX, "empty_document"
    yield "a file of ours in Excel", lambda: xlsx([["&x;"]], OUTSIDE), XLSX, "empty_document"
    yield "a file of ours in a book", lambda: epub("<p>&x;</p>"), EPUB, "text"
    yield "a file of ours in a drawing in a book", lambda: epub("<svg><text>&x;</text></svg>"), EPUB, "text"
    yield (
        "a file of ours in a drawing",
        f"{OUTSIDE}<p>Seen.</p><svg><text>&x;</text></svg>".encode,
        HTML,
        "text",
    )
    yield (
        "billion laughs in a drawing",
        f"{LAUGHS}<p>Seen.</p><svg><text>&a9;</text></svg>".encode,
        HTML,
        "text",
    )
    deep = "<div>" * 50_000 + "deep" + "</div>" * 50_000
    yield "deep tags in a page", deep.encode, HTML, "empty_document"
    yield "slides without end tags", lambda: pptx([["<a:r>"]]), PPTX, "wrong_format"


def _archives() -> Iterator[Case]:
    yield "a zip bomb", lambda: docx("", more={"word/media/a": b"\0" * 30_000_000}), DOCX, "unsafe_archive"
    yield (
        "a zip in a zip",
        lambda: docx("", more={"word/a.zip": zipped({"b": b"\0" * 9_000_000})}),
        DOCX,
        "empty_document",
    )
    within = zipped({"a.zip": zipped({"b.docx": docx(paragraph("within"))})})
    yield "a zip in a zip in Word", lambda: docx("", more={"word/a.zip": within}), DOCX, "empty_document"
    yield "a zip in a zip as Word", lambda: within, DOCX, "wrong_format"
    yield (
        "a hundred thousand entries",
        lambda: zipped({f"f{n}": "" for n in range(100_000)}),
        DOCX,
        "too_large",
    )
    yield "a way out", lambda: docx(paragraph("x"), more={"../../etc/passwd": "x"}), DOCX, "unsafe_archive"
    yield "a root", lambda: docx(paragraph("x"), more={"/etc/passwd": "x"}), DOCX, "unsafe_archive"
    yield (
        "a way out of Windows",
        lambda: docx(paragraph("x"), more={"..\\..\\a": "x"}),
        DOCX,
        "unsafe_archive",
    )
    yield "a link", _linked, DOCX, "unsafe_archive"
    yield "entries over each other", _overlapping, DOCX, "unsafe_archive"
    yield "an encrypted entry", _locked, DOCX, "encrypted"


def _linked() -> bytes:
    out = io.BytesIO(docx(paragraph("x")))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("word/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def _overlapping() -> bytes:
    """The second entry of the directory points at the first one's bytes."""
    data = bytearray(zipped({"a": "x" * 1000, "b": "y" * 1000}))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def _locked() -> bytes:
    data = bytearray(docx(paragraph("x")))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.index(mark)
        data[place + at] |= 1
    return bytes(data)
