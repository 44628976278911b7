"""What stands in a part of a Word file, in order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, heading
from bot.documents.kinds.word_styles import LOWEST
from bot.documents.xml_events import Event

_LEFT_OUT = {"Fallback", "del", "moveFrom"}
"""Deleted or moved away; or the same once more, for programs that are older."""
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_ASIDES = {"footnoteReference", "endnoteReference", "commentReference"}


@dataclass(slots=True)
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    level: int = 0
    is_item: bool = False
    asides: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Body:
    """Takes the events of a part; paragraphs in text boxes come before the one they hang on."""

    levels: Mapping[str, int] = field(default_factory=dict)
    asides: Mapping[tuple[str, str], str] = field(default_factory=dict)
    page: int = 0
    """Where it begins; 0 where pages are not known."""
    taken: list[Block] = field(default_factory=list)
    _paragraphs: list[_Paragraph] = field(default_factory=list)
    _tables: list[TableRows] = field(default_factory=list)
    _cells: list[list[list[str]]] = field(default_factory=list)
    """Of each table that is open, the cells of its row, and what stands in each."""
    _left_out: int = 0
    _is_text: bool = False

    def blocks(self, events: Iterable[Event]) -> Iterator[Block]:
        """What stands there, as it is taken."""
        for event, name, values in events:
            self.take(event, name, values)
            if self.taken:
                yield from self.taken
                self.taken.clear()

    def take(self, event: str, name: str, values: Mapping[str, str]) -> None:
        """One event."""
        if event == "text":
            if self._is_text and self._paragraphs:
                self._paragraphs[-1].parts.append(name)
        elif name in _LEFT_OUT:
            self._left_out += 1 if event == "start" else -1
        elif self._left_out:
            return
        elif event == "start":
            self._start(name, values)
        else:
            self._end(name)

    def _start(self, name: str, values: Mapping[str, str]) -> None:
        if name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "t":
            self._is_text = True
        elif name == "tbl":
            self._tables.append(TableRows(self.page))
            self._cells.append([])
        elif name == "tr" and self._cells:
            self._cells[-1].clear()
        elif name == "tc" and self._cells:
            self._cells[-1].append([])
        elif name == "lastRenderedPageBreak" and self.page:
            self.page += 1
        elif self._paragraphs:
            self._mark(self._paragraphs[-1], name, values)

    def _mark(self, paragraph: _Paragraph, name: str, values: Mapping[str, str]) -> None:
        """What is said of a paragraph, and what stands in it without being text."""
        if name in _MARKS:
            # A tab is also an entry of a list of tab stops, which has a position.
            paragraph.parts.append("" if "pos" in values else _MARKS[name])
        elif name == "pStyle":
            paragraph.level = self.levels.get(values.get("val", ""), 0)
        elif name == "outlineLvl" and (level := values.get("val", "")).isdecimal():
            paragraph.level = int(level) + 1 if int(level) < LOWEST else paragraph.level
        elif name == "numPr":
            paragraph.is_item = True
        elif name in _ASIDES:
            key = name.removesuffix("Reference"), values.get("id", "")
            paragraph.asides.append(self.asides.get(key, ""))

    def _end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "p" and self._paragraphs:
            self._close(self._paragraphs.pop())
        elif name == "tr" and self._tables:
            self._close_row()
        elif name == "tbl" and self._tables:
            self._tables.pop()
            self._cells.pop()

    def _close(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts).strip()
        if text:
            self._put(self._shape(text, paragraph))
        for aside in filter(None, paragraph.asides):
            self._put(Block(aside, self.page, is_line=True))

    def _shape(self, text: str, paragraph: _Paragraph) -> Block:
        if paragraph.level:
            return heading(text, paragraph.level, self.page)
        if paragraph.is_item:
            return Block(f"- {text}", self.page, is_line=True)
        return Block(text, self.page)

    def _put(self, block: Block) -> None:
        """Into the cell that is open, else among what is taken."""
        if self._cells and self._cells[-1]:
            self._cells[-1][-1].append(block.text)
        else:
            self.taken.append(block)

    def _close_row(self) -> None:
        cells = [" ".join(texts) for texts in self._cells[-1]]
        self._cells[-1].clear()
        if row := self._tables[-1].row(cells):
            outer = self._cells[-2] if len(self._cells) > 1 else []
            if outer:
                outer[-1].append(row.text)
            else:
                self.taken.append(row)
