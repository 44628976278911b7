"""A file that is packed in another: read in its turn, under its name."""

from collections.abc import Iterator
from dataclasses import replace

from bot.documents.blocks import Block, heading
from bot.documents.source import Source
from bot.domain.documents import NotReadable
from bot.text.sanitize import clean

DEEPEST = 2  # a mail in a zip has attachments
LONGEST_NAME = 200


def read_inner(source: Source, name: str, data: bytes, media_type: str = "") -> Iterator[Block]:
    """Its blocks, below a heading with its name; a note where it is not read.

    Its pages are not those of the file around it, so it has none.
    """
    shown = " ".join(clean(name).split())[-LONGEST_NAME:] or "a file without a name"
    session = source.session
    try:
        session.inner_files += 1
        if session.inner_files > session.limits.inner_files:
            raise NotReadable(f"only {session.limits.inner_files} files in one are read")
        if source.depth >= DEEPEST:
            raise NotReadable("it is packed too deeply")
        inner = Source(data, name, session, media_type, source.depth + 1)
        blocks = session.open(inner)
        first = next(blocks)
        yield heading(shown, 1)
        yield _below(first)
        yield from map(_below, blocks)
    except NotReadable as error:
        session.note(f"{shown} was not read: {error}")


def _below(block: Block) -> Block:
    return replace(block, page=0, level=block.level + 1 if block.level else 0)
