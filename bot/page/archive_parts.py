"""What comes in of an archive that is brought at the page: one channel of it, into another."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.archives.opening import Source
from bot.core.archive_import import LARGEST_BATCH
from bot.core.backfill import BATCH
from bot.domain.model import Channel, Message
from bot.domain.page import NotImported
from bot.domain.ports import BadLine

LISTED = 20  # channels of an archive that are named


def choose(source: Source, which: str, target: Channel) -> Channel:
    """The channel of the archive that comes in. Raises NotImported."""
    archive: Any = source.archive
    if not hasattr(archive, "channels"):
        return target
    found: list[Channel] = list(archive.channels(source.files.path))
    wanted = which.strip().lstrip("#").casefold()
    chosen = [one for one in found if not wanted or wanted in _names(one)]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(one.name or one.id for one in found[:LISTED])
    more = f" and {len(found) - LISTED:,} more" if len(found) > LISTED else ""
    raise NotImported(
        reason=f"it holds these channels: {names}{more}. Say which one comes in here."
    )


def _names(channel: Channel) -> tuple[str, str]:
    return channel.name.lstrip("#").casefold(), channel.id.casefold()


def entries_of(source: Source, chosen: Channel, target: Channel) -> Iterator[Message | BadLine]:
    """What was said in it, as of the channel into which it comes."""
    for entry in source.entries((chosen,)):
        yield replace(entry, channel=target) if isinstance(entry, Message) else entry


def take(entries: Iterator[Message]) -> list[Message]:
    """The next ones, as many as are stored in one transaction."""
    batch, size = list[Message](), 0
    for message in entries:
        batch.append(message)
        size += len(message.text)
        if len(batch) == BATCH or size > LARGEST_BATCH:
            break
    return batch
