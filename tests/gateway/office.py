"""Small real files of each format, written by hand so that a test can say exactly what is wrong with them."""

import io
import zipfile
from collections.abc import Mapping, Sequence

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, PPTX, XLSX = (
    f"{OFFICE}{kind}"
    for kind in ("wordprocessingml.document", "presentationml.presentation", "spreadsheetml.sheet")
)
EPUB, PDF, HTML, EML = "application/epub+zip", "application/pdf", "text/html", "message/rfc822"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these names and contents, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _package(main: str, kind: str, files: Mapping[str, str | bytes], doctype: str = "") -> bytes:
    types = f'<Override PartName="/{main}" ContentType="{OFFICE}{kind}.main+xml"/>'
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    relation = f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="{main}"/>'
    return zipped(
        {
            "[Content_Types].xml": f'{XML}{doctype}<Types xmlns="{_PACKAGE}/content-types">{defaults}{types}</Types>',
            "_rels/.rels": f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>',
            **files,
        }
    )


def _relations(lines: str) -> str:
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def docx(body: str, doctype: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A Word document of paragraphs as XML; `doctype` goes in front of its root."""
    styles = (
        f'{XML}<w:styles xmlns:w="{_WORDS}"><w:style w:type="paragraph" w:styleId="Heading1">'
        '<w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>'
    )
    document = f'{XML}{doctype}<w:document xmlns:w="{_WORDS}"><w:body>{body}</w:body></w:document>'
    files = {"word/document.xml": document, "word/styles.xml": styles, **(more or {})}
    return _package("word/document.xml", "wordprocessingml.document", files)


def paragraph(text: str, style: str = "") -> str:
    """One of a Word document."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of a Word document."""
    lines = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def xlsx(rows: Sequence[Sequence[str]], doctype: str = "") -> bytes:
    """A workbook of one sheet, `Prices`."""
    lines = ("".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) for row in rows)
    cells = "".join(f"<row>{line}</row>" for line in lines)
    book = (
        f'{XML}<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Prices" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    relation = f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    sheet = f'{XML}{doctype}<worksheet xmlns="{_SHEETS}"><sheetData>{cells}</sheetData></worksheet>'
    files = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": _relations(relation),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return _package("xl/workbook.xml", "spreadsheetml.sheet", files)


def pptx(slides: Sequence[Sequence[str]]) -> bytes:
    """Slides of lines of text, the first of each its title."""
    drawing, show = (
        f"http://schemas.openxmlformats.org/{kind}/2006/main" for kind in ("drawingml", "presentationml")
    )
    files: dict[str, str | bytes] = {}
    title = '<p:ph type="title"/>'
    ids, relations = "", ""
    for number, lines in enumerate(slides, 1):
        shapes = "".join(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{at + 2}" name="s"/><p:cNvSpPr/><p:nvPr>'
            f"{title if at == 0 else ''}</p:nvPr></p:nvSpPr><p:spPr/>"
            f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{line}</a:t></a:r></a:p></p:txBody></p:sp>"
            for at, line in enumerate(lines)
        )
        files[f"ppt/slides/slide{number}.xml"] = (
            f'{XML}<p:sld xmlns:a="{drawing}" xmlns:p="{show}"><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>'
        )
        ids += f'<p:sldId id="{255 + number}" r:id="r{number}"/>'
        relations += (
            f'<Relationship Id="r{number}" Type="{_RELATIONS}/slide" Target="slides/slide{number}.xml"/>'
        )
    files["ppt/presentation.xml"] = (
        f'{XML}<p:presentation xmlns:p="{show}" xmlns:r="{_RELATIONS}"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>'
    )
    files["ppt/_rels/presentation.xml.rels"] = (
        f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
    )
    return _package("ppt/presentation.xml", "presentationml.presentation", files)


def epub(chapter: str) -> bytes:
    """A book of one chapter, as XHTML inside its body."""
    container = (
        f'{XML}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    book = (
        f'{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">1</dc:identifier><dc:title>B</dc:title>'
        '<dc:language>en</dc:language></metadata><manifest><item id="c" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    page = f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>B</title></head><body>{chapter}</body></html>'
    return zipped({"mimetype": EPUB, "META-INF/container.xml": container, "book.opf": book, "c.xhtml": page})


def pdf(pages: Sequence[Sequence[str]], trailer: str = "") -> bytes:
    """Lines of text on each page, in Helvetica; an empty page is one without text."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line}) Tj 0 -18 Td" for line in lines)
        stream = f"BT /F1 12 Tf 72 720 Td {shown} ET" if lines else ""
        objects.append(f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {len(objects)} 0 R>>"
        )
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    return pdf_of(objects, trailer)


def pdf_of(objects: Sequence[str], trailer: str = "") -> bytes:
    """A PDF of these objects, the first its catalogue."""
    out, places = b"%PDF-1.4\n", []
    for number, words in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{words}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(out)
    size = len(objects) + 1
    end = f"trailer<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()
