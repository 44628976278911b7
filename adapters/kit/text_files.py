"""Files attached to a message: text is read, within limits; every other file is named."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.text.encodings import decode_text
from bot.text.graphemes import find_boundary
from bot.text.sanitize import clean

MOST_FILES = 5  # files of one message that are read
MOST_BYTES = 100_000  # bytes of one file
MOST_CHARACTERS = 20_000  # characters of all files of one message
LONGEST_NAME = 120  # characters of a file's name

_TEXT_TYPES = {
    "application/javascript",
    "application/json",
    "application/sql",
    "application/toml",
    "application/x-sh",
    "application/x-yaml",
    "application/xml",
    "application/yaml",
}
_TEXT_NAME = re.compile(
    r"\.(?:c|cfg|conf|cpp|css|csv|diff|go|h|html|ini|java|js|json|jsonl|log|md|patch"
    r"|py|rb|rs|rst|sh|sql|toml|ts|txt|xml|ya?ml)\Z",
    re.IGNORECASE,
)

Download = Callable[[], Awaitable[bytes]]


class NotRead(Exception):
    """A file cannot be read. Its text is the reason that the notice gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file as the platform describes it."""

    name: str
    is_text: bool
    size: int
    """Bytes; 0 where the platform does not say."""
    download: Download
    """Fetches its bytes, at most MOST_BYTES + 1 of them. Raises NotRead."""
    kind: str = ""
    """What the platform calls its type ("PNG"), for the notice."""


def is_text(media_type: str, name: str = "") -> bool:
    """Whether a file's media type, or the ending of its name, says that people can read it."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES or bool(_TEXT_NAME.search(name))


async def read_text_files(files: Iterable[AttachedFile], *, seconds: float) -> str:
    """What the files say, each under its name, or why it was not read; "" without files.

    All are downloaded at the same time, within so many seconds.
    """
    reading = [_read(file, too_many, seconds) for file, too_many in _counted(files)]
    return "\n".join(_within_cap(await asyncio.gather(*reading)))


async def read_limited(read: Callable[[int], Awaitable[bytes]]) -> bytes:
    """What a stream holds, for `download`: a little more than MOST_BYTES where it holds more."""
    content = b""
    while len(content) <= MOST_BYTES and (more := await read(MOST_BYTES + 1 - len(content))):
        content += more
    return content


def name_files(names: Iterable[str]) -> str:
    """The files of a message by name alone, where none is to be read."""
    return "\n".join(f"[file: {_shown(name)}]" for name in names)


def _counted(files: Iterable[AttachedFile]) -> Iterator[tuple[AttachedFile, bool]]:
    """Each file, and whether it is one too many; what cannot be read does not count."""
    readable = 0
    for file in files:
        readable += not _reason_against(file)
        yield file, readable > MOST_FILES


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a file, or why it was not."""

    name: str
    text: str = ""
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"[file: {self.name}, not read: {self.reason}]"
        return f"[file: {self.name}]\n{self.text}".rstrip()


async def _read(file: AttachedFile, too_many: bool, seconds: float) -> _Read:
    name = _shown(file.name)
    try:
        return _Read(name, await _text(file, too_many, seconds))
    except NotRead as error:
        return _Read(name, reason=str(error))


async def _text(file: AttachedFile, too_many: bool, seconds: float) -> str:
    if reason := _reason_against(file) or ("too many files" if too_many else ""):
        raise NotRead(reason)
    try:
        async with asyncio.timeout(seconds):
            content = await file.download()
    except TimeoutError:
        raise NotRead("it took too long") from None
    if len(content) > MOST_BYTES:
        raise NotRead(_TOO_LARGE)
    return clean(decode_text(content)).strip()


def _reason_against(file: AttachedFile) -> str:
    """Why a file is not even asked for; "" where it is."""
    if not file.is_text:
        return file.kind or "it is not text"
    return _TOO_LARGE if file.size > MOST_BYTES else ""


_TOO_LARGE = f"it has more than {MOST_BYTES // 1000} kB"


def _shown(name: str) -> str:
    return " ".join(clean(name).split())[:LONGEST_NAME] or "without a name"


def _within_cap(files: Iterable[_Read]) -> Iterator[str]:
    """The files in their order, cut where all are too long together; each is named at least."""
    left = MOST_CHARACTERS
    for file in files:
        if not file.text:
            yield str(file)
        elif len(block := str(file)) <= left:
            left -= len(block) + 1
            yield block
        elif shown := _begin(file.text, left - len(block) + len(file.text)):
            left = 0
            yield f"{replace(file, text=shown)}\n[the rest was not read: it is too long]"
        else:
            yield str(_Read(file.name, reason="what is before it is too long"))


def _begin(text: str, length: int) -> str:
    return text[: find_boundary(text, length)].strip() if length > 0 else ""
