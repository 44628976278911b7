"""Formats of which each file is told by itself: its format, and its channels."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from bot.archives.reading import ArchiveIterator, choose_channel
from bot.archives.recognizing import Head, any_file, files_in, read_head
from bot.archives.zones import zone_name
from bot.domain.archives import Archive
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message

OTHER_FILES = "other files"


def own_channel(name: str) -> Channel:
    """A channel of one's own, for what comes from a place that Nellie is not in."""
    name = " ".join(name.split()).strip("#").strip() or "imported"
    return Channel("console", "local", name, name)


class FileArchive(Archive):
    """Subclass it with `expected`, `fits`, `channels_of` and `read_file`."""

    expected: str
    """What a file must be like, as the end of a sentence."""

    def __init__(self) -> None:
        self.skipped = Counter[str]()
        """What was not read as nobody said it, by its kind."""
        self.notes: list[str] = []
        """What was taken for granted, to be told."""
        self.zone: tzinfo | None = None
        """That of times without one, as it was given."""
        self._found: dict[Path, Sequence[Channel]] = {}

    def zoned(self, usual: tzinfo | None = None) -> tzinfo | None:
        """The zone of times without one, for bot.archives.zones.instant; it is told, once."""
        zone = self.zone or usual
        note = f"times that have no zone are taken as {zone_name(zone)}; --zone says another"
        if not self.zone and note not in self.notes:
            self.notes.append(note)
        return zone

    @abstractmethod
    def fits(self, head: Head) -> bool:
        """Whether a file is of this format."""

    @abstractmethod
    def channels_of(self, file: Path) -> Sequence[Channel]:
        """The channels of a file that fits. Raises ArchiveError."""

    @abstractmethod
    def read_file(self, file: Path, chosen: Collection[Channel]) -> ArchiveIterator:
        """What was said in the chosen channels of a file, oldest first."""

    def recognizes(self, path: Path) -> bool:
        """Whether it is a file of this format, or a folder that holds one."""
        return any_file(path, self.fits)

    def channels(self, path: Path) -> Sequence[Channel]:
        """The channels of all files, each once."""
        found = [channel for file in self._files(path) for channel in self._channels_once(file)]
        if not found:
            what = "no file of this format in it" if path.is_dir() else "it is something else"
            raise ArchiveError(path=path, reason=f"{what}; {self.expected}")
        return list(dict.fromkeys(found))

    def read(self, path: Path, channel: Channel) -> ArchiveIterator:
        """One of its channels, or the only one, as the given channel."""
        found = {one.id: one for one in self.channels(path)}
        names = {id_: one.name or id_ for id_, one in found.items()}
        chosen = found[choose_channel(path, names, channel)]
        for entry in self.read_channels(path, [chosen]):
            yield replace(entry, channel=channel) if isinstance(entry, Message) else entry

    def read_channels(self, path: Path, channels: Collection[Channel]) -> ArchiveIterator:
        """What was said in some of its channels, in one pass."""
        self.skipped.clear()
        self.notes.clear()
        chosen = set(channels)
        for file in self._files(path, count=True):
            if wanted := chosen & set(self._channels_once(file)):
                yield from self.read_file(file, wanted)

    def _channels_once(self, file: Path) -> Sequence[Channel]:
        if file not in self._found:
            self._found[file] = self.channels_of(file)
        return self._found[file]

    def _files(self, path: Path, *, count: bool = False) -> Iterator[Path]:
        for file in files_in(path):
            head = read_head(file)
            if not head.raw and file == path:
                raise ArchiveError(path=path, reason=f"it is empty; {self.expected}")
            if self.fits(head):
                yield file
            elif count:
                self.skipped[OTHER_FILES] += 1
