"""A zip file whose entries are read in memory, within measure; nothing is laid out on a disk."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from bot.documents.limits import MB
from bot.documents.source import TOO_DENSE, Source
from bot.documents.xml_events import Event, read_xml
from bot.domain.documents import NotReadable
from bot.text.encodings import NAMED_IN_UTF8, read_zip_name

PIECE = 2**16
ALWAYS = 10 * MB  # which every entry may have
MOST_RATIO = 200  # times that an entry may grow beyond; real ones grow up to a hundred times
DAMAGED = "it is cut off or damaged"
PROTECTED = "it is protected by a password"
_BROKEN = (
    *(BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError, OverflowError),
)


class Package:
    """The entries by their names, with slashes as they should be."""

    def __init__(self, source: Source) -> None:
        self._session = source.session
        try:
            self._zip = ZipFile(BytesIO(source.data))
        except _BROKEN as error:
            raise NotReadable(DAMAGED) from error
        infos = self._zip.infolist()
        if len(infos) > self._session.limits.entries:
            raise NotReadable(f"it holds more than {self._session.limits.entries:,} files")
        self.entries = {_tidy(info.filename): info for info in infos if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def pieces(self, name: str) -> Iterator[bytes]:
        """What an entry holds; nothing where there is none. Raises NotReadable."""
        info = self.entries.get(name)
        if info is None:
            return
        if info.flag_bits & 1:
            raise NotReadable(PROTECTED)
        try:
            yield from self._unpack(info)
        except _BROKEN as error:
            raise NotReadable(DAMAGED) from error

    def _unpack(self, info: ZipInfo) -> Iterator[bytes]:
        size, most = 0, max(ALWAYS, info.compress_size * MOST_RATIO)
        with self._zip.open(info) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > most:
                    raise NotReadable(TOO_DENSE)
                self._session.unpack(len(piece))
                yield piece

    def read(self, name: str) -> bytes:
        """All of an entry."""
        return b"".join(self.pieces(name))

    def events(self, name: str) -> Iterator[Event]:
        """An entry that is XML; nothing where there is none."""
        return read_xml(self.pieces(name)) if name in self.entries else iter(())

    def mentions(self, name: str, word: bytes) -> bool:
        """Whether a word stands in an entry."""
        end = b""
        for piece in self.pieces(name):
            if word in end + piece:
                return True
            end = piece[-len(word) :]
        return False


def shown_name(info: ZipInfo) -> str:
    """An entry's name, for people."""
    return read_zip_name(info.orig_filename, says_utf8=bool(info.flag_bits & NAMED_IN_UTF8))


def _tidy(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")
