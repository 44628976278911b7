"""What is to be imported: a file, a folder, what is packed, or standard input; and its format."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.archives.known_others import what_else
from bot.archives.reading import archive_errors
from bot.archives.unpacking import Unpacked, kept, unpacked
from bot.config import plugins
from bot.domain.archives import ArchivedDocument
from bot.domain.errors import ArchiveError, PluginError
from bot.domain.findings import BadLine
from bot.domain.model import Channel, Message
from bot.telemetry.logs import tell_operator

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """What is read, and by which format."""

    files: Unpacked
    archive: Any
    """An Archive; a stranger's may have `read` alone."""
    format: str

    def entries(self, chosen: Sequence[Channel]) -> Iterator[Message | BadLine]:
        """What was said in these channels, each message with its own; first what is not unpacked.

        A format without channels is read into the first of them.
        """
        path = self.files.path
        yield from (BadLine(str(path), 0, fault) for fault in self.files.faults)
        if hasattr(self.archive, "read_channels"):
            yield from self.archive.read_channels(path, chosen)
        else:
            yield from self.archive.read(path, chosen[0])

    def documents(
        self, chosen: Sequence[Channel], complain: Callable[[BadLine], None]
    ) -> Iterator[tuple[Channel, ArchivedDocument]]:
        """What was read of these channels' files, in the formats that hold it."""
        if not hasattr(self.archive, "documents"):
            return
        for found in self.archive.documents(self.files.path, chosen):
            if isinstance(found, BadLine):
                complain(found)
            else:
                yield found


@contextmanager
def opened_source(given: str, format: str) -> Iterator[Source]:
    """The source as it can be read, for as long as the block lasts. Raises ArchiveError."""
    with ExitStack() as stack:
        path, shown = Path(given), given
        if given == STANDARD_INPUT:
            path, shown = (
                stack.enter_context(kept(sys.stdin.buffer, "standard input")),
                "standard input",
            )
        elif path.exists() and not (path.is_file() or path.is_dir()):
            with archive_errors(path):
                path = stack.enter_context(kept(stack.enter_context(path.open("rb")), given))
        try:
            yield _recognized(stack, path, shown, format)
        except ArchiveError as error:
            reason = error.details["reason"]
            told = str(error.details["path"]).replace(str(path), shown, 1)
            raise ArchiveError(path=told, reason=reason) from None


def _recognized(stack: ExitStack, path: Path, shown: str, format: str) -> Source:
    archives = _archives(format)
    with archive_errors(path):
        path.stat()
    packed = Unpacked(path, shown)
    if format and not hasattr(archives[format], "recognizes"):
        return Source(packed, archives[format], format)
    if found := _fitting(archives, path):
        return Source(packed, *_only(found, packed))
    files = stack.enter_context(unpacked(path, shown))
    if files.path != path and (found := _fitting(archives, files.path)):
        return Source(files, *_only(found, files))
    if format:
        return Source(files, archives[format], format)  # it says itself what it would expect
    raise ArchiveError(path=path, reason=_unknown(files.path, archives))


def _archives(format: str) -> dict[str, Any]:
    """The formats that can be told, or the one that was named. Those that do not load are told."""
    found: dict[str, Any] = {}
    for name in [format] if format else plugins.names("archive"):
        try:
            found[name] = plugins.load("archive", name)()
        except PluginError as error:
            if format:
                raise
            tell_operator(str(error))
    return found


def _fitting(archives: dict[str, Any], path: Path) -> list[tuple[Any, str]]:
    return [
        (archive, name)
        for name, archive in archives.items()
        if hasattr(archive, "recognizes") and archive.recognizes(path)
    ]


def _only(found: list[tuple[Any, str]], files: Unpacked) -> tuple[Any, str]:
    if len(found) > 1:
        names = ", ".join(name for _, name in found)
        raise ArchiveError(
            path=files.path, reason=f"it holds several formats ({names}): choose with --format"
        )
    return found[0]


def _unknown(path: Path, archives: dict[str, Any]) -> str:
    if path.is_file() and not path.stat().st_size:
        return "it is empty"
    if path.is_dir() and not any(path.iterdir()):
        return "there is nothing in it"
    formats = ", ".join(archives)
    return what_else(path) or (
        f"it is of no format that is known here ({formats}); `nellie import --help` says more"
    )
