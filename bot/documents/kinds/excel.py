"""Excel (.xlsx, .xlsm): the rows of each sheet, with what is written in the cells, and comments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, heading
from bot.documents.kinds.excel_numbers import Numbers, read_numbers
from bot.documents.kinds.office import main_part, read_title, related, relations
from bot.documents.package import Package
from bot.documents.source import Session, Source
from bot.documents.xml_events import Event
from bot.domain.documents import NotReadable

_WIDEST_GAP = 50  # empty cells that are told, so that columns stay columns


def read(source: Source) -> Iterator[Block]:
    """A sheet is a page."""
    package = Package(source)
    part = main_part(package, "xl/workbook.xml")
    if part.endswith(".bin"):
        raise NotReadable("it is in Excel's binary format; save it as .xlsx")
    source.title = read_title(package)
    workbook = _Workbook.read(package, part, source.session)
    for page, (name, sheet) in enumerate(workbook.sheets, 1):
        source.turn_to(page, len(workbook.sheets))
        yield heading(name, 1, page)
        yield from _rows(package, sheet, page, workbook)
        for other in related(package, sheet, "comments"):
            yield from _comments(package, other, page)


@dataclass(slots=True)
class _Workbook:
    sheets: list[tuple[str, str]]
    """The name and the part of each, in order."""
    texts: list[str]
    """What cells share."""
    numbers: Numbers

    @classmethod
    def read(cls, package: Package, part: str, session: Session) -> "_Workbook":
        known, sheets, since_1904 = relations(package, part), [], False
        for event, name, values in package.events(part):
            if event != "start":
                continue
            if name == "sheet" and (relation := known.get(values.get("r:id", ""))):
                if relation.kind == "worksheet":
                    sheets.append((values.get("name", ""), relation.part))
            elif name == "workbookPr":
                since_1904 = values.get("date1904") in ("1", "true")
        texts = [
            text
            for relation in known.values()
            if relation.kind == "sharedStrings"
            for text in _shared_texts(package, relation.part, session)
        ]
        styles = next((one.part for one in known.values() if one.kind == "styles"), "")
        return cls(sheets, texts, read_numbers(package, styles, since_1904=since_1904))


def _shared_texts(package: Package, part: str, session: Session) -> Iterator[str]:
    """Without the marks of how Japanese is read aloud. Up to as much as is read of all cells."""
    parts: list[str] = []
    is_text, aloud, left = False, 0, session.limits.characters
    for event, name, _ in package.events(part):
        if event == "text":
            if is_text and not aloud:
                parts.append(name[:left])
                left -= len(parts[-1])
        elif name == "t":
            is_text = event == "start"
        elif name == "rPh":
            aloud += 1 if event == "start" else -1
        elif name == "si" and event == "end":
            yield "".join(parts)
            parts = []


@dataclass(slots=True)
class _Cell:
    column: int
    type: str
    style: str
    value: list[str] = field(default_factory=list)


def _rows(package: Package, part: str, page: int, workbook: _Workbook) -> Iterator[Block]:
    table = TableRows(page)
    for cells in _sheet_rows(package.events(part)):
        filled: dict[int, str] = {}
        for cell in cells:
            filled[cell.column] = _show(cell, workbook)
        if row := table.row(list(_in_columns(filled))):
            yield row


def _in_columns(filled: Mapping[int, str]) -> Iterator[str]:
    """The cells of a row, with the empty ones between them; a wide gap is one empty cell."""
    next_one = 0
    for column in sorted(filled):
        gap = column - next_one
        yield from [""] * (gap if gap <= _WIDEST_GAP else 1)
        yield filled[column]
        next_one = column + 1


def _sheet_rows(events: Iterator[Event]) -> Iterator[list[_Cell]]:
    """The cells of each row that has some; rows that are only declared take no time."""
    cells: list[_Cell] = []
    is_value = False
    for event, name, values in events:
        if event == "text":
            if is_value and cells:
                cells[-1].value.append(name)
        elif name in ("v", "t"):
            is_value = event == "start"
        elif name == "c" and event == "start":
            cells.append(_begin(values, cells))
        elif name == "row" and event == "end":
            yield cells
            cells = []


def _begin(values: Mapping[str, str], before: list[_Cell]) -> _Cell:
    """By its reference ("AB12"), else the one behind the one before."""
    column = _column(values.get("r", ""))
    if column < 0:
        column = before[-1].column + 1 if before else 0
    return _Cell(column, values.get("t", "n"), values.get("s", ""))


def _column(reference: str) -> int:
    number = 0
    for letter in reference[:3]:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number - 1


def _show(cell: _Cell, workbook: _Workbook) -> str:
    value = "".join(cell.value)
    match cell.type:
        case "s":
            number = int(value) if value.isdecimal() else -1
            return workbook.texts[number] if 0 <= number < len(workbook.texts) else ""
        case "b":
            return "TRUE" if value == "1" else "FALSE"
        case "n" if value:
            return workbook.numbers.show(value, cell.style)
    return value


def _comments(package: Package, part: str, page: int) -> Iterator[Block]:
    """Each with the cell that it stands at."""
    cell, is_text, parts = "", False, list[str]()
    for event, name, values in package.events(part):
        if event == "text":
            if is_text:
                parts.append(name)
        elif name == "t":
            is_text = event == "start"
        elif name == "comment" and event == "start":
            cell, parts = values.get("ref", ""), []
        elif name == "comment" and parts:
            yield Block(f"[comment at {cell}: {''.join(parts).strip()}]", page, is_line=True)
