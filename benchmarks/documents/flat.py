"""OpenDocument in one file of XML, which LibreOffice turns into every other format."""

from collections.abc import Iterator
from datetime import date, timedelta
from xml.sax.saxutils import escape

from benchmarks.documents.samples import FOOTER, HEADER, Sample, Section

_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("number", "datastyle"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
    )
)
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.{kind}">
{styles}<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>
"""
_TEXT_STYLES = """<office:automatic-styles>
<style:page-layout style:name="P"><style:page-layout-properties fo:page-width="21cm"
 fo:page-height="29.7cm" fo:margin="2cm"/><style:header-style/><style:footer-style/>
</style:page-layout>
<style:style style:name="Columns" style:family="section"><style:section-properties>
<style:columns fo:column-count="{columns}" fo:column-gap="0.6cm"/>
</style:section-properties></style:style>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">
<style:header><text:p>{header}</text:p></style:header>
<style:footer><text:p>{footer}</text:p></style:footer>
</style:master-page></office:master-styles>
"""
_SHEET_STYLES = """<office:automatic-styles>
<number:date-style style:name="D"><number:year number:style="long"/><number:text>-</number:text>
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>
</number:date-style>
<style:style style:name="Day" style:family="table-cell" style:data-style-name="D"/>
</office:automatic-styles>
"""
_SLIDE_STYLES = """<office:styles>
<style:style style:name="Default-title" style:family="presentation"/>
<style:style style:name="Default-outline1" style:family="presentation"/>
<style:style style:name="Default-notes" style:family="presentation"/>
</office:styles>
<office:automatic-styles><style:page-layout style:name="P">
<style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Default" style:page-layout-name="P"/>
</office:master-styles>
"""
_FIRST_DAY = date(2026, 3, 2)


def text_document(sample: Sample, *, columns: int = 1, copies: int = 1) -> str:
    """With headings, lists and tables, a header and a footer."""
    sections = "".join(_section(section) for section in sample.sections) * copies
    body = (
        f'<text:h text:outline-level="1">{escape(sample.title)}</text:h>'
        f'<text:section text:style-name="Columns" text:name="all">{sections}</text:section>'
    )
    styles = _TEXT_STYLES.format(columns=columns, header=HEADER, footer=FOOTER)
    return _DOCUMENT.format(spaces=_SPACES, kind="text", styles=styles, body=body)


def spreadsheet(sample: Sample) -> str:
    """A sheet with a row for each paragraph, and one for each table."""
    rows = _row(["No.", "Day", "Heading", "Text"])
    for number, (section, text) in enumerate(_written(sample), 1):
        day = day_of(number)
        rows += (
            f'<table:table-row><table:table-cell office:value-type="float"'
            f' office:value="{number}"><text:p>{number}</text:p></table:table-cell>'
            f'<table:table-cell table:style-name="Day" office:value-type="date"'
            f' office:date-value="{day}"><text:p>{day}</text:p></table:table-cell>'
            f"{_cell(section.heading)}{_cell(text)}</table:table-row>"
        )
    sheets = f'<table:table table:name="Texts">{rows}</table:table>'
    for section in sample.sections:
        if section.rows:
            inner = "".join(map(_row, section.rows))
            name = escape(section.heading)[:30]
            sheets += f'<table:table table:name="{name}">{inner}</table:table>'
    return _DOCUMENT.format(spaces=_SPACES, kind="spreadsheet", styles=_SHEET_STYLES, body=sheets)


def presentation(sample: Sample) -> str:
    """A slide for each section; what it lists stands in its notes."""
    slides = "".join(map(_slide, sample.sections))
    return _DOCUMENT.format(spaces=_SPACES, kind="presentation", styles=_SLIDE_STYLES, body=slides)


def sheet_words(sample: Sample) -> Iterator[str]:
    """What a spreadsheet of a sample says."""
    yield from ("No.", "Day", "Heading", "Text", "Texts")
    for number, (section, text) in enumerate(_written(sample), 1):
        yield from (str(number), day_of(number), section.heading, text)
    for section in sample.sections:
        if section.rows:
            yield section.heading[:30]
            for row in section.rows:
                yield from row


def day_of(number: int) -> str:
    """The date in a row."""
    return (_FIRST_DAY + timedelta(days=number)).isoformat()


def _written(sample: Sample) -> Iterator[tuple[Section, str]]:
    for section in sample.sections:
        for text in (*section.paragraphs, *section.items):
            yield section, text


def _section(section: Section) -> str:
    level = section.level + 1
    parts = [f'<text:h text:outline-level="{level}">{escape(section.heading)}</text:h>']
    parts += (f"<text:p>{escape(text)}</text:p>" for text in section.paragraphs)
    if section.rows:
        parts.append(_table(section))
    if section.items:
        items = (f"<text:list-item>{_p(text)}</text:list-item>" for text in section.items)
        parts.append(f"<text:list>{''.join(items)}</text:list>")
    return "".join(parts)


def _table(section: Section) -> str:
    columns = f'<table:table-column table:number-columns-repeated="{len(section.rows[0])}"/>'
    return f"<table:table>{columns}{''.join(map(_row, section.rows))}</table:table>"


def _row(cells: list[str]) -> str:
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string">{_p(text)}</table:table-cell>'


def _p(text: str) -> str:
    return f"<text:p>{escape(text)}</text:p>"


def _slide(section: Section) -> str:
    said = "".join(map(_p, section.paragraphs))
    table = f"<draw:frame {_place(13)}>{_table(section)}</draw:frame>" if section.rows else ""
    notes = _frame("notes", 14, "".join(map(_p, section.items)))
    return (
        f'<draw:page draw:name="{escape(section.heading)}" draw:master-page-name="Default">'
        f"{_frame('title', 1, _p(section.heading))}{_frame('outline', 4, said)}{table}"
        f"<presentation:notes>{notes}</presentation:notes></draw:page>"
    )


def _frame(role: str, top: int, text: str) -> str:
    style = "outline1" if role == "outline" else role
    return (
        f'<draw:frame presentation:style-name="Default-{style}" presentation:class="{role}"'
        f" {_place(top)}><draw:text-box>{text}</draw:text-box></draw:frame>"
    )


def _place(top: int) -> str:
    return f'svg:x="2cm" svg:y="{top}cm" svg:width="22cm" svg:height="3cm"'
