"""Files that mean harm, or are as harmful as if they did; each with what must be said of it."""

import gzip
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from document_reader import zipped
from pdf_files import HEAD, assemble, lines, pdf

MB = 2**20
WORD = '<w:document xmlns:w="w"><w:body>{}</w:body></w:document>'
DAMAGED = "it is cut off or damaged"
TOO_DENSE = "it grows beyond all measure when it is unpacked"
ENTITIES = "it defines entities of its own"
TOO_DEEP = "nested too deeply"


class Hostile(NamedTuple):
    """A file, how it is called, and a part of what is said: by the reason or by a note."""

    make: Callable[[str], bytes]
    """Gets an address, where nobody may ask for anything."""
    name: str
    said: str


def docx(document: str | bytes) -> bytes:
    """A Word file with this as its document."""
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def xlsx(sheet: str | bytes, shared: str | bytes = "<sst/>") -> bytes:
    """An Excel file with one sheet."""
    book = '<workbook xmlns:r="x/relationships"><sheets><sheet name="A" r:id="r1"/></sheets>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f"{book}</workbook>",
            "xl/_rels/workbook.xml.rels": (
                '<R><Relationship Id="r1" Type="x/worksheet" Target="sheet.xml"/>'
                '<Relationship Id="r2" Type="x/sharedStrings" Target="shared.xml"/></R>'
            ),
            "xl/sheet.xml": sheet,
            "xl/shared.xml": shared,
        }
    )


def odf(content: str | bytes, kind: str = "text") -> bytes:
    """An OpenDocument file with this content."""
    return zipped(
        {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content}
    )


def paragraph(text: str) -> str:
    """Of Word."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def flat_bomb(address: str) -> bytes:
    return docx(WORD.format(paragraph("Said.") + " " * (40 * MB)))


def many_bombs(address: str) -> bytes:
    """Each entry stays below the ratio; together they have gigabytes."""
    part = b"a line of text\n" * 400_000
    return zipped({f"{number}.bin": part for number in range(20)})


def nested_bomb(address: str) -> bytes:
    inner = zipped({f"{number}.txt": b"0" * MB for number in range(16)})
    for _ in range(4):
        inner = zipped({f"{number}.zip": inner for number in range(16)})
    return inner


def overlapping_bomb(address: str) -> bytes:
    """One packed entry, to which a thousand names lead."""
    packed = zlib.compress(b"a line of text\n" * 500_000)[2:-4]
    crc = zlib.crc32(b"a line of text\n" * 500_000)
    sizes = (crc, len(packed), 7_500_000)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 5, 0) + b"a.txt" + packed
    central = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 9, 0, 0, 0, 0, 0, 0)
        + b"a%04d.txt" % number
        for number in range(1_000)
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1_000, 1_000, len(central), len(local), 0)
    return local + central + end


def billion_laughs(address: str) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return docx(f"<?xml version='1.0'?><!DOCTYPE w [{entities}]>" + WORD.format(paragraph("&a9;")))


def outside_entity(address: str) -> bytes:
    entity = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return docx(entity + WORD.format(paragraph("&a;")))


def fetched_entity(address: str) -> bytes:
    entity = f'<!DOCTYPE office [<!ENTITY % a SYSTEM "{address}/a.dtd"> %a;]>'
    return odf(f"{entity}<office><p>&b;</p></office>")


def fetched_type(address: str) -> bytes:
    return odf(f'<!DOCTYPE office SYSTEM "{address}/office.dtd"><office><p>Said.</p></office>')


def outside_template(address: str) -> bytes:
    """What Word would fetch when it opens the file."""
    rels = (
        f'<R><Relationship Id="r1" Type="x/footer" TargetMode="External" Target="{address}/a"/>'
        '<Relationship Id="r2" Type="x/header" Target="../../../../../../etc/passwd"/>'
        f'<Relationship Id="r3" Type="x/styles" Target="{address}/styles.xml"/></R>'
    )
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": WORD.format(paragraph("Said.")),
            "word/_rels/document.xml.rels": rels,
        }
    )


def outside_pictures(address: str) -> bytes:
    page = f"<img src='{address}/a.png'><link rel=stylesheet href='{address}/a.css'>"
    frame = f"<iframe src='{address}/frame'></iframe><script src='{address}/a.js'></script>"
    return (
        f"<!doctype html><meta http-equiv=refresh content='0;{address}'>{page}{frame}Said.".encode()
    )


def macros(address: str) -> bytes:
    """A document with a program in it, which nobody runs."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": WORD.format(paragraph("Said.")),
            "word/vbaProject.bin": b"Shell " * 1_000,
        }
    )


def wandering_names(address: str) -> bytes:
    return zipped(
        {
            "../../../../tmp/written.txt": "Said first.",
            "/etc/written.txt": "Said next.",
            "..\\..\\written.txt": "Said last.",
            "C:\\written.exe": b"MZ\x90\0\3",
        }
    )


