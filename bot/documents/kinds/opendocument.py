"""OpenDocument (.odt, .ods, .odp): headings, paragraphs, tables, slides, notes and comments."""

from collections.abc import Iterator

from bot.documents.blocks import Block, heading
from bot.documents.kinds.office import text_of
from bot.documents.kinds.opendocument_body import Body
from bot.documents.package import PROTECTED, Package
from bot.documents.source import Source
from bot.domain.documents import NotReadable

_PAGE_BREAK = b"soft-page-break"


def read(source: Source) -> Iterator[Block]:
    """Sheets and slides are pages; a text has them where the program has left its breaks."""
    package = Package(source)
    if package.mentions("META-INF/manifest.xml", b"encryption-data"):
        raise NotReadable(PROTECTED)
    source.title = " ".join(text_of(package.events("meta.xml"), "title").split())
    starts = int(package.mentions("content.xml", _PAGE_BREAK))
    for block in Body(page=starts).blocks(package.events("content.xml")):
        source.turn_to(block.page)
        yield block
    if b"text" in package.read("mimetype"):  # the others have margins that nobody wrote
        yield from _margins(package)


def _margins(package: Package) -> Iterator[Block]:
    """What stands above and below every page, each once."""
    texts: dict[str, None] = {}
    inside, body = False, Body()
    for event, name, values in package.events("styles.xml"):
        if name in _MARGINS:
            inside = event == "start"
        elif inside:
            body.take(event, name, values)
    texts.update(dict.fromkeys(block.text for block in body.taken))
    if texts:
        yield heading("Headers and footers", 1)
        yield from map(Block, texts)


_MARGINS = {f"{kind}{side}" for kind in ("header", "footer") for side in ("", "-left", "-first")}
