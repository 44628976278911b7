"""Word (.docx): headings, paragraphs, tables, notes, comments, headers and footers."""

from collections.abc import Iterator

from bot.documents.blocks import Block, heading
from bot.documents.kinds.office import main_part, read_title, related
from bot.documents.kinds.word_body import Body
from bot.documents.kinds.word_styles import read_levels
from bot.documents.package import Package
from bot.documents.source import Source

_PAGE_BREAK = b"lastRenderedPageBreak"


def read(source: Source) -> Iterator[Block]:
    """Pages are numbered where Word has left the breaks that it drew."""
    package = Package(source)
    part = main_part(package, "word/document.xml")
    source.title = read_title(package)
    has_pages = package.mentions(part, _PAGE_BREAK)
    body = Body(
        levels=read_levels(package, part),
        asides=_asides(package, part),
        page=1 if has_pages else 0,
    )
    for block in body.blocks(package.events(part)):
        source.turn_to(block.page)
        yield block
    yield from _margins(package, part)


def _asides(package: Package, part: str) -> dict[tuple[str, str], str]:
    """Footnotes, endnotes and comments, by kind and id."""
    found = {}
    for kind in ("footnote", "endnote", "comment"):
        for other in related(package, part, f"{kind}s"):
            for id_, author, text in _entries(package, other, kind):
                label = f"comment by {author}" if author else kind
                found[kind, id_] = f"[{label}: {text}]"
    return found


def _entries(package: Package, part: str, kind: str) -> Iterator[tuple[str, str, str]]:
    """(id, author, text) of each note in a part; separators are notes without a word."""
    id_ = author = ""
    body = Body()
    for event, name, values in package.events(part):
        if name == kind and event == "start":
            id_, author, body = values.get("id", ""), values.get("author", ""), Body()
        elif name == kind and event == "end":
            if text := " ".join(block.text for block in body.taken):
                yield id_, author, text
        else:
            body.take(event, name, values)


def _margins(package: Package, part: str) -> Iterator[Block]:
    """Headers and footers, each once."""
    texts: dict[str, None] = {}
    for kind in ("header", "footer"):
        for other in related(package, part, kind):
            blocks = Body().blocks(package.events(other))
            texts.update(dict.fromkeys(block.text for block in blocks))
    if texts:
        yield heading("Headers and footers", 1)
        yield from map(Block, texts)