def many_entries(address: str) -> bytes:
    return zipped({str(number): "" for number in range(12_000)})


def endless_rows(address: str) -> bytes:
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 100_001))
    return xlsx(
        f'<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    )


def repeated_texts(address: str) -> bytes:
    """A long text that 20,000 cells share: 640 MB of it."""
    shared = f"<sst><si><t>{'long text ' * 3_200}</t></si></sst>"
    cells = "<c t='s'><v>0</v></c>" * 5_000
    row = f"<row>{cells}</row>"
    return xlsx(f"<worksheet><sheetData>{row * 4}</sheetData></worksheet>", shared)


def far_columns(address: str) -> bytes:
    row = '<row><c r="ZZZ1"><v>1</v></c><c r="A1"><v>2</v></c></row>'
    return xlsx(f"<worksheet><sheetData>{row * 5_000}</sheetData></worksheet>")


def repeated_cells(address: str) -> bytes:
    """Spreadsheets may say that a cell stands for a billion."""
    cell = '<table-cell number-columns-repeated="999999999"><p>word</p></table-cell>'
    row = f'<table-row number-rows-repeated="999999999">{cell}</table-row>'
    return odf(f"<o><spreadsheet><table>{row * 3}</table></spreadsheet></o>", "spreadsheet")


def deep_xml(address: str) -> bytes:
    return docx("<a>" * 100_000 + "</a>" * 100_000)


def deep_tables(address: str) -> bytes:
    """Tables in tables: each row is a part of the cell around it."""
    deep = "<w:tbl><w:tr><w:tc>" * 160 + paragraph("Said.") + "</w:tc></w:tr></w:tbl>" * 160
    return docx(WORD.format(paragraph("Said.") + deep))


def huge_attribute(address: str) -> bytes:
    return docx(WORD.format(f'<w:p a="{"x" * (30 * MB)}"/>' + paragraph("Said.")))


def many_names(address: str) -> bytes:
    return docx(WORD.format("".join(f"<w:n{n}/>" for n in range(50_000)) + paragraph("Said.")))


def deep_json(address: str) -> bytes:
    return b"[" * 100_000 + b"]" * 100_000


def wide_json(address: str) -> bytes:
    return b'{"a": [' + b"[[[[[[1]]]]]]," * 20_000 + b"1]}"


def deep_rtf(address: str) -> bytes:
    return b"{\\rtf1 " + b"{" * 200_000 + b"Said." + b"}" * 200_000


def long_line(address: str) -> bytes:
    return b"Ship,Quay\n" + b"aurora " * (7 * MB)


def open_quote(address: str) -> bytes:
    return b'Ship,Quay\n"' + b"aurora,7\n" * 500_000


def many_parts(address: str) -> bytes:
    part = (
        b"--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nSaid.\n"
    )
    head = b"From: a@b.c\nSubject: Said\nContent-Type: multipart/mixed; boundary=x\n\n"
    return head + part * 1_000 + b"--x--\n"


def deep_parts(address: str) -> bytes:
    head = b"From: a@b.c\nSubject: Said\n"
    return head + b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3_000)
    )


def long_header(address: str) -> bytes:
    return b"From: " + b"=?utf-8?q?a?= " * 200_000 + b"\nSubject: a\nDate: b\n\nSaid.\n"


def many_tags(address: str) -> bytes:
    return b"<!doctype html>" + b"<div hidden><table><td>" * 100_000 + b"Said."


def many_headings(address: str) -> bytes:
    return b"# a\n## b\n" * 20_000 + b"Said.\n"


def many_pages(address: str) -> bytes:
    return pdf([lines("Said.")] * 10_000)


def declared_pages(address: str) -> bytes:
    return pdf([lines("Said.")]).replace(b"/Count 1", b"/Count 999999999")


def pages_in_a_circle(address: str) -> bytes:
    return assemble(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]
    )


def forms_in_a_circle(address: str) -> bytes:
    resources = b"/Resources << /XObject << /A 6 0 R >> /Font << /F 3 0 R >> >>"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length 15 >>" % resources
    page = pdf([b"/A Do /A Do " + lines("Said.")], [form + b"\nstream\n/A Do /A Do /A \nendstream"])
    return page.replace(b"/Resources << /Font << /F 3 0 R >> >>", resources)


def outline_in_a_circle(address: str) -> bytes:
    entry = b"<< /Title (Said) /Parent 6 0 R /Next 7 0 R /First 7 0 R /Dest [4 0 R /Fit] >>"
    outline = b"<< /Type /Outlines /First 7 0 R /Last 7 0 R >>"
    return pdf([lines("Said.")], [outline, entry], b"/Outlines 6 0 R")


