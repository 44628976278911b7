"""What stands in the body of an OpenDocument file, in order."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, heading
from bot.documents.kinds.opendocument_parts import (
    PageStyles,
    Paragraph,
    Slide,
    Table,
    Values,
    count,
)
from bot.documents.xml_events import Event

_LEFT_OUT = {"tracked-changes", "note-citation", "desc", "forms", "creator-initials", "date-string"}
"""What was deleted, or is no text of the document."""
_MOST_SPACES = 100
_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class Body:
    """Takes the events of content.xml, or of another part with text."""

    page: int = 0
    """Where it begins; 0 where pages are not known."""
    taken: list[Block] = field(default_factory=list)
    _paragraphs: list[Paragraph] = field(default_factory=list)
    _tables: list[Table] = field(default_factory=list)
    _asides: list[list[str]] = field(default_factory=list)
    """What stands in the notes and comments that are open."""
    _said: list[str] = field(default_factory=list)
    """Notes and comments that come behind the paragraph."""
    _slide: Slide | None = None
    _is_spreadsheet: bool = False
    _is_creator: bool = False
    _items: int = 0
    _left_out: int = 0
    _styles: PageStyles = field(default_factory=PageStyles)

    def blocks(self, events: Iterable[Event]) -> Iterator[Block]:
        """What stands there, as it is taken."""
        for event, name, values in events:
            self.take(event, name, values)
            if self.taken:
                yield from self.taken
                self.taken.clear()

    def take(self, event: str, name: str, values: Values) -> None:
        """One event."""
        if event == "text":
            self._text(name)
        elif name in _LEFT_OUT or (name == "date" and self._asides):
            self._left_out += 1 if event == "start" else -1
        elif self._left_out:
            return
        elif event == "start":
            if start := _STARTS.get(name):
                start(self, values)
        elif end := _ENDS.get(name):
            end(self)

    def _text(self, text: str) -> None:
        if self._is_creator and self._asides:
            self._asides[-1][0] += f" by {text}"
        elif self._paragraphs and not self._left_out:
            self._paragraphs[-1].parts.append(_SPACES.sub(" ", text))

    def begin_style(self, values: Values) -> None:
        self._styles.name = values.get("name", "")

    def describe_style(self, values: Values) -> None:
        self._styles.describe(values)

    def begin_paragraph(self, values: Values) -> None:
        self.page += self._styles.begins_page(values) if self.page else 0
        self._paragraphs.append(Paragraph(is_item=self._items > 0))

    def begin_heading(self, values: Values) -> None:
        self.page += self._styles.begins_page(values) if self.page else 0
        level = values.get("outline-level", "")
        self._paragraphs.append(Paragraph(level=int(level) if level.isdecimal() else 1))

    def end_paragraph(self) -> None:
        if not self._paragraphs:
            return
        paragraph = self._paragraphs.pop()
        if text := "".join(paragraph.parts).strip():
            self._put(self._shape(text, paragraph))
        if not self._paragraphs and not self._asides:
            said, self._said = self._said, []
            for text in said:
                self._put(Block(text, self.page, is_line=True))

    def _shape(self, text: str, paragraph: Paragraph) -> Block:
        if paragraph.level:
            return heading(text, paragraph.level, self.page)
        if paragraph.is_item and not self._slide:
            return Block(f"- {text}", self.page, is_line=True)
        return Block(text, self.page, is_line=self._slide is not None)

    def _put(self, block: Block) -> None:
        """Into what is open: a note, a cell, a slide; else among what is taken."""
        if self._asides:
            self._asides[-1].append(block.text)
        elif self._tables and self._tables[-1].cell is not None:
            self._tables[-1].cell.append(block.text)
        elif self._slide:
            self._slide.put(block)
        else:
            self.taken.append(block)

    def begin_aside(self, values: Values) -> None:
        self._asides.append([values.get("note-class", "comment")])

    def end_aside(self) -> None:
        if self._asides:
            label, *texts = self._asides.pop()
            if texts:
                self._said.append(f"[{label}: {' '.join(texts)}]")

    def begin_creator(self, values: Values) -> None:
        self._is_creator = True

    def end_creator(self) -> None:
        self._is_creator = False

    def begin_item(self, values: Values) -> None:
        self._items += 1

    def end_item(self) -> None:
        self._items -= 1

    def spaces(self, values: Values) -> None:
        if self._paragraphs:
            self._paragraphs[-1].parts.append(" " * count(values, "c", _MOST_SPACES))

    def tab(self, values: Values) -> None:
        if self._paragraphs:
            self._paragraphs[-1].parts.append("\t")

    def line_break(self, values: Values) -> None:
        if self._paragraphs:
            self._paragraphs[-1].parts.append("\n")

    def page_break(self, values: Values) -> None:
        self.page += bool(self.page)

    def begin_spreadsheet(self, values: Values) -> None:
        self._is_spreadsheet = True
        self.page = 0

    def begin_presentation(self, values: Values) -> None:
        self.page = 0

    def begin_table(self, values: Values) -> None:
        if self._is_spreadsheet and not self._tables:
            self.page += 1
            self.taken.append(heading(values.get("name", ""), 1, self.page))
        self._tables.append(Table(TableRows(self.page)))

    def end_table(self) -> None:
        if self._tables:
            self._tables.pop()

    def begin_row(self, values: Values) -> None:
        if self._tables:
            self._tables[-1].begin_row(values)

    def end_row(self) -> None:
        """A table in a cell is a part of that cell."""
        if self._tables:
            table = self._tables.pop()
            for row in table.end_row():
                self._put(row)
            self._tables.append(table)

    def begin_cell(self, values: Values) -> None:
        if self._tables:
            self._tables[-1].begin_cell(values)

    def end_cell(self) -> None:
        if self._tables and (cell := self._tables[-1].cell) is not None:
            cell.extend(self._said)
            self._said.clear()
            self._tables[-1].end_cell()

    def begin_slide(self, values: Values) -> None:
        self.page += 1
        self._slide = Slide(values.get("name") or f"Slide {self.page}", self.page)

    def end_slide(self) -> None:
        if slide := self._slide:
            self._slide = None
            self.taken.extend(slide.end())

    def begin_frame(self, values: Values) -> None:
        if self._slide:
            self._slide.in_title = values.get("class") == "title"

    def end_frame(self) -> None:
        if self._slide:
            self._slide.in_title = False

    def begin_notes(self, values: Values) -> None:
        if self._slide:
            self._slide.label = "Notes: "


_STARTS: dict[str, Callable[[Body, Values], None]] = {
    "style": Body.begin_style,
    "paragraph-properties": Body.describe_style,
    "p": Body.begin_paragraph,
    "h": Body.begin_heading,
    "note": Body.begin_aside,
    "annotation": Body.begin_aside,
    "creator": Body.begin_creator,
    "list-item": Body.begin_item,
    "s": Body.spaces,
    "tab": Body.tab,
    "line-break": Body.line_break,
    "soft-page-break": Body.page_break,
    "spreadsheet": Body.begin_spreadsheet,
    "presentation": Body.begin_presentation,
    "table": Body.begin_table,
    "table-row": Body.begin_row,
    "table-cell": Body.begin_cell,
    "covered-table-cell": Body.begin_cell,
    "page": Body.begin_slide,
    "frame": Body.begin_frame,
    "notes": Body.begin_notes,
}
_ENDS: dict[str, Callable[[Body], None]] = {
    "p": Body.end_paragraph,
    "h": Body.end_paragraph,
    "note": Body.end_aside,
    "annotation": Body.end_aside,
    "creator": Body.end_creator,
    "list-item": Body.end_item,
    "table": Body.end_table,
    "table-row": Body.end_row,
    "table-cell": Body.end_cell,
    "covered-table-cell": Body.end_cell,
    "page": Body.end_slide,
    "frame": Body.end_frame,
}
