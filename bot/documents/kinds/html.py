"""A page in HTML: what people read on it."""

import re
from collections.abc import Iterator

from bot.documents.blocks import Block
from bot.documents.kinds.markdown import read_lines
from bot.documents.kinds.plain import decode
from bot.documents.source import Source
from bot.text.main_text import read_main_text

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})"
)
_HEAD = 2_048  # bytes in which a page says how it is written


def read(source: Source) -> Iterator[Block]:
    """Menus and footers are left out where the page says that they are such."""
    yield from read_page(source, _decode(source))


def read_page(source: Source, text: str) -> Iterator[Block]:
    """The blocks of a page whose text is known."""
    page = read_main_text(text, longest=source.session.limits.characters, with_marks=True)
    source.title = source.title or page.title
    # A line is a paragraph of its own; rows and items go on without an empty one.
    yield from read_lines(re.sub(r"\n(?=[^|\-\n])", "\n\n", page.text).split("\n"))


def _decode(source: Source) -> str:
    if found := _CHARSET.search(source.data[:_HEAD]):
        try:
            return source.data.decode(found[1].decode("ascii"), "replace")
        except (LookupError, ValueError):  # an encoding that nobody knows, or that is none
            pass
    return decode(source)
