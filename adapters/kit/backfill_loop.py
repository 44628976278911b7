"""The loop that reads history in, then looks for what has changed in it: on request, and hourly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

import structlog

from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import NellieError

HOURLY = 3600.0
AGAIN = 30.0  # seconds until what could not be read is tried again; each time twice as many
THOROUGH_EVERY = 24  # rounds, of which one looks back for days though nothing was requested
DATABASE_PAUSE = 2.0  # seconds between two attempts while the database is away


class Source(Protocol):
    """A channel to be read; the log names it by its id."""

    @property
    def id(self) -> str: ...


S = TypeVar("S", bound=Source)
Reviewed = TypeVar("Reviewed", bound=Source, contravariant=True)


class HistoryReader(Protocol[S]):
    """How a platform lists its channels, and reads one of them in."""

    async def list_channels(self) -> Sequence[S]:
        """The channels to be read, those that matter most first."""
        ...

    async def read_channel(self, channel: S) -> None:
        """Read one channel in. What it raises is logged, and the other channels are still read."""
        ...


class Reviewer(Protocol[Reviewed]):
    """How it finds what was deleted or edited in a channel (bot.domain.ports.Inbox.review)."""

    async def review_channel(self, channel: Reviewed, *, thorough: bool) -> None:
        """Look at one channel; raises as HistoryReader.read_channel."""
        ...


class BackfillLoop:
    """Reads every channel in whenever something may have been missed.

    loop = BackfillLoop("slack")
    task = asyncio.create_task(loop.run(reader, reviewer))
    loop.request()

    All calls of the reader and the reviewer are repeated while the database is away.
    """

    def __init__(self, platform: str, *, at_once: int = 1) -> None:
        """`at_once` channels are read at the same time."""
        self._log = structlog.get_logger(__name__, platform=platform)
        self._at_once = at_once
        self._requested = asyncio.Event()
        self._rounds = 0
        """So many since the channels were last reviewed thoroughly."""
        self.caught_up = asyncio.Event()
        """Set while everything that was requested has been read."""

    def request(self, *, thorough: bool = True) -> None:
        """Something may have been missed: read every channel soon.

        `thorough` where deletions and edits may have been missed too: then days are reviewed.
        """
        if thorough:
            self._rounds = THOROUGH_EVERY
        self._requested.set()
        self.caught_up.clear()

    async def run(self, reader: HistoryReader[S], reviewer: Reviewer[S] | None = None) -> None:
        """Read on request and hourly, until cancelled; then review, which nobody waits for."""
        while True:
            await self._wait_for_request(HOURLY)
            self._requested.clear()
            self.caught_up.clear()
            channels = await self._list(reader)
            unread = await self._read_all(reader, channels)
            if not self._requested.is_set():
                self.caught_up.set()
            reviewing = self._review_all(reviewer, channels) if reviewer else asyncio.sleep(0)
            await asyncio.gather(reviewing, self._read_again(reader, unread))

    async def _read_again(self, reader: HistoryReader[S], unread: Sequence[S]) -> None:
        """What could not be read, soon and then ever less often, until something is requested."""
        pause = AGAIN
        while unread and pause < HOURLY:
            await self._wait_for_request(pause)
            if self._requested.is_set():
                return
            unread = await self._read_all(reader, unread)
            pause *= 2

    async def _wait_for_request(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            # Not wait_for, which may swallow a cancellation in Python 3.11.
            async with asyncio.timeout(seconds):
                await self._requested.wait()

    async def _list(self, reader: HistoryReader[S]) -> Sequence[S]:
        try:
            return await retry_while_database_is_away(reader.list_channels, pause=DATABASE_PAUSE)
        except Exception as error:  # whatever a platform's library raises: the next round may do it
            self._log.warning("channels_not_listed", **_fields(error))
            self._log.debug("channels_not_listed", exc_info=error)
            return []

    async def _read_all(self, reader: HistoryReader[S], channels: Sequence[S]) -> Sequence[S]:
        """Returns what could not be read."""
        slots = asyncio.Semaphore(self._at_once)

        async def read(channel: S) -> bool:
            async with slots:
                return await self._try(channel, lambda: reader.read_channel(channel))

        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(read(channel)) for channel in channels]
        return [one for one, task in zip(channels, reading, strict=True) if not task.result()]

    async def _review_all(self, reviewer: Reviewer[S], channels: Sequence[S]) -> None:
        """One channel after another; a request for history ends it, and then it begins anew."""
        reviewing = asyncio.create_task(self._review(reviewer, channels))
        requested = asyncio.create_task(self._wait_for_request(None))
        try:
            await asyncio.wait({reviewing, requested}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reviewing.cancel()
            requested.cancel()
            await asyncio.wait({reviewing, requested})

    async def _review(self, reviewer: Reviewer[S], channels: Sequence[S]) -> None:
        thorough = self._rounds >= THOROUGH_EVERY
        self._rounds += 1
        failed = False
        for channel in channels:
            step = partial(reviewer.review_channel, channel, thorough=thorough)
            failed |= not await self._try(channel, step)
        if thorough and not failed and not self._requested.is_set():
            self._rounds = 0

    async def _try(self, channel: S, step: Callable[[], Awaitable[None]]) -> bool:
        """A step, repeated while the database is away; whatever it does, others are read."""
        try:
            await retry_while_database_is_away(step, pause=DATABASE_PAUSE)
        except Exception as error:
            self._log.warning("channel_not_read", channel=channel.id, **_fields(error))
            self._log.debug("channel_not_read", channel=channel.id, exc_info=error)
            return False
        return True


def _fields(error: Exception) -> dict[str, str]:
    """Our own errors say what happened; a library's may quote people."""
    if isinstance(error, NellieError):
        return {"error": type(error).__name__, "reason": str(error)}
    return {"error": type(error).__name__}
