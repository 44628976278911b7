"""What is packed, laid out in a folder of its own: zip, tar, gzip, or what comes by a pipe."""

import gzip
import lzma
import shutil
import stat
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from zipfile import BadZipFile, ZipFile

from bot.archives.reading import archive_errors
from bot.archives.recognizing import PACKED
from bot.domain.errors import ArchiveError
from bot.text.encodings import NAMED_IN_UTF8, read_zip_name

PIECE = 2**18
MOST_RATIO = 200  # times that a file may grow when it is unpacked, beyond
ALWAYS = 64 * 2**20  # bytes, which every file may have
MOST_FILES = 200_000
# What no format of ours reads is not unpacked: exports with their media have gigabytes of it.
TEXTS = frozenset(
    {"", ".txt", ".json", ".jsonl", ".ndjson", ".log", ".weechatlog", ".mbox", ".mbx", ".csv"}
    | {".html", ".htm", ".md", ".eml", ".xml", ".gz"}
)
BROKEN = (
    *(BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, RuntimeError, ValueError, OverflowError, NotImplementedError),
)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What is to be read, and how its places are shown."""

    path: Path
    shown: str
    """The path that the person gave."""
    faults: tuple[str, ...] = ()
    """Why it may not be all."""

    def show(self, place: str) -> str:
        """A place in it, as the person knows it."""
        return place.replace(str(self.path), self.shown, 1)


@contextmanager
def unpacked(path: Path, shown: str = "") -> Iterator[Unpacked]:
    """A file or folder as it is, and what is packed in a folder that is gone afterwards.

    Raises ArchiveError, also for what would grow beyond all measure.
    """
    kind = _kind(path) if path.is_file() else ""
    if not kind:
        yield Unpacked(path, shown or str(path))
        return
    with tempfile.TemporaryDirectory(prefix="nellie-import-") as folder:
        into = Path(folder, _stem(Path(shown or path).name))
        with archive_errors(path):
            faults = _unpack(kind, path, into)
        yield Unpacked(into, shown or str(path), faults)


@contextmanager
def kept(stream: BinaryIO, shown: str) -> Iterator[Path]:
    """What comes by a pipe, as a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nellie-import-") as folder:
        path = Path(folder, "standard input")
        with archive_errors(path), path.open("wb") as file:
            room = _free(Path(folder))
            while piece := stream.read(PIECE):
                room -= len(piece)
                if room < 0 or not (file.tell() or any(piece)):
                    reason = (
                        "it has no text" if room >= 0 else "there is no room on the disk for it"
                    )
                    raise ArchiveError(path=shown, reason=reason)
                file.write(piece)
        yield path


def _kind(path: Path) -> str:
    with archive_errors(path), path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(PACKED[:2]):
        return "zip"
    if head.startswith(PACKED[2]):
        return "gzip"
    return "tar" if head[257:262] == b"ustar" else ""


def _stem(name: str) -> str:
    for ending in (".tar.gz", ".tgz", ".tar", ".zip", ".gz"):
        if name.lower().endswith(ending):
            return name[: -len(ending)] or "archive"
    return name


def _unpack(kind: str, path: Path, into: Path) -> tuple[str, ...]:
    try:
        if kind == "zip":
            return _unpack_zip(path, into)
        if kind == "tar":
            return _unpack_tar(path, into)
        return _unpack_gzip(path, into)
    except BROKEN as error:
        raise ArchiveError(path=path, reason=f"it cannot be unpacked ({_reason(error)})") from error


def _unpack_gzip(path: Path, into: Path) -> tuple[str, ...]:
    """One file, or a tar in it."""
    with gzip.open(path) as stream:
        try:
            is_tar = stream.read(512)[257:262] == b"ustar"
        except (EOFError, zlib.error):
            is_tar = False
    if is_tar:
        return _unpack_tar(path, into)
    with gzip.open(path) as stream:
        fault = _write(stream, into, _room(path), path)
    if fault and not into.stat().st_size:
        raise ArchiveError(path=path, reason=f"it cannot be unpacked: {fault}")
    return (fault,) if fault else ()


def _unpack_tar(path: Path, into: Path) -> tuple[str, ...]:
    room, faults = _room(path), []
    with tarfile.open(path, "r|*") as tar:
        try:
            for number, member in enumerate(tar):
                _refuse_too_many(number, path)
                target = _target(into, member.name)
                if member.isfile() and target and (stream := tar.extractfile(member)):
                    faults.append(_write(stream, target, room, path))
                    room -= target.stat().st_size
        except (tarfile.ReadError, EOFError, zlib.error) as error:
            faults.append(f"it is cut off ({_reason(error)}); what is whole was read")
    return tuple(filter(None, faults))


def _unpack_zip(path: Path, into: Path) -> tuple[str, ...]:
    faults = []
    with ZipFile(path) as packed:
        _refuse_too_many(len(packed.infolist()), path)
        room = _room(path)
        for info in packed.infolist():
            says_utf8 = bool(info.flag_bits & NAMED_IN_UTF8)
            name = read_zip_name(info.orig_filename, says_utf8=says_utf8)
            target = _target(into, name)
            if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16) or target is None:
                continue
            if info.flag_bits & 1:
                reason = "it is encrypted: unpack it with its password, and import the folder"
                raise ArchiveError(path=path, reason=reason)
            with packed.open(info) as stream:
                faults.append(_write(stream, target, room, path))
            room -= target.stat().st_size
    return tuple(filter(None, faults))


def _target(into: Path, name: str) -> Path | None:
    """Where a member goes; None for what leads out of the folder, and what is not to be read."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    hidden = any(part in ("..", "__MACOSX") or part.startswith((".", "/")) for part in parts)
    if not parts or hidden or (len(parts[0]) == 2 and parts[0].endswith(":")):
        return None
    if PurePosixPath(parts[-1]).suffix.lower() not in TEXTS and _is_media(parts[-1]):
        return None
    return into.joinpath(*(part.encode()[:200].decode("utf-8", "ignore") for part in parts))


def _is_media(name: str) -> bool:
    """By the letters of its ending: #ubuntu.2024-03-01 has none."""
    return PurePosixPath(name).suffix[1:].isalnum() and not name.rpartition(".")[2].isdigit()


def _room(path: Path) -> int:
    """How far what is packed may grow; the disk is others' too."""
    return min(max(ALWAYS, path.stat().st_size * MOST_RATIO), _free(Path(tempfile.gettempdir())))


def _free(folder: Path) -> int:
    """Half of what is free."""
    return shutil.disk_usage(folder).free // 2


def _write(stream: _Stream, to: Path, room: int, path: Path) -> str:
    """Write a file; returns why it may not be all. Raises ArchiveError beyond the room."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        try:
            while piece := stream.read(PIECE):
                room -= len(piece)
                if room < 0:
                    reason = "it grows beyond all measure when it is unpacked; nothing was read"
                    raise ArchiveError(path=path, reason=reason)
                file.write(piece)
        except BROKEN as error:
            return f"{to.name} is cut off or spoiled ({_reason(error)}); what is whole was read"
    return ""


def _refuse_too_many(files: int, path: Path) -> None:
    if files > MOST_FILES:
        raise ArchiveError(path=path, reason=f"it holds more than {MOST_FILES:,} files")


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
