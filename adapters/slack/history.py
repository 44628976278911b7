"""What was said while nobody listened: conversations.history and .replies, oldest first."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from adapters.slack import files
from adapters.slack.api import Api
from adapters.slack.directory import Directory
from adapters.slack.incoming import (
    Me,
    Names,
    checked,
    is_said,
    moment,
    people,
    stamp,
    to_message,
)  # fmt: skip
from bot.archive import want
from bot.conversation import Channel, Message

MOST = 10_000  # messages read back at once, the newest
PAGE = 500
THREADS = timedelta(days=7)  # before the beginning, in which older threads may have gone on
FILES = 20  # messages whose files are read; those of the others are named
NAMES = 20.0  # seconds that history waits for names

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class History:
    """Reads the past of channels."""

    api: Api
    directory: Directory
    me: Me
    bots: frozenset[str]

    async def since(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """Everything said since then that she would have heard. Raises what Slack refuses."""
        said = await self._read(channel.id, after)
        await self.directory.room(channel.id)
        here = self.directory.channel(channel.id, direct=channel.direct)
        ids = {id_ for one in said for id_ in people(one)}
        named = Names(await self.directory.names(ids, NAMES))
        with_files = 0
        for one in said:
            with_files += bool(one.get("files"))
            yield to_message(one, here, self.me, named, await self._files(one, with_files))

    async def thread(self, channel: Channel, root: str) -> list[Message]:
        """A whole thread, for one who may read it; her own answers are part of it."""
        asked = {"channel": channel.id, "ts": root}
        found = [one async for one, _ in self._pages("conversations.replies", asked)]
        named = Names(await self.directory.names({id_ for one in found for id_ in people(one)}))
        hers = (one for one in found if is_said(one, self.me, self.bots) or self.me.wrote(one))
        return [to_message(one, channel, self.me, named) for one in hers]

    async def _read(self, channel: str, after: datetime) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        threads: list[str] = []
        begin = max(after - THREADS, datetime.fromtimestamp(0, UTC))
        asked = {"channel": channel, "oldest": stamp(begin)}
        async for one, raw in self._pages("conversations.history", asked):
            if moment(one["ts"]) > after and is_said(one, self.me, self.bots):
                found[one["ts"]] = one
            latest = want(raw, "latest_reply", str, "")
            if latest and moment(latest) > after:
                threads.append(one["ts"])
            if len(found) >= MOST:
                break
        for root in threads:
            asked = {"channel": channel, "ts": root, "oldest": stamp(after)}
            async for one, _ in self._pages("conversations.replies", asked):
                if moment(one["ts"]) > after and is_said(one, self.me, self.bots):
                    found[one["ts"]] = one
        return [found[ts] for ts in sorted(found, key=float)]

    async def _pages(
        self, method: str, asked: dict[str, Any]
    ) -> AsyncIterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Messages, with what is kept of them and as they came."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await self.api.read(method, **asked, **more, limit=PAGE)
            for raw in want(page, "messages", list, []):
                try:
                    one = checked(raw)
                    moment(want(one, "ts", str))
                except ValueError as error:
                    log.warning("slack: a message of the past was not read", reason=str(error))
                    continue
                yield one, raw
            cursor = want(want(page, "response_metadata", dict, {}), "next_cursor", str, "")
            if not cursor:
                return

    async def _files(self, message: dict[str, Any], number: int) -> str:
        shared = message.get("files", [])
        if number <= FILES:
            return await files.text_of(self.api, shared)
        return files.named(shared)


def transcript(said: list[Message], limit: int = 12_000) -> str:
    """What was said, a line each, as much of its end as fits."""
    lines: list[str] = []
    for one in reversed(said):
        line = f"{one.author.name}: {one.text}"
        limit -= len(line) + 1
        if limit < 0:
            break
        lines.append(line)
    return "\n".join(reversed(lines))
