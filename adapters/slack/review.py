"""What still stands in a channel or thread: read again, at a pace that leaves room for others."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.api_errors import SlackRefused
from adapters.slack.directory import Directory
from adapters.slack.edit_order import edited_at
from adapters.slack.file_details import describe_stubs
from adapters.slack.history import NAMES_WITHIN, Fields, Page, read_pages
from adapters.slack.incoming import (
    TOMBSTONE,
    BotIdentity,
    format_ts,
    has_deleted_file,
    is_heard,
    parse_ts,
    to_message,
)
from adapters.slack.rate_limits import RateLimit
from adapters.slack.web_api import WebApi
from bot.domain.model import Channel, Message
from bot.domain.standing import Place, Standing

TICK = timedelta(microseconds=1)  # the smallest step from one ts to the next
LOOK = 0.2  # seconds between looks whether another request may be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Reads spans of the past again."""

    api: WebApi
    directory: Directory
    identity: BotIdentity
    bots: frozenset[str]
    pace: RateLimit

    async def read(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncGenerator[Standing]:
        """What stands there (bot.domain.ports.Adapter.standing). Raises what Slack refuses."""
        read = self._thread if place.thread else self._top_level
        async for span, page in read(channel.id, place):
            standing = [pair for pair in page if pair[0].get("subtype") != TOMBSTONE]
            yield Standing(
                place=span,
                ids=frozenset(message["ts"] for message, _ in standing),
                address=f"/archives/{channel.id}/p",
                edited=await self._edited(channel, standing, edited_since),
                moment=_moment,
            )

    async def _top_level(
        self, channel: str, place: Place
    ) -> AsyncGenerator[tuple[Place, list[tuple[Fields, Fields]]]]:
        """Page by page, newest first: each covers the time from its oldest message on."""
        last = place.last
        async for page in self._pages("conversations.history", channel, place):
            oldest = min((parse_ts(message["ts"]) for message, _ in page.messages), default=None)
            reaches_first = page.last and not page.hides_more
            first = place.first if reaches_first else oldest
            if first is not None and first <= last and page.whole:
                yield replace(place, first=first, last=last), page.messages
            if oldest is not None:
                last = oldest - TICK

    async def _thread(
        self, channel: str, place: Place
    ) -> AsyncGenerator[tuple[Place, list[tuple[Fields, Fields]]]]:
        """The replies; and what began the thread, however long ago that was."""
        found: list[tuple[Fields, Fields]] = []
        whole, gone = True, False
        try:
            async for page in self._pages("conversations.replies", channel, place):
                found += page.messages
                whole = whole and page.whole and not page.hides_more
        except SlackRefused as error:
            if error.error != "thread_not_found":
                raise
            gone = True  # its root is deleted, and all of it with that
        if whole:
            yield place, found
        root = [pair for pair in found if pair[0]["ts"] == place.thread]
        began = _moment(place.thread)
        if began and (root or gone):
            yield Place("", began, began), root

    async def _pages(self, method: str, channel: str, place: Place) -> AsyncGenerator[Page]:
        arguments: dict[str, Any] = {"channel": channel}
        if place.thread:
            arguments["ts"] = place.thread
        span = {"oldest": format_ts(place.first - TICK), "latest": format_ts(place.last + TICK)}
        await self._wait()
        async for page in read_pages(self.api, method, {**arguments, **span}):
            yield page
            if not page.last:
                await self._wait()

    async def _wait(self) -> None:
        while not self.pace.take():  # noqa: ASYNC110  # it is a matter of time
            await asyncio.sleep(LOOK)

    async def _edited(
        self, channel: Channel, found: list[tuple[Fields, Fields]], since: datetime
    ) -> tuple[tuple[datetime, Message], ...]:
        """Those that were edited since then or lost a file, as their events would be read."""
        changed = [
            message
            for message, _ in found
            if (edited_at(message) >= since or has_deleted_file(message))
            and is_heard(message, self.identity, self.bots)
        ]
        names = await self.directory.names_in(changed, channel.id, NAMES_WITHIN)
        read: list[tuple[datetime, Message]] = []
        for message in changed:
            message["files"] = await describe_stubs(self.api, message["files"])
            said = to_message(message, channel, self.identity, names)
            read.append((edited_at(message), said))
        return tuple(read)


def _moment(ts: str) -> datetime | None:
    """When a message was posted; None where that is no ts."""
    try:
        return parse_ts(ts)
    except (ValueError, OverflowError, OSError):
        return None
