"""`nellie import` and `nellie export`: a channel's history, a batch at a time."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import typer

from bot import bootstrap
from bot.archives.jsonl import to_json_line
from bot.bootstrap import Nellie
from bot.cli.channel_names import find_channel, find_or_import, label
from bot.cli.progress import ProgressCallback, show_progress
from bot.config import plugins, settings
from bot.core.backfill import BATCH
from bot.core.message_checks import checked
from bot.domain.errors import Refused, SettingsError
from bot.domain.model import Channel, Message
from bot.domain.ports import Archive, BadLine
from bot.store import open_database
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages
from bot.telemetry.logs import tell_operator

AHEAD = timedelta(days=1)  # of our clock: more is no time at which somebody has said something
LARGEST_BATCH = 500_000  # characters stored in one transaction: others wait for it


async def import_history(format: str, path: Path, name: str, *, new: bool) -> None:
    """Import an archive, show the progress, and report every bad line."""
    archive = plugins.load("archive", format)()
    async with bootstrap.running(settings.load(), scheduled=False) as nellie:
        channel = await find_or_import(nellie.stores.channels, name, new=new)
        with show_progress("Importing") as progress:
            result = await import_archive(
                nellie, archive, path, channel, progress=progress, complain=_report
            )
    if result.skipped:
        tell_operator(f"not read, as nobody said it: {result.left_out}")
    typer.echo(f"{label(channel)}: {result}")


async def export_history(name: str, output: Path | None) -> None:
    """Export a channel and show the progress."""
    async with open_database.migrated_database(settings.load()) as database:
        channel = (await find_channel(Channels(database), name)).channel
        with show_progress("Exporting") as progress:
            count = await export_channel(database, channel, output, progress=progress)
    tell_operator(f"{label(channel)}: {count:,} exported")


def _report(bad: BadLine) -> None:
    tell_operator(f"{bad.path}:{bad.line}: {bad.reason}")


@dataclass(slots=True)
class ImportResult:
    """What an import did."""

    new: int = 0
    known: int = 0
    bad: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """What the archive's reader left out as nobody said it, by its kind."""

    def __str__(self) -> str:
        parts = [f"{self.new:,} imported"]
        if self.known:
            parts.append(f"{self.known:,} known already")
        if self.bad:
            parts.append(f"{self.bad:,} not to be read (listed above)")
        return ", ".join(parts)

    @property
    def left_out(self) -> str:
        """What was skipped, the most frequent first."""
        return ", ".join(f"{count:,} {kind}" for kind, count in self.skipped.most_common())


async def import_archive(
    nellie: Nellie,
    archive: Archive,
    path: Path,
    channel: Channel,
    *,
    progress: ProgressCallback,
    complain: Callable[[BadLine], None],
) -> ImportResult:
    """Import an archive. Raises ArchiveError when it is not of the archive's format."""
    result = ImportResult()
    batch: list[Message] = []
    size = 0

    async def store() -> None:
        new = await nellie.acceptance.remember(batch)
        result.new += new
        result.known += len(batch) - new
        batch.clear()
        progress(result.new + result.known, None)

    for number, item in enumerate(archive.read(path, channel), 1):
        entry = item if isinstance(item, BadLine) else _check(item, path, number)
        if isinstance(entry, BadLine):
            result.bad += 1
            complain(entry)
        else:
            batch.append(entry)
            size += len(entry.text)
        if len(batch) == BATCH or size > LARGEST_BATCH:
            await store()
            size = 0
    await store()
    result.skipped = Counter(getattr(archive, "skipped", {}))
    if result.new:
        await nellie.database.analyze()
    return result


def _check(message: Message, path: Path, number: int) -> Message | BadLine:
    try:
        if message.at.tzinfo and message.at > datetime.now(UTC) + AHEAD:
            raise Refused(reason=f"its time is yet to come ({message.at:%Y-%m-%d %H:%M}).")
        return checked(message)
    except Refused as error:
        return BadLine(str(path), number, f"{error} (its id: {message.id[:80]})")


async def export_channel(
    database: Database, channel: Channel, path: Path | None, *, progress: ProgressCallback
) -> int:
    """Write a channel as JSON lines, to standard output without a path; returns how many."""
    channel_id = await Channels(database).find(channel)
    if channel_id is None:
        raise SettingsError(name="--channel", reason=f"nothing is remembered of {label(channel)}")
    messages = Messages(database)
    total, count = await messages.count(channel_id), 0
    with _open_output(path) as stream:
        async for message in messages.read_in_order(channel, channel_id):
            stream.write(to_json_line(message) + "\n")
            count += 1
            if count % BATCH == 0:
                progress(count, total)
    return count


@contextmanager
def _open_output(path: Path | None) -> Iterator[TextIO]:
    """Open a file that replaces a former one only when it was written to its end."""
    if path is None:
        with open(1, "w", encoding="utf-8", newline="\n", closefd=False) as stream:
            yield stream
        return
    path = path.resolve()  # a link stays a link
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        os.replace(part, path)
    except OSError as error:
        raise SettingsError(name="--output", reason=f"{path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
