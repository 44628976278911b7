"""Files of this machine in a channel: what is new is read, what is gone is taken out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from bot.documents.folders import Found, LocalFile
from bot.documents.queue import ReadingQueue
from bot.documents.temporary import private_folder
from bot.domain.documents import FilePost
from bot.domain.errors import CommandError
from bot.domain.model import Author
from bot.store.file_edits import FileEdits
from bot.store.posted_files import PostedFiles
from bot.store.stores import Stores
from bot.text.plurals import counted
from bot.text.sanitize import clean

OPERATOR = Author("", "operator")
AT_ONCE = 500  # files that are added in one statement
READERS = 2  # files that are read side by side
LOOK = 2.0  # seconds between looks at what another process is reading
KNOWN = 1_000_000  # files of a channel that are compared
EMPTIED = (
    "{root} holds no file any more, and {count} came from there. If that is meant, /docs forget"
    " or nellie docs forget takes them out."
)


@dataclass(slots=True, kw_only=True)
class Changes:
    """What becomes of a channel's documents with a folder as it is now."""

    new: list[LocalFile] = field(default_factory=list)
    changed: list[LocalFile] = field(default_factory=list)
    same: int = 0
    gone: list[FilePost] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    """By its path: why a file could not be taken, or read."""

    @property
    def to_read(self) -> list[LocalFile]:
        """What is to be read."""
        return [*self.new, *self.changed]

    @property
    def read(self) -> list[LocalFile]:
        """What of it was read, once it is carried out."""
        return [file for file in self.to_read if file.path not in self.faults]

    def told(self, *, planned: bool = False) -> str:
        """What was done, or is `planned`, in a line."""
        parts = [
            f"{counted(len(self.read), 'file')} {'to read' if planned else 'read'}",
            f"{self.same:,} as before" if self.same else "",
            f"{len(self.gone):,} {'to take out' if planned else 'taken out'}" if self.gone else "",
            f"{len(self.faults):,} not to be read" if self.faults else "",
        ]
        return ", ".join(filter(None, parts))


Progress = Callable[[int, int | None], None]


def untold(done: int, total: int | None) -> None:
    """Progress that nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFiles:
    """Adds what whoever operates Nellie names on their own machine."""

    files: PostedFiles
    edits: FileEdits
    queue: ReadingQueue

    @classmethod
    def on(cls, stores: Stores, queue: ReadingQueue) -> Self:
        """On the stores of a replica, which reads them itself: no other sees this disk."""
        queue = replace(queue, origins=("operator",), platforms=())
        return cls(files=stores.posted_files, edits=stores.file_edits, queue=queue)

    async def compare(
        self, channel_id: int | None, found: Found, progress: Progress = untold
    ) -> Changes:
        """What is new, changed, as before, and gone of what was added from there.

        Raises CommandError where nothing is left: it may be a disk that is not there.
        """
        known = {one.file.id: one for one in await self._known(channel_id, found.root)}
        if known and not (found.files or found.faults):
            documents = counted(len(known), "document")
            raise CommandError(reason=EMPTIED.format(root=clean(str(found.root)), count=documents))
        changes = Changes(faults=dict(found.faults))
        for number, file in enumerate(found.files):
            progress(number, len(found.files))
            await self._compare_one(file, known.get(file.path), changes)
        there = {file.path for file in found.files} | found.faults.keys()
        changes.gone = [post for path, post in known.items() if path not in there]
        return changes

    async def carry_out(
        self, channel_id: int, root: Path, changes: Changes, progress: Progress = untold
    ) -> None:
        """Take out what is gone, and read what is to be read; `changes` says what was not."""
        for post in changes.gone:
            await self.edits.forget(channel_id, [post.seq], post.file.id)
        to_read = changes.to_read
        for first in range(0, len(to_read), AT_ONCE):
            posted = [file.posted for file in to_read[first : first + AT_ONCE]]
            await self.files.add(channel_id, posted, origin="operator", author=OPERATOR)
        await self._read(channel_id, root, len(to_read), progress)
        asked = {file.path for file in to_read}
        for post in await self._known(channel_id, root):
            if post.file.id in asked and post.state != "read":
                changes.faults[post.file.id] = post.note or "it was not read"

    async def _compare_one(self, file: LocalFile, known: FilePost | None, changes: Changes) -> None:
        try:
            if known is None:
                changes.new.append(file)
            elif known.state == "read" and known.sha256 == await asyncio.to_thread(file.sha256):
                changes.same += 1
            else:
                changes.changed.append(file)
        except OSError as error:
            changes.faults[file.path] = error.strerror or type(error).__name__

    async def _known(self, channel_id: int | None, root: Path) -> Sequence[FilePost]:
        if channel_id is None:
            return ()
        posts = await self.files.in_channel(channel_id, limit=KNOWN)
        return [
            one for one in posts if one.origin == "operator" and _is_below(one.file.id, str(root))
        ]

    async def _is_being_read(self, channel_id: int, root: Path) -> bool:
        """Whether another process has some of it; if that was killed, it comes here."""
        known = await self._known(channel_id, root)
        return any(post.state == "waiting" and not post.note for post in known)

    async def _read(self, channel_id: int, root: Path, total: int, progress: Progress) -> None:
        done = 0

        async def read_all(folder: Path) -> None:
            nonlocal done
            while True:
                while await self.queue.read_next(folder, channel_id=channel_id, under=str(root)):
                    done += 1
                    progress(min(done, total), total)
                if not await self._is_being_read(channel_id, root):
                    return
                await asyncio.sleep(LOOK)

        with private_folder() as folder:
            tasks = [asyncio.create_task(read_all(folder)) for _ in range(READERS)]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root.rstrip('/')}/")
