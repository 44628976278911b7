"""What the readers of all archive formats share: files, folders, entries, and bad lines."""

import codecs
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar
from unicodedata import normalize

from bot.archives.json_entries import BrokenEntry, CutOff
from bot.archives.meter import open_metered
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine

LONGEST_LINE = 16 * 2**20  # bytes
PIECE = 2**16  # bytes read at a time where they are decoded first
CHANNELS_LISTED = 20  # in an error
LONGEST_KIND = 40  # characters of what is counted

T = TypeVar("T")
R = TypeVar("R")
ArchiveIterator = Iterator[Message | BadLine]


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is not read, since it is nothing that somebody said; counted by its kind."""

    kind: str


WITHOUT_TEXT = Skipped("without text")


@contextmanager
def archive_errors(path: Path) -> Iterator[None]:
    """Turn an OSError within the block into an ArchiveError of this path."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(path=path, reason=(error.strerror or str(error)).lower()) from error


@contextmanager
def open_archive(path: Path, expected: str) -> Iterator[BinaryIO]:
    """Open a file to read it. Raises ArchiveError when there is none, or when it is empty."""
    with archive_errors(path):
        if path.exists() and not path.is_file():
            raise ArchiveError(path=path, reason=f"it is not a file; {expected}")
        with open_metered(path) as stream:
            if not stream.peek(1):
                raise ArchiveError(path=path, reason=f"it is empty; {expected}")
            yield stream


def read_files(
    path: Path, files: list[Path], read: Callable[[Path], ArchiveIterator]
) -> ArchiveIterator:
    """Read all files of a folder.

    A file of another format becomes a BadLine. Raises ArchiveError when all of them are that.
    """
    if files == [path]:
        yield from read(path)
        return
    bad: list[BadLine] = []
    found = False
    for file in files:
        entries = read(file)
        try:
            first = next(entries, None)
        except ArchiveError as error:
            bad.append(BadLine(str(file), 0, str(error.details["reason"])))
            continue
        found = True
        if first is not None:
            yield first
        yield from entries
    if not found:
        raise ArchiveError(path=path, reason=f"no file of this format: {bad[0].reason}")
    yield from bad


def parse_entries(
    path: Path | str,
    entries: Iterable[tuple[int, T]],
    parse: Callable[[T], R | Skipped | None],
    skipped: Counter[str] | None = None,
) -> Iterator[R | BadLine]:
    """Parse numbered entries; one that raises ValueError becomes a BadLine with its number."""
    for number, entry in entries:
        if isinstance(entry, CutOff):
            yield BadLine(str(path), 0, f"{entry.reason}; what is whole before it was read")
            continue
        try:
            if isinstance(entry, BrokenEntry):
                raise ValueError(entry.reason)
            parsed = parse(entry)
        except (ValueError, OverflowError, RecursionError) as error:
            yield BadLine(str(path), number, str(error)[:200])
            continue
        if isinstance(parsed, Skipped):
            if skipped is not None:
                skipped[parsed.kind[:LONGEST_KIND]] += 1
        elif parsed is not None:
            yield parsed


def parse_lines(
    path: Path,
    stream: BinaryIO,
    parse: Callable[[bytes], Message | Skipped | None],
    skipped: Counter[str] | None = None,
) -> ArchiveIterator:
    """Parse the lines of a file of any size; one beyond LONGEST_LINE becomes a BadLine."""

    def parse_line(raw: bytes) -> Message | Skipped | None:
        if len(raw) == LONGEST_LINE:
            raise ValueError(f"the line is longer than {LONGEST_LINE // 2**20} MB")
        return parse(raw)

    yield from parse_entries(path, enumerate(read_lines(stream), 1), parse_line, skipped)


def read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Read line by line; of a line beyond LONGEST_LINE, only that much is returned.

    UTF-16, as some tools of Windows write it, becomes UTF-8.
    """
    head = stream.read(len(codecs.BOM_UTF16))
    stream.seek(0)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield from _read_utf16(stream)
        return
    while raw := stream.readline(LONGEST_LINE):
        rest = raw
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield raw


def _read_utf16(stream: BinaryIO) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    rest = ""
    while raw := stream.read(PIECE):
        *lines, rest = (rest + decoder.decode(raw)).split("\n")
        rest = rest[:LONGEST_LINE]
        for line in lines:
            yield f"{line}\n".encode()[:LONGEST_LINE]
    if rest := rest + decoder.decode(b"", final=True):
        yield rest.encode()[:LONGEST_LINE]


def choose_channel(path: Path, names: Mapping[str, str], channel: Channel) -> str:
    """Find the given channel among those of an archive (id -> name), or the only one there is.

    Returns its id in the archive. Raises ArchiveError when the choice is not clear.
    """
    if channel.id in names:
        return channel.id
    # Composed: tools of macOS write é as two characters.
    given = {normalize("NFC", one) for one in (channel.id, channel.name.lstrip("#"))} - {""}
    found = [id_ for id_, name in names.items() if normalize("NFC", name) in given] or list(names)
    if len(found) == 1:
        return found[0]
    known = sorted(set(names.values()))
    listed, more = ", ".join(known[:CHANNELS_LISTED]), len(known) - CHANNELS_LISTED
    reason = f"it holds several channels, choose with --channel NAME: {listed}"
    if more > 0:
        reason += f" and {more} more"
    raise ArchiveError(path=path, reason=reason)
