"""The text of a page that was fetched, whatever it is written in. Pure."""

import codecs
import re

from bot.text.main_text import MainText, read_main_text
from bot.tools.web.fetching import Page

_MARKUP = {"text/html", "application/xhtml+xml"}
_FEEDS = re.compile(r"xml$")
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})"
)
_HEAD = 2_048  # bytes in which a page may say how it is written
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANK = re.compile(r"\n\s*\n\s*\n+")


def read_page(page: Page) -> MainText:
    """Its title, where it has one, and its text."""
    text = _decode(page.body.data, page.charset)
    if page.kind in _MARKUP or _FEEDS.search(page.kind):
        return read_main_text(text)
    return MainText("", _BLANK.sub("\n\n", text).strip())


def _decode(data: bytes, charset: str) -> str:
    """By its mark, its header or its own word; else as UTF-8, or as what it was before that."""
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    said = _CHARSET.search(data[:_HEAD])
    for name in (marked, charset, said[1].decode("ascii") if said else ""):
        if name:
            try:
                return data.decode(name, "replace")
            except (LookupError, ValueError):  # an encoding that nobody knows, or that is none
                continue
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut_off = error.start > len(data) - 4  # where the page was cut
        return data.decode("utf-8" if is_cut_off else "cp1252", "replace")
