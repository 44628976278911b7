"""PDF, by PDFium: the text of each page, below the headings that the file or its letters tell."""

import importlib.util
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.documents.blocks import Block
from bot.documents.kinds.pdf_layout import Layout
from bot.documents.kinds.pdf_lines import Line, read_page
from bot.documents.package import DAMAGED, PROTECTED
from bot.documents.source import Session, Source
from bot.domain.documents import NotReadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MISSING = "PDFs are read with the extra “documents”, which is not installed where I run"
SCANNED = "it is scanned: it has no text"
_MOST_OUTLINE = 5_000  # headings that a file lists
_BY_THE_MARGIN = 2  # lines at the top and at the bottom that may stand on every page
_PAGES_BACK = 2  # left and right pages have margins of their own
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


def read(source: Source) -> Iterator[Block]:
    """Page by page; pages without text are noted."""
    if importlib.util.find_spec("pypdfium2") is None:
        raise NotReadable(MISSING)
    document = _open(source.data)
    total = len(document)
    if not total:
        raise NotReadable(DAMAGED)
    source.title = document.get_metadata_value("Title")
    layout, margins = Layout(_outline(document)), _Margins()
    silent: list[int] = []
    for page in range(1, min(total, source.session.limits.pages) + 1):
        source.turn_to(page, total)
        content = read_page(document, page - 1)
        if not any(content):
            silent.append(page)
        yield from layout.blocks(margins.without(content.lines), page)
        yield from (Block(text, page, is_line=True) for text in content.annotations)
    if len(silent) == source.pages:
        raise NotReadable(SCANNED)
    source.pages = total
    _note_silent(silent, source.session)
    if total > source.session.limits.pages:
        source.session.note(f"only pages up to {source.session.limits.pages:,} were read")


def _open(data: bytes) -> "PdfDocument":
    """Raises NotReadable."""
    from pypdfium2 import PdfDocument, PdfiumError  # only here: the library is an extra

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        is_protected = getattr(error, "err_code", None) == _PASSWORD_ERROR
        raise NotReadable(PROTECTED if is_protected else DAMAGED) from error


def _outline(document: "PdfDocument") -> dict[int, list[tuple[int, str]]]:
    """(level, title) of the headings that the file lists, by the page on which they stand."""
    found: dict[int, list[tuple[int, str]]] = {}
    for number, entry in enumerate(document.get_toc()):
        if number >= _MOST_OUTLINE:
            break
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            found.setdefault(page + 1, []).append((entry.level + 1, entry.get_title()))
    return found


class _Margins:
    """Leaves out what stands above or below every page, after the first time; and page numbers."""

    def __init__(self) -> None:
        self._before: deque[set[str]] = deque(maxlen=_PAGES_BACK)

    def without(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of the next page."""
        edges = {*range(_BY_THE_MARGIN), *range(len(lines) - _BY_THE_MARGIN, len(lines))}
        keys = {at: _key(lines[at].text) for at in edges if 0 <= at < len(lines)}
        known = set().union(*self._before)
        self._before.append(set(keys.values()))
        return [line for at, line in enumerate(lines) if keys.get(at, "-") not in known | {"", "#"}]


def _key(text: str) -> str:
    """Without its numbers, which count the pages."""
    return "".join("#" if one.isdigit() else one for one in text.lower()).replace("##", "#")


def _note_silent(pages: list[int], session: Session) -> None:
    """Which pages have no text: they are pictures, or empty."""
    if not pages:
        return
    spans: list[list[int]] = []
    for page in pages:
        if spans and spans[-1][1] == page - 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    shown = ", ".join(
        f"{first}" if first == last else f"{first} to {last}" for first, last in spans
    )
    session.note(f"without text: {'page' if len(pages) == 1 else 'pages'} {shown}"[:300])
