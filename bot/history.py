"""History in and out: `nellie import` and `nellie export`, a batch at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.archive import line
from bot.conversation import Channel, Message
from bot.engine import BATCH, Engine
from bot.errors import Refused, SettingsError
from bot.ports import Archive, BadLine
from bot.progress import Progressed
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages


@dataclass(slots=True)
class Imported:
    """What an import did."""

    new: int = 0
    known: int = 0
    bad: int = 0

    def __str__(self) -> str:
        parts = [f"{self.new:,} messages imported"]
        if self.known:
            parts.append(f"{self.known:,} were known already")
        if self.bad:
            parts.append(f"{self.bad:,} could not be read (listed above)")
        return ", ".join(parts)


async def bring_in(
    engine: Engine,
    archive: Archive,
    path: Path,
    channel: Channel,
    *,
    progress: Progressed,
    complain: Callable[[BadLine], None],
) -> Imported:
    """Import an archive. Raises ArchiveError when it is not of the archive's format."""
    done = Imported()
    batch: list[Message] = []

    async def store() -> None:
        new = await engine.remember(batch)
        done.new += new
        done.known += len(batch) - new
        batch.clear()
        progress(done.new + done.known, None)

    for number, item in enumerate(archive.read(path, channel), 1):
        try:
            bad = item if isinstance(item, BadLine) else None
            if not isinstance(item, BadLine):
                batch.append(engine.checked(item))
        except Refused as error:
            bad = BadLine(str(path), number, str(error))
        if bad:
            done.bad += 1
            complain(bad)
        if len(batch) == BATCH:
            await store()
    await store()
    return done


async def take_out(
    database: Database, channel: Channel, stream: TextIO, *, progress: Progressed
) -> int:
    """Write a channel as JSON lines; returns how many messages that were."""
    channel_id = await Channels(database).find(channel)
    if channel_id is None:
        raise SettingsError(name="--channel", reason=f"nothing is remembered of {channel.name}")
    messages = Messages(database)
    total, count = await messages.count(channel_id), 0
    async for message in messages.walk(channel, channel_id):
        stream.write(line(message) + "\n")
        count += 1
        if count % BATCH == 0:
            progress(count, total)
    return count
