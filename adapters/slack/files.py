"""The files of a message, as Slack's events, history and exports describe them. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain.documents import PostedFile
from bot.text.json_fields import read_field

File = dict[str, Any]

TOMBSTONE = "tombstone"  # the mode of a deleted file
STUB = "check_file_info"  # the access of a file of which Slack Connect says nothing but its id
PAGES = {"canvas", "quip", "space", "post", "docs"}
"""The modes and types of what people write in Slack itself; it is handed over as a web page."""
_NAMED_BY_TITLE = PAGES | {"email", "list"}


def to_files(files: Iterable[File]) -> tuple[PostedFile, ...]:
    """Those that are still there."""
    return tuple(to_posted_file(file) for file in files if not is_deleted(file))


def to_posted_file(file: File) -> PostedFile:
    """One file. An address in an export carries a key of its own, which is not kept."""
    return PostedFile(
        id=string(file, "id"),
        name=_name(file),
        media_type="text/html" if is_page(file) else string(file, "mimetype"),
        size=_size(file),
        alt=string(file, "alt_txt"),
        address=next(addresses(file), "").partition("?")[0],
    )


def is_deleted(file: File) -> bool:
    """Whether somebody deleted it, and only its place is left."""
    return file.get("mode") == TOMBSTONE


def is_stub(file: File) -> bool:
    """Whether Slack has to be asked what it is."""
    return file.get("file_access") == STUB


def is_page(file: File) -> bool:
    """Whether it was written in Slack itself: a canvas, or a post as there were before."""
    return bool(PAGES & {file.get("mode"), file.get("filetype")})


def is_rewritable(file: File) -> bool:
    """Whether people can change what it says: all that is uploaded stays as it is."""
    return is_page(file) or file.get("mode") == "snippet" or file.get("editable") is True


def addresses(file: File) -> Iterator[str]:
    """Where Slack keeps it, the best first."""
    names = ("url_private_download", "url_private")
    yield from filter(None, (string(file, name) for name in names))


def string(file: File, key: str) -> str:
    """A text of a file; "" where it says none, or none that is a text."""
    return str(_field(file, key, str, ""))


def _name(file: File) -> str:
    by_title = bool(_NAMED_BY_TITLE & {file.get("mode"), file.get("filetype")})
    names = ("title", "name") if by_title else ("name", "title")
    return next(filter(None, (string(file, name) for name in names)), "")


def _size(file: File) -> int:
    return int(_field(file, "size", int, 0))


def _field(file: File, key: str, kind: type[Any], default: Any) -> Any:
    """A field of a file; one of the wrong type says nothing."""
    try:
        return read_field(file, key, kind, default)
    except ValueError:
        return default
