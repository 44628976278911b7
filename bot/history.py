"""History in and out: `nellie import` and `nellie export`, a batch at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.archive import line
from bot.conversation import Channel, Message
from bot.engine import Engine
from bot.errors import Refused, SettingsError
from bot.missed import BATCH
from bot.ports import Archive, BadLine
from bot.progress import Progressed
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.messages import Messages

LARGE = 500_000  # characters stored in one transaction: others wait for it


@dataclass(slots=True)
class Imported:
    """What an import did."""

    new: int = 0
    known: int = 0
    bad: int = 0

    def __str__(self) -> str:
        parts = [f"{self.new:,} imported"]
        if self.known:
            parts.append(f"{self.known:,} known already")
        if self.bad:
            parts.append(f"{self.bad:,} not to be read (listed above)")
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
    size = 0

    async def store() -> None:
        new = await engine.remember(batch)
        done.new += new
        done.known += len(batch) - new
        batch.clear()
        progress(done.new + done.known, None)

    for number, item in enumerate(archive.read(path, channel), 1):
        said = item if isinstance(item, BadLine) else _checked(engine, item, path, number)
        if isinstance(said, BadLine):
            done.bad += 1
            complain(said)
        else:
            batch.append(said)
            size += len(said.text)
        if len(batch) == BATCH or size > LARGE:
            await store()
            size = 0
    await store()
    if done.new:
        await engine.database.analyze()
    return done


def _checked(engine: Engine, message: Message, path: Path, number: int) -> Message | BadLine:
    try:
        return engine.checked(message)
    except Refused as error:
        return BadLine(str(path), number, f"{error} (its id: {message.id[:80]})")


async def take_out(
    database: Database, channel: Channel, path: Path | None, *, progress: Progressed
) -> int:
    """Write a channel as JSON lines, to standard output without a path; returns how many."""
    channel_id = await Channels(database).find(channel)
    if channel_id is None:
        raise SettingsError(
            name="--channel", reason=f"nothing is remembered of {channel.name or channel.id}"
        )
    messages = Messages(database)
    total, count = await messages.count(channel_id), 0
    with _written(path) as stream:
        async for message in messages.walk(channel, channel_id):
            stream.write(line(message) + "\n")
            count += 1
            if count % BATCH == 0:
                progress(count, total)
    return count


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """A file that takes its name, and the place of a former one, only when it is whole."""
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