def dense_stream(address: str) -> bytes:
    """A page whose drawing is 1,000 times what is stored, packed twice."""
    drawn = zlib.compress(zlib.compress(b"(a) Tj " * (5 * MB)))
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R"
        b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Arial >> >> >> >>",
        stream % (len(drawn), drawn),
    ]
    return assemble(objects)


def page_of_letters(address: str) -> bytes:
    """A page that says more than a book."""
    return pdf([lines(*["aurora " * 20] * 30_000, gap=0.02)])


def script_and_launch(address: str) -> bytes:
    action = (
        f"/OpenAction << /S /Launch /F ({address}) >> /AA << /O << /S /URI /URI ({address}) >> >>"
    )
    return pdf([lines("Said.")], root=action.encode())


HOSTILE = {
    "a zip bomb as a Word file": Hostile(flat_bomb, "a.docx", TOO_DENSE),
    "a zip of many bombs": Hostile(many_bombs, "a.zip", "5,000,000 characters"),
    "zips in zips": Hostile(nested_bomb, "a.zip", "it is a zip in another file"),
    "a zip whose entries lie upon each other": Hostile(overlapping_bomb, "a.zip", "not read"),
    "a zip of 12,000 files": Hostile(many_entries, "a.zip", "more than 10,000 files"),
    "a billion laughs": Hostile(billion_laughs, "a.docx", ENTITIES),
    "an entity that reads a file": Hostile(outside_entity, "a.docx", ENTITIES),
    "an entity that fetches": Hostile(fetched_entity, "a.odt", ENTITIES),
    "a document type that is fetched": Hostile(fetched_type, "a.odt", ENTITIES),
    "a template from outside": Hostile(outside_template, "a.docx", "Said."),
    "a page with pictures and scripts": Hostile(outside_pictures, "a.html", "Said."),
    "macros": Hostile(macros, "a.docm", "Said."),
    "names that lead out of a zip": Hostile(wandering_names, "a.zip", "it is a program"),
    "a million rows that are only declared": Hostile(endless_rows, "a.xlsx", "A"),
    "a long text shared by 20,000 cells": Hostile(repeated_texts, "a.xlsx", "long text"),
    "cells in far columns": Hostile(far_columns, "a.xlsx", "2"),
    "a cell that stands for a billion": Hostile(repeated_cells, "a.ods", "word | word"),
    "deep XML": Hostile(deep_xml, "a.docx", TOO_DEEP),
    "deep tables": Hostile(deep_tables, "a.docx", "Said."),
    "an attribute of 30 MB": Hostile(huge_attribute, "a.docx", TOO_DENSE),
    "50,000 names of elements": Hostile(many_names, "a.docx", "Said."),
    "deep JSON": Hostile(deep_json, "a.json", "[[[["),
    "wide JSON": Hostile(wide_json, "a.json", "["),
    "deep RTF": Hostile(deep_rtf, "a.rtf", TOO_DEEP),
    "a line of 49 MB": Hostile(long_line, "a.csv", "5,000,000 characters"),
    "a quotation that does not end": Hostile(open_quote, "a.csv", "aurora,7"),
    "a mail of 1,000 parts": Hostile(many_parts, "a.eml", "only 200 files in one are read"),
    "a mail of parts in parts": Hostile(deep_parts, "a.eml", TOO_DEEP),
    "a header of 3 MB": Hostile(long_header, "a.eml", "Said."),
    "tags that stay open": Hostile(many_tags, "a.html", "it has no text"),
    "40,000 headings": Hostile(many_headings, "a.md", "Said."),
    "10,000 pages": Hostile(many_pages, "a.pdf", "only pages up to 2,000 were read"),
    "pages that are only declared": Hostile(declared_pages, "a.pdf", "Said."),
    "pages in a circle": Hostile(pages_in_a_circle, "a.pdf", ""),
    "forms in a circle": Hostile(forms_in_a_circle, "a.pdf", ""),
    "an outline in a circle": Hostile(outline_in_a_circle, "a.pdf", "Said."),
    "a dense stream": Hostile(dense_stream, "a.pdf", ""),
    "a page like a book": Hostile(page_of_letters, "a.pdf", "aurora"),
    "scripts and addresses in a PDF": Hostile(script_and_launch, "a.pdf", "Said."),
    "a program called PDF": Hostile(lambda address: b"MZ\x90\0\3", "a.pdf", "it is a program"),
    "nothing but zeros": Hostile(lambda address: bytes(MB), "a.docx", "it is empty"),
    "nothing": Hostile(lambda address: b"", "a.pdf", "it is empty"),
    "a page to log in": Hostile(
        lambda address: b"<!DOCTYPE html><title>Sign in</title>", "a.pdf", "a web page"
    ),
    "a packed bomb": Hostile(
        lambda address: gzip.compress(bytes(20 * MB)), "a.txt", "packed with gzip"
    ),
    "the mark of a PDF and nothing more": Hostile(lambda address: HEAD, "a.pdf", DAMAGED),
}
