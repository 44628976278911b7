"""Files attached to a message: text is read, within limits; every other file is named."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass

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
    blocks = [_read(file, too_many, seconds) for file, too_many in _counted(files)]
    return _clip("\n".join(await asyncio.gather(*blocks)))


def name_files(names: Iterable[str]) -> str:
    """The files of a message by name alone, where none is to be read."""
    return "\n".join(f"[file: {_shown(name)}]" for name in names)


def _counted(files: Iterable[AttachedFile]) -> Iterator[tuple[AttachedFile, bool]]:
    """Each file, and whether it is one too many; what cannot be read does not count."""
    readable = 0
    for file in files:
        readable += not _reason_against(file)
        yield file, readable > MOST_FILES


async def _read(file: AttachedFile, too_many: bool, seconds: float) -> str:
    name = _shown(file.name)
    try:
        return f"[file: {name}]\n{await _text(file, too_many, seconds)}".rstrip()
    except NotRead as error:
        return f"[file: {name}, not read: {error}]"


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
    return clean(content.decode("utf-8", errors="replace")).strip()


def _reason_against(file: AttachedFile) -> str:
    """Why a file is not even asked for; "" where it is."""
    if not file.is_text:
        return file.kind or "it is not text"
    return _TOO_LARGE if file.size > MOST_BYTES else ""


_TOO_LARGE = f"it has more than {MOST_BYTES // 1000} kB"


def _shown(name: str) -> str:
    return " ".join(clean(name).split())[:LONGEST_NAME] or "without a name"


def _clip(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return (
        f"{text[: find_boundary(text, MOST_CHARACTERS)]}\n[the rest was not read: it is too long]"
    )
