"""Fetching a file from where it was posted, onto this machine: so much of it, for so long."""

import asyncio
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.domain.documents import NotReadable, PostedFile
from bot.domain.ports import Adapter
from bot.store.file_claims import ClaimedFile
from bot.store.uploads import Uploads, is_upload

PIECE = 2**16  # bytes that are read at once of an operator's file
_HEAD = 512  # bytes that show what a file is
_PAGE = re.compile(rb"\s*(?:<!--.{0,200}?-->\s*)?<(?:!doctype html|html|head)\b", re.I | re.S)
_MAY_BE_A_PAGE = re.compile(r"text/|html|xml|octet-stream|^$")
_NAMED_PAGE = re.compile(r"\.(?:x?html?|mht|php|aspx?|jsp)$", re.I)

TOO_LARGE = "it is larger than {megabytes} MB"
LOGIN_PAGE = "the platform sent a web page in its place, as it does where a right is missing"


class TooLarge(NotReadable):
    """There is more of it than is read."""


class NotTakenIn(Exception):
    """This machine has no room for it, or the like; the text says what, for people."""


class FetchedFile:
    """A file on its way here: what came of it so far stands in `path`."""

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.media_type = ""
        """What who handed it over called its type; empty where they did not say."""
        self.head = b""
        self._most = most
        self._hash = hashlib.sha256()
        self._size = 0
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def add(self, piece: bytes) -> None:
        """Take what has come. Raises TooLarge and NotTakenIn."""
        self._size += len(piece)
        self.check_size(self._size)
        if len(self.head) < _HEAD:
            self.head += piece[: _HEAD - len(self.head)]
        self._hash.update(piece)
        left = memoryview(piece)
        try:
            while left:
                left = left[os.write(self.descriptor, left) :]
        except OSError as error:
            raise NotTakenIn(error.strerror or type(error).__name__) from error

    def check_size(self, size: int) -> None:
        """Raises TooLarge."""
        if size > self._most:
            raise TooLarge(TOO_LARGE.format(megabytes=self._most >> 20))

    @property
    def sha256(self) -> str:
        """Of all that came."""
        return self._hash.hexdigest()

    def close(self) -> None:
        """All of it is here."""
        os.close(self.descriptor)


FetchLink = Callable[[str, FetchedFile], Awaitable[None]]
"""Fetches what stands at an address. Raises NotReadable, whose text is for people."""


@contextmanager
def fetched_file(folder: Path, most: int) -> Iterator[FetchedFile]:
    """A file of at most so many bytes, which is gone after the block."""
    folder.mkdir(mode=0o700, exist_ok=True)  # whatever clears old files may have been here
    path = folder / os.urandom(8).hex()
    try:
        file = FetchedFile(path, most)
        try:
            yield file
        finally:
            file.close()
    finally:
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where files are fetched from: platforms, the web, our own database, and this disk."""

    adapters: Mapping[str, Adapter]
    fetch_link: FetchLink
    uploads: Uploads

    async def fetch(self, claimed: ClaimedFile, into: FetchedFile) -> None:
        """All of a file. Raises NotReadable, and anything else where it may work later."""
        into.check_size(claimed.file.size)
        match claimed.origin:
            case "post" if is_upload(claimed.file):
                async for piece in self.uploads.open(claimed.channel_id, claimed.file.id):
                    into.add(piece)
            case "post":
                await self._fetch_post(claimed, into)
            case "link":
                await self.fetch_link(claimed.file.id, into)
            case "operator":
                await _copy(Path(claimed.file.id), into)

    async def _fetch_post(self, claimed: ClaimedFile, into: FetchedFile) -> None:
        adapter = self.adapters[claimed.channel.platform]
        pieces = adapter.open_file(claimed.channel, claimed.message_id, claimed.file)
        async with aclosing(pieces):  # type: ignore[type-var]  # a generator, as all of them are
            async for piece in pieces:
                into.add(piece)
        if is_login_page(claimed.file, into.head):
            raise NotReadable(LOGIN_PAGE, mendable=True)


def is_login_page(file: PostedFile, head: bytes) -> bool:
    """Whether a web page came where something else was posted."""
    is_page = _MAY_BE_A_PAGE.search(file.media_type.lower()) or _NAMED_PAGE.search(file.name)
    return not is_page and _PAGE.match(head) is not None


async def _copy(path: Path, into: FetchedFile) -> None:
    """A file of this machine, as it stands now."""
    try:
        file = await asyncio.to_thread(_open_plain, path)
    except PermissionError:
        raise NotReadable("this user may not read it") from None
    except OSError:
        raise NotReadable("it is not there any more") from None
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            into.add(piece)


def _open_plain(path: Path) -> BinaryIO:
    if not path.is_file():  # a pipe would be waited for
        raise FileNotFoundError(path)
    return path.open("rb")
