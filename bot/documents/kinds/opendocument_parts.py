"""The parts of an OpenDocument file that hold others: paragraphs, tables, slides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, slide_blocks

MOST_COPIES = 200  # that one cell, or one row, may stand for

Values = Mapping[str, str]


@dataclass(slots=True)
class Paragraph:
    """One that is open."""

    parts: list[str] = field(default_factory=list)
    level: int = 0
    is_item: bool = False


@dataclass(slots=True)
class Table:
    """One that is open, with the row and the cell that are."""

    rows: TableRows
    copies: int = 1
    """Of the row."""
    cells: list[str] = field(default_factory=list)
    cell: list[str] | None = None
    cell_copies: int = 1

    def begin_row(self, values: Values) -> None:
        """The attributes say for how many it stands."""
        self.cells.clear()
        self.copies = count(values, "number-rows-repeated", MOST_COPIES)

    def begin_cell(self, values: Values) -> None:
        """The same."""
        self.cell = []
        self.cell_copies = count(values, "number-columns-repeated", MOST_COPIES)

    def end_cell(self) -> None:
        """Its text takes as many places as it stands for."""
        room = max(0, MOST_COPIES - len(self.cells))
        self.cells.extend([" ".join(self.cell or ())] * min(self.cell_copies, room))
        self.cell = None

    def end_row(self) -> Iterator[Block]:
        """The rows that it stands for, where it has a word."""
        self.cell = None
        if row := self.rows.row(self.cells):
            for _ in range(self.copies):
                yield row


@dataclass(slots=True)
class PageStyles:
    """The styles of paragraphs that begin a page."""

    name: str = ""
    """Of the one that is described."""
    _breaking: set[str] = field(default_factory=set)

    def describe(self, values: Values) -> None:
        """Properties of its paragraphs."""
        if values.get("break-before") == "page":
            self._breaking.add(self.name)

    def begins_page(self, values: Values) -> bool:
        """Whether a paragraph with these attributes does."""
        return values.get("style-name") in self._breaking


@dataclass(slots=True)
class Slide:
    """One that is open; its title may come after other text."""

    name: str
    page: int
    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    in_title: bool = False
    label: str = ""
    """What goes before the next paragraph."""

    def put(self, block: Block) -> None:
        """A paragraph or a row of a table."""
        if self.in_title:
            self.title = f"{self.title} {block.text}".strip()
            return
        text, self.label = f"{self.label}{block.text}", ""
        self.blocks.append(Block(text, self.page, header=block.header, is_line=True))

    def end(self) -> list[Block]:
        """All of it."""
        return slide_blocks(self.title, self.name, self.page, self.blocks)


def count(values: Values, name: str, most: int) -> int:
    """A number among attributes, 1 where there is none."""
    value = values.get(name, "1")
    return max(1, min(int(value), most)) if value.isdecimal() and len(value) < 12 else 1
