"""Each format becomes text with headings, lists, rows and pages, and passages in a process of its own."""

import asyncio
from email.message import EmailMessage

import pytest
from groundwork.files import ENDINGS
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.parsed import ParsedText
from rag_gateway.ingest.reading import Reading
from rag_gateway.ingest.split import split
from rag_gateway.ingest.unparsable import Unparsable
from rag_gateway.media_types import MEDIA_TYPES

from tests.gateway.apart import parsed_apart
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
    pptx,
    table,
    xlsx,
)

FACT = "The ferry to Quelvane leaves from pier seventeen at dawn."
ROWS = [["Class", "Price"], ["First", "12 EUR"], ["Second", "7 EUR"]]


def read(data: bytes, media_type: str) -> ParsedText:
    """What a child of the worker makes of a file, after a look at whether one does."""
    parsed = parse(data, media_type)
    assert asyncio.run(parsed_apart(data, media_type)) == Reading(
        parsed.text, parsed.title, tuple(split(parsed)), parsed.notices
    )
    return parsed


def kinds(parsed: ParsedText) -> list[str]:
    """The shape of a text."""
    return [block.kind for block in parsed.blocks]


def test_word_keeps_headings_paragraphs_and_rows() -> None:
    body = paragraph("Ferries", "Heading1") + paragraph(FACT) + table(ROWS)
    parsed = read(docx(body), DOCX)
    assert (parsed.title, kinds(parsed)) == ("Ferries", ["heading", "paragraph", "row", "row"])
    assert FACT in parsed.text and "Class: First; Price: 12 EUR" in parsed.text


def test_a_sheets_rows_read_alone_under_its_name() -> None:
    parsed = read(xlsx(ROWS), XLSX)
    assert parsed.text == "Prices\n\nClass: First; Price: 12 EUR\nClass: Second; Price: 7 EUR"
    assert [chunk.page for chunk in split(parsed)] == [1]


def test_pages_without_text_are_counted_and_left_out() -> None:
    parsed = read(pdf([["First page."], [], ["Third page."], []]), PDF)
    assert parsed.text == "First page.\n\nThird page."
    assert [block.page for block in parsed.blocks] == [1, 3]


def test_slides_are_pages() -> None:
    parsed = read(pptx([["Timetable", FACT], ["Prices", "First class is 12 EUR."]]), PPTX)
    assert FACT in parsed.text and "First class is 12 EUR." in parsed.text
    assert {block.page for block in parsed.blocks} == {1, 2}


def test_a_pdfs_passages_know_their_page() -> None:
    filler = [f"Sentence number {n} says nothing of use to anybody who reads it." for n in range(40)]
    parsed = read(pdf([filler, [FACT]]), PDF)
    found = [block for block in parsed.blocks if FACT in parsed.text[block.start : block.end]]
    assert [block.page for block in found] == [2]
    assert [chunk.page for chunk in split(parsed) if FACT in chunk.text] == [2]


def test_a_page_of_the_web_keeps_what_a_reader_sees() -> None:
    page = (
        "<html><head><title>T</title><style>p {}</style></head><body><h1>Ferries</h1><script>steal()</script>"
        f"<p>{FACT} <b>Bring</b> a <a href='x'>ticket</a>.</p><ul><li>one</li><li>two</li></ul>"
        "<table><tr><th>Class</th><th>Price</th></tr><tr><td>First</td><td>12</td></tr></table></body></html>"
    )
    parsed = read(page.encode(), HTML)
    assert parsed.title == "Ferries" and f"{FACT} Bring a ticket." in parsed.text
    assert "Class: First; Price: 12" in parsed.text and "steal" not in parsed.text
    assert kinds(parsed).count("list_item") == 2


@pytest.mark.parametrize(
    ("head", "written"),
    [
        ('<meta charset="iso-8859-1">', "latin-1"),
        ('<meta http-equiv="content-type" content="text/html; charset=windows-1252">', "cp1252"),
        ("<meta charset=shift_jis>", "shift_jis"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_a_page_is_read_as_it_is_written(head: str, written: str) -> None:
    words = "フェリー" if written == "shift_jis" else "Die Fähre kostet zwölf"
    page = f"<html><head>{head}</head><body><p>{words}</p></body></html>"
    assert read(page.encode(written), HTML).text == words


def test_pictures_inside_a_page_are_not_its_words() -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><circle r='9'/></svg>"
    picture = "<img alt='A quay' src='data:image/png;base64,iVBORw0KGgo='>"
    assert read(f"<p>Before {drawing} and {picture} after.</p>".encode(), HTML).text == "Before and after."
    assert read(b"Before ![a](data:image/svg+xml;base64,AAA) after.", "text/markdown").text == "Before after."


def test_a_page_that_is_not_written_as_it_says_is_refused() -> None:
    for page in ("<p>Fähre".encode("latin-1"), b"<meta charset=klingon><p>Ferry"):
        with pytest.raises(Unparsable, match="save it as UTF-8") as refused:
            asyncio.run(parsed_apart(page, HTML))
        assert refused.value.code == "invalid_utf8"


def test_pages_without_text_are_told() -> None:
    parsed = read(pdf([[FACT], [], ["Third."], [], [], []]), PDF)
    assert [notice.code for notice in parsed.notices] == ["no_text"]
    assert parsed.notices[0].message.startswith("No text on pages 2, 4–6 of 6;")
    assert read(pdf([[FACT]]), PDF).notices == ()


def test_a_book_is_its_chapters() -> None:
    parsed = read(epub(f"<h1>One</h1><p>{FACT}</p>"), EPUB)
    assert (parsed.title, kinds(parsed)) == ("One", ["heading", "paragraph"]) and FACT in parsed.text


def test_a_letter_has_its_subject_and_its_words() -> None:
    letter = f"From: a@example.org\nTo: b@example.org\nSubject: Ferry\nContent-Type: text/plain\n\n{FACT}\n"
    parsed = read(letter.encode(), EML)
    assert "Subject: Ferry" in parsed.text and FACT in parsed.text


def test_attachments_of_a_letter_are_told() -> None:
    letter = EmailMessage()
    letter["Subject"] = "Ferry"
    letter.set_content(FACT)
    letter.add_attachment("The roof is made of slate.", filename="roof.txt")
    (notice,) = read(letter.as_bytes(), EML).notices
    assert (notice.code, "(roof.txt)" in notice.message) == ("attachments", True)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_of_csv_read_alone(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in ROWS)
    parsed = read(text.encode(), "text/csv")
    assert parsed.text == "Class: First; Price: 12 EUR\nClass: Second; Price: 7 EUR"


def test_records_of_json_read_alone() -> None:
    expected = "name: first; price.eur: 12\nname: second; tags: a; tags: b"
    records = '{"name": "first", "price": {"eur": 12}}\n{"name": "second", "tags": ["a", "b"], "note": null}'
    assert read(records.encode(), "application/jsonl").text == expected
    assert read(f"[{records.replace(chr(10), ',')}]".encode(), "application/json").text == expected


def test_every_kind_that_is_taken_can_be_read() -> None:
    from rag_gateway.ingest.extract import EXTRACTED
    from rag_gateway.ingest.parse import PARSERS

    assert set(MEDIA_TYPES.values()) == EXTRACTED | set(PARSERS)
    assert set(MEDIA_TYPES) - {""} == ENDINGS
