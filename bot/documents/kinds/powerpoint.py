"""PowerPoint (.pptx): the text of each slide, its tables, what is drawn with words, its notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.documents.blocks import Block, TableRows, slide_blocks
from bot.documents.kinds.office import Relation, main_part, read_title, relations
from bot.documents.package import Package
from bot.documents.source import Source
from bot.documents.xml_events import Event

_TITLES = {"title", "ctrTitle"}
_NOT_SAID = {"sldNum", "dt", "sldImg"}
"""Numbers and dates that the program writes, and the picture of the slide above its notes."""


def read(source: Source) -> Iterator[Block]:
    """A slide is a page; what is hidden in the show is read as well."""
    package = Package(source)
    part = main_part(package, "ppt/presentation.xml")
    source.title = read_title(package)
    slides = _slides(package, part)
    for page, slide in enumerate(slides, 1):
        source.turn_to(page, len(slides))
        yield from _slide(package, slide, page)


def _slides(package: Package, part: str) -> list[str]:
    """In the order in which they are shown."""
    known = relations(package, part)
    return [
        known[id_].part
        for event, name, values in package.events(part)
        if event == "start" and name == "sldId" and (id_ := values.get("r:id", "")) in known
    ]


def _slide(package: Package, part: str, page: int) -> Iterator[Block]:
    shapes = _Shapes(page)
    for event in package.events(part):
        shapes.take(event)
    yield from slide_blocks(shapes.title, f"Slide {page}", page, shapes.blocks)
    for relation in relations(package, part).values():
        yield from _beside(package, relation, page)


def _beside(package: Package, relation: Relation, page: int) -> Iterator[Block]:
    """Notes, drawings made of words, and comments."""
    label = {"notesSlide": "Notes: ", "diagramData": "", "comments": "Comment: "}.get(relation.kind)
    if label is None:
        return
    shapes = _Shapes(page, is_comment=relation.kind == "comments")
    for event in package.events(relation.part):
        shapes.take(event)
    for number, block in enumerate(shapes.blocks):
        yield Block(f"{'' if number else label}{block.text}", page, is_line=block.is_line)


@dataclass(slots=True)
class _Shapes:
    """Takes the events of a slide, or of what belongs to one."""

    page: int
    is_comment: bool = False
    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    _role: str = ""
    """What the shape is for, as the layout says."""
    _parts: list[str] = field(default_factory=list)
    _is_text: bool = False
    _table: TableRows | None = None
    _cells: list[list[str]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        kind, name, values = event
        if kind == "text":
            if self._is_text:
                self._parts.append(name)
        elif kind == "start":
            self._start(name, values.get("type", "body" if name == "ph" else ""))
        else:
            self._end(name)

    def _start(self, name: str, type_: str) -> None:
        match name:
            case "sp":
                self._role = ""
            case "ph":
                self._role = type_
            case "t" | "text":
                self._is_text = True
            case "br":
                self._parts.append("\n")
            case "tbl":
                self._table = TableRows(self.page)
            case "tr":
                self._cells.clear()
            case "tc":
                self._cells.append([])

    def _end(self, name: str) -> None:
        if name in ("t", "text"):
            self._is_text = False
        if name == "p" or (name == "text" and self.is_comment):
            self._close()
        elif name == "tr" and self._table:
            row = self._table.row([" ".join(cell) for cell in self._cells])
            self._cells.clear()
            if row:
                self.blocks.append(row)
        elif name == "tbl":
            self._table = None

    def _close(self) -> None:
        text = "".join(self._parts).strip()
        self._parts.clear()
        if not text or self._role in _NOT_SAID:
            return
        if self._cells:
            self._cells[-1].append(text)
        elif self._role in _TITLES:
            self.title = f"{self.title} {text}".strip()
        else:
            self.blocks.append(Block(text, self.page, is_line=True))
