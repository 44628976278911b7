"""A channel's history comes in, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.core.acceptance import Acceptance
from bot.core.backfill import BATCH
from bot.core.message_checks import checked
from bot.domain.archives import ArchivedDocument
from bot.domain.errors import Refused
from bot.domain.model import Channel, Message
from bot.domain.ports import Archive, BadLine
from bot.store.archived_documents import ArchivedDocuments
from bot.store.database import Database
from bot.store.stores import Stores
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted

AHEAD = timedelta(days=1)  # of our clock: more is no time at which somebody has said something
MOST_WAITING = 5 * BATCH  # messages of all channels
MOST_TOLD = 100  # entries that cannot be read, one by one
LARGEST_BATCH = 500_000  # characters stored in one transaction: others wait for it


class Parts(Protocol):
    """What takes it in: a running Nellie."""

    @property
    def acceptance(self) -> Acceptance: ...
    @property
    def database(self) -> Database: ...
    @property
    def stores(self) -> Stores: ...


@dataclass(slots=True)
class ImportResult:
    """What an import did."""

    new: int = 0
    known: int = 0
    forgotten: int = 0
    """Which stay so: what was forgotten does not come back by the same file."""
    bad: int = 0
    documents: int = 0
    """What was read of files; they came in, or were there."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What the archive's reader left out as nobody said it, by its kind."""

    def __str__(self) -> str:
        parts = [f"{self.new:,} imported"]
        if self.known:
            parts.append(f"{self.known:,} known already")
        if self.forgotten:
            was, stays = ("was", "stays") if self.forgotten == 1 else ("were", "stay")
            parts.append(f"{self.forgotten:,} {was} forgotten here and {stays} forgotten")
        if self.documents:
            parts.append(f"with {counted(self.documents, 'document')}")
        if self.bad:
            parts.append(f"{self.bad:,} not to be read (listed above)")
        return ", ".join(parts)


async def import_archive(
    nellie: Parts,
    archive: Archive,
    path: Path,
    channel: Channel,
    *,
    progress: Callable[[int, int | None], None],
    complain: Callable[[BadLine], None],
) -> ImportResult:
    """Import an archive of one channel. Raises ArchiveError when it is not of that format."""
    complaints = Complaints(tell=complain)
    entries = checked_entries(archive.read(path, channel), path, complaints)
    results = await import_entries(nellie, entries, progress=lambda done: progress(done, None))
    result = results.get(channel, ImportResult())
    result.bad = complaints.count
    result.skipped = Counter(getattr(archive, "skipped", {}))
    return result


async def import_entries(
    nellie: Parts, messages: Iterable[Message], *, progress: Callable[[int], None]
) -> dict[Channel, ImportResult]:
    """Import messages of any channels, a batch of one channel at a time."""
    results: dict[Channel, ImportResult] = {}
    waiting: dict[Channel, list[Message]] = {}
    size = done = 0

    async def store(channel: Channel) -> None:
        batch = waiting.pop(channel)
        await import_batch(nellie, channel, batch, results.setdefault(channel, ImportResult()))

    for done, message in enumerate(messages, 1):
        batch = waiting.setdefault(message.channel, [])
        batch.append(message)
        size += len(message.text)
        if len(batch) == BATCH:
            await store(message.channel)
            progress(done)
        if size > LARGEST_BATCH or sum(map(len, waiting.values())) > MOST_WAITING:
            for channel in list(waiting):
                await store(channel)
            size = 0
            progress(done)
    for channel in list(waiting):
        await store(channel)
    progress(done)
    if any(result.new for result in results.values()):
        await nellie.database.analyze()
    return results


async def import_batch(
    nellie: Parts, channel: Channel, batch: Sequence[Message], result: ImportResult
) -> None:
    """Import checked messages of one channel, and count them."""
    new = await nellie.acceptance.bring(batch)
    known = [message.id for message in batch if message.id not in new]
    result.new += len(new)
    result.known += len(batch) - len(new)
    if known:
        channel_id = await nellie.stores.channels.id(channel)
        forgotten = await nellie.stores.messages.count_forgotten(channel_id, known)
        result.forgotten += forgotten
        result.known -= forgotten


class Complaints:
    """Entries that cannot be read: the first are told one by one, all are counted."""

    def __init__(
        self,
        show: Callable[[str], str] = str,
        *,
        tell: Callable[[BadLine], None] | None = None,
    ) -> None:
        self.count = 0
        self._show = show
        self._tell = tell or self._tell_operator
        self._last: BadLine | None = None

    def add(self, bad: BadLine) -> None:
        """Note one; the same of a file that is read for several channels counts once."""
        if bad != self._last:
            self.count += 1
            self._last = bad
            self._tell(bad)

    def tell_more(self) -> None:
        """How many there are beyond those that were told."""
        if self.count > MOST_TOLD:
            tell_operator(f"and {self.count - MOST_TOLD:,} more that cannot be read")

    def _tell_operator(self, bad: BadLine) -> None:
        if self.count <= MOST_TOLD:
            tell_operator(f"{self._show(bad.path)}:{bad.line}: {bad.reason}")


def checked_entries(
    entries: Iterable[Message | BadLine], path: Path, complaints: Complaints
) -> Iterator[Message]:
    """The entries that can be stored."""
    for number, item in enumerate(entries, 1):
        entry = item if isinstance(item, BadLine) else _check(item, path, number)
        if isinstance(entry, BadLine):
            complaints.add(entry)
        else:
            yield entry


def _check(message: Message, path: Path, number: int) -> Message | BadLine:
    try:
        if message.at.tzinfo and message.at > datetime.now(UTC) + AHEAD:
            raise Refused(reason=f"its time is yet to come ({message.at:%Y-%m-%d %H:%M}).")
        return checked(message)
    except Refused as error:
        return BadLine(str(path), number, f"{error} (its id: {message.id[:80]})")


async def import_documents(
    nellie: Parts, documents: Iterable[tuple[Channel, ArchivedDocument]]
) -> Counter[Channel]:
    """Import what was read of files, behind the messages; returns how many came in, by channel."""
    count = Counter[Channel]()
    store = ArchivedDocuments(nellie.database)
    for channel, document in documents:
        channel_id = await nellie.stores.channels.id(channel)
        count[channel] += await store.bring(channel_id, channel.platform, document)
    return count
