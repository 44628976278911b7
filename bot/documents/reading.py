"""Reading a file: what it says, in passages, as far as the limits go."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bot.documents.blocks import Block
from bot.documents.limits import Limits
from bot.documents.passages import cut
from bot.documents.recognizing import Kind, recognize
from bot.documents.source import Progress, Session, Source
from bot.domain.documents import DocumentText, NotReadable
from bot.text.sanitize import clean

PATIENCE = 0.75  # of the seconds that there are: after these, what is read is given out

Reader = Callable[[Source], Iterator[Block]]


def read_document(
    path: Path, name: str, media_type: str, limits: Limits, progress: Progress
) -> DocumentText:
    """The text of a file. Raises NotReadable; OSError where the file itself cannot be opened."""
    with path.open("rb") as file:
        data = file.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        raise NotReadable(f"it is larger than {limits.bytes >> 20} MB")
    session = Session(limits, read_blocks, progress)
    source = Source(data, name, session, media_type)
    kind = recognize(source).name
    passages = tuple(cut(_within(source)))
    return DocumentText(
        kind=kind,
        passages=passages,
        title=clean(" ".join(source.title.split()))[:300],
        pages=source.pages,
        notes=tuple(session.notes),
    )


def read_blocks(source: Source) -> Iterator[Block]:
    """Its blocks, whatever it is. Raises NotReadable before the first one, or never."""
    has_begun = False
    try:
        for block in _reader(recognize(source))(source):
            text = clean(block.text).strip("\n").rstrip()
            if text.strip():
                has_begun = True
                yield block if text == block.text else replace(block, text=text)
    except Exception as error:  # whoever made the file may have aimed at any line of a reader
        reason = _explain(error, source)
        if not has_begun:
            raise NotReadable(reason) from error
        source.session.note(f"the rest was not read: {reason}")
    if not has_begun:
        raise NotReadable(next(iter(source.session.notes), "it has no text"))


def _within(source: Source) -> Iterator[Block]:
    """As many blocks as the limits allow, with a note where there are more."""
    limits, session = source.session.limits, source.session
    characters, end = 0, time.monotonic() + limits.seconds * PATIENCE
    for block in read_blocks(source):
        characters += len(block.text)
        if block.page > limits.pages:
            session.note(f"only pages up to {limits.pages:,} were read")
        elif characters > limits.characters:
            session.note(f"only the first {limits.characters:,} characters were read")
        elif time.monotonic() > end:
            session.note(f"the rest was not read: it takes longer than {limits.seconds:.0f} s")
        else:
            yield block
            continue
        return


def _reader(kind: Kind) -> Reader:
    """Loaded when it is needed: most processes read one file of one kind."""
    read: Reader = import_module(f"bot.documents.kinds.{kind.module}").read
    return read


def _explain(error: Exception, source: Source) -> str:
    if isinstance(error, NotReadable):
        return str(error)
    if isinstance(error, MemoryError):
        return f"it takes more than {source.session.limits.memory >> 20} MB of memory"
    if isinstance(error, RecursionError):
        return "its parts are nested too deeply"
    return "it is cut off or damaged"
