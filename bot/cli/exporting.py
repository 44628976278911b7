"""A channel's history out, to a file or standard output."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.cli.channel_names import find_channel, label
from bot.cli.files import write_private
from bot.cli.progress import ProgressCallback, show_progress
from bot.config import settings
from bot.core.archive_export import export_documents, export_messages
from bot.domain.errors import SettingsError
from bot.domain.model import Channel
from bot.store import open_database
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages
from bot.telemetry.logs import tell_operator


async def export_history(name: str, output: Path | None, *, force: bool = False) -> None:
    """Export a channel and show the progress."""
    async with open_database.migrated_database(settings.load()) as database:
        channel = (await find_channel(Channels(database), name)).channel
        with show_progress("Exporting") as progress:
            count = await export_channel(database, channel, output, progress=progress, force=force)
    tell_operator(f"{label(channel)}: {count:,} exported")


async def export_channel(
    database: Database,
    channel: Channel,
    path: Path | None,
    *,
    progress: ProgressCallback,
    force: bool = False,
) -> int:
    """Write a channel as JSON lines, to standard output without a path; returns how many."""
    channel_id = await Channels(database).find(channel)
    if channel_id is None:
        raise SettingsError(name="--channel", reason=f"nothing is remembered of {label(channel)}")
    total, count = await Messages(database).count(channel_id), 0
    with _open_output(path, force=force) as stream:
        async for lines in export_messages(database, channel, channel_id):
            stream.writelines(lines)
            count += len(lines)
            progress(count, total)
        async for line in export_documents(database, channel_id):
            stream.write(line)
    return count


@contextmanager
def _open_output(path: Path | None, *, force: bool) -> Iterator[TextIO]:
    """Standard output, or a file that replaces a former one only when it was written to its end."""
    if path is None:
        with open(1, "w", encoding="utf-8", newline="\n", closefd=False) as stream:
            yield stream
        return
    with write_private(path, force=force) as stream:
        yield stream
