"""The lines of a PDF's page, with where they stand and how large their letters are."""

import re
from ctypes import c_double
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bot.documents.kinds.pdf_annotations import read_annotations

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfTextPage

_HYPHEN = "\ufffe"
"""PDFium's sign where a word is divided between two lines."""
_JOINED = re.compile("[اأإآ](?=ل)")
"""Alef and lam: Arabic writes lam and alef as one sign, whose letters PDFium has in this order."""
_DOTS = re.compile(r"\s*(?:\.\s?){5,}")
_SYMBOL = re.compile("[\uf000-\uf0ff]")
"""Letters of fonts with symbols, which are bullets as a rule."""
_MOST_CHARACTERS = 200_000  # of one page; a page of a newspaper has 30,000


@dataclass(frozen=True, slots=True)
class Line:
    """One line, in points from the left and from the bottom of the page."""

    text: str
    left: float
    right: float
    top: float
    """Of its base line, where it begins."""
    bottom: float
    """Where it ends: below the first one where a word was divided."""
    size: float


class Content(NamedTuple):
    """What a page says."""

    lines: list[Line]
    """In the order in which the file has them, without empty ones."""
    annotations: list[str]


def read_page(document: "PdfDocument", index: int) -> Content:
    """Nothing of a damaged page."""
    from pypdfium2 import PdfiumError

    try:
        page = document[index]
    except PdfiumError:
        return Content([], [])
    try:
        text_page = page.get_textpage()
        try:
            return Content(_lines(text_page), list(read_annotations(page)))
        finally:
            text_page.close()
    finally:
        page.close()


def _lines(page: "PdfTextPage") -> list[Line]:
    count = min(page.count_chars(), _MOST_CHARACTERS)
    if count <= 0:
        return []
    found, at = [], 0
    for text in page.get_text_range(0, count).split("\n"):
        if bare := text.strip():
            start = at + len(text) - len(text.lstrip())
            found.append(_measure(page, bare, start))
        at += len(text) + 1
    return found


def _measure(page: "PdfTextPage", text: str, start: int) -> Line:
    from pypdfium2 import raw

    end = start + len(text) - 1
    left, top = _place(page, start)
    right, bottom = _place(page, end)
    size = raw.FPDFText_GetFontSize(page, start)
    for found in _JOINED.finditer(text):  # letters of one sign, which are told backwards
        at = found.start()
        if _place(page, start + at) == _place(page, start + at + 1):
            text = f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
    return Line(_tidy(text), min(left, right), max(left, right), top, bottom, size)


def _place(page: "PdfTextPage", index: int) -> tuple[float, float]:
    """Where a letter stands on its base line."""
    from pypdfium2 import raw

    x, y = c_double(), c_double()
    raw.FPDFText_GetCharOrigin(page, index, x, y)
    return x.value, y.value


def _tidy(text: str) -> str:
    """Words that were divided are whole again; rows of dots that lead to a number are short."""
    text = _SYMBOL.sub("•", text.replace(_HYPHEN, "").replace("\r", ""))
    return _DOTS.sub(" … ", text)
