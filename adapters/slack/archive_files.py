"""The files of a Slack export: a folder, or a zip that is read in place and never unpacked."""

import lzma
import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize
from zipfile import BadZipFile, ZipFile, ZipInfo

from adapters.slack.cut_zip import Member, find_members, read_member
from bot.archives.json_entries import Entry, decode, read_list
from bot.archives.reading import archive_errors, open_archive
from bot.domain.errors import ArchiveError

EXPECTED = "expected a Slack export: the .zip, or its folder, with channels.json and users.json"
LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")
DAY = re.compile(r"\d{4}-\d\d-\d\d\.json", re.ASCII)
PEOPLE = ("users.json", "org_users.json")  # the second is that of a whole Enterprise Grid
BROKEN_ZIP = (
    BadZipFile,
    RuntimeError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)

MOST_BYTES = 200 * 2**20  # of one day
MOST_INFLATED = 200 * 2**20  # bytes of one file of a zip that is cut off
_CUT_OFF = "the zip ends before its list of files: what is whole in it was read"
_DEEPEST = 4  # folders between the one that is given and a file
_PIECE = 4_096  # bytes inflated at a time: where one is spoiled, what came before is not lost
# A zip need not say in which code its names are, and an unpacked one may have them wrong.
_CODE_PAGES = (
    *("utf-8", "cp437", "cp932", "gb18030", "cp950", "cp949", "cp1252", "cp1251", "cp866"),
    *("cp850", "cp1250", "cp852", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "koi8-r"),
    *("cp737", "cp857", "cp862", "cp720", "cp864", "cp1257", "cp775", "cp1258", "euc_jp", "koi8-u"),
    *("cp860", "cp863", "cp865", "cp869", "cp855", "mac_roman", "mac_cyrillic"),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file, and how it is read: its bytes, and why they may not be all."""

    size: int
    read: Callable[[], tuple[bytes, str]]


Files = Mapping[str, File]


@contextmanager
def open_files(path: Path) -> Iterator[tuple[Files, str]]:
    """The export's files by their paths in it, and why they may not be all. Raises ArchiveError.

    A day's file can be given alone.
    """
    if path.is_dir():
        with archive_errors(path):
            found = _in_export(_unpacked(path))
        yield found, ""
        return
    if path.suffix.lower() == ".json":
        with open_archive(path, EXPECTED):
            yield {path.name: File(path.stat().st_size, partial(_whole, path))}, ""
        return
    with open_archive(path, EXPECTED) as stream:
        try:
            zip_ = ZipFile(stream)
        except BROKEN_ZIP as error:
            members = list(find_members(stream, MOST_INFLATED))
            if not members:
                raise ArchiveError(path=path, reason=f"{reason_of(error)}; {EXPECTED}") from error
            yield _in_export(_cut(stream, members)), _CUT_OFF
        else:
            with zip_:
                _refuse_encrypted(path, zip_)
                yield _in_export(_packed(zip_)), ""


def read_entries(file: File) -> tuple[Iterator[Entry], str]:
    """A file's entries, and why they may not be all. Raises ValueError, and what zips raise."""
    if file.size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 2**20} MB")
    raw, fault = file.read()
    try:
        return read_list(decode(raw)), fault
    except ValueError as error:
        raise ValueError(fault or str(error)) from None


def reason_of(error: Exception) -> str:
    """An error of a zip or a file, as the end of a sentence."""
    text = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return text[:1].lower() + text[1:]


def _unpacked(path: Path) -> Iterator[tuple[str, File]]:
    """What a link leads to outside of the folder is not part of the export."""
    root = path.resolve()
    for folder, folders, names in os.walk(path):
        within = Path(folder).relative_to(path)
        folders[:] = sorted(folders) if len(within.parts) < _DEEPEST else []
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith(".json") and file.is_file() and file.resolve().is_relative_to(root):
                yield (within / name).as_posix(), File(file.stat().st_size, partial(_whole, file))


def _whole(file: Path) -> tuple[bytes, str]:
    return file.read_bytes(), ""


def _refuse_encrypted(path: Path, zip_: ZipFile) -> None:
    if any(info.flag_bits & 1 for info in zip_.infolist()):
        raise ArchiveError(
            path=path,
            reason="it is encrypted: unpack it with its password, and import the folder",
        )


def _cut(stream: BinaryIO, members: Iterable[Member]) -> Iterator[tuple[str, File]]:
    for member in members:
        yield member.name, File(member.size, partial(read_member, stream, member))


def _packed(zip_: ZipFile) -> Iterator[tuple[str, File]]:
    for info in zip_.infolist():
        if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
            yield info.orig_filename, File(info.file_size, partial(_member, zip_, info))


def _member(zip_: ZipFile, info: ZipInfo) -> tuple[bytes, str]:
    """A file of the zip: as much of it as is sound.

    ZipFile.read() would inflate a bomb that lies about its size; this stops at that size.
    """
    pieces: list[bytes] = []
    left = info.file_size
    try:
        with zip_.open(info) as member:
            while left > 0 and (piece := member.read(min(left, _PIECE))):
                pieces.append(piece)
                left -= len(piece)
    except (OSError, *BROKEN_ZIP) as error:
        return b"".join(pieces), reason_of(error)
    return b"".join(pieces), ""


def _in_export(found: Iterable[tuple[str, File]]) -> Files:
    """The files from the folder in which the export begins: some are packed again in one."""
    files: dict[str, File] = {}
    for name, file in found:
        for spelling in _spellings(name):
            if _is_sound(spelling):
                files.setdefault(spelling, file)
    start = _beginning(files)
    within = {
        name.removeprefix(start): file for name, file in files.items() if name.startswith(start)
    }
    for name in sorted(files):  # in an export of several workspaces it may stand above them
        if name.rpartition("/")[2] == PEOPLE[1]:
            within.setdefault(PEOPLE[1], files[name])
    return within


def _beginning(files: Iterable[str]) -> str:
    """The folder of the lists; where there are none, that in which the channels' folders are."""
    last = {name: name.rpartition("/")[2] for name in files}
    lists = [name for name in last if last[name] in LISTS]
    lists = lists or [name for name in last if last[name] in PEOPLE[:1]]
    found = lists or [name for name in last if DAY.fullmatch(last[name])]
    first = min(found, key=lambda name: (name.count("/"), len(name)), default="")
    above = first.split("/")[: -1 if lists else -2]
    return "".join(f"{folder}/" for folder in above)


def _is_sound(name: str) -> bool:
    """Not what macOS adds for itself, and no way out of the export."""
    parts = name.split("/")
    return not ({"__MACOSX", "..", ""} & set(parts) or parts[-1].startswith("."))


def _spellings(name: str) -> Iterator[str]:
    """A name as it may have been meant: in each code page in which it may have been written."""
    yield _tidy(name)
    if name.isascii():
        return
    try:
        raw = name.encode("cp437")  # as a zip's names are read that do not say their code
    except UnicodeEncodeError:
        raw = os.fsencode(name) if any("\udc80" <= one <= "\udcff" for one in name) else b""
    for page in _CODE_PAGES if raw else ():
        try:
            yield _tidy(raw.decode(page))
        except UnicodeDecodeError:
            continue


def _tidy(name: str) -> str:
    """Composed characters, and slashes as in a path that begins in the export."""
    path = normalize("NFC", name).replace("\\", "/")
    return "/".join(part for part in path.split("/") if part != ".").lstrip("/")
