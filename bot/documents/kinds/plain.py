"""Plain text and source code: what stands between empty lines belongs together."""

import importlib.util
import re
from collections.abc import Iterator

from bot.documents.blocks import Block
from bot.documents.source import Source
from bot.text.encodings import decode_text, is_sure

_SAMPLE = 2**16  # bytes by which an encoding is told
_GAP = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read(source: Source) -> Iterator[Block]:
    """Indents are kept."""
    text = decode(source).replace("\r\n", "\n").replace("\r", "\n")
    at = 0
    for gap in _GAP.finditer(text):
        if piece := text[at : gap.start() + 1].strip("\n"):
            yield Block(piece)
        at = gap.end() - len(gap[0].rpartition("\n")[2])
    if piece := text[at:].strip("\n"):
        yield Block(piece)


def decode(source: Source) -> str:
    """The text of a file, as much of it as is read, in the code in which it is written."""
    limit = source.session.limits.characters
    data = source.data[: limit * 4]
    text = _decode(data)
    if len(source.data) > len(data) or len(text) > limit:
        source.session.note(f"only the first {limit:,} characters were read")
    return text[:limit]


def _decode(data: bytes) -> str:
    """By what it says itself, or by its letters; the library knows more codes than we do."""
    if not is_sure(data) and importlib.util.find_spec("charset_normalizer"):
        from charset_normalizer import from_bytes

        if found := from_bytes(data[:_SAMPLE]).best():
            return data.decode(found.encoding, errors="replace")
    return decode_text(data)
