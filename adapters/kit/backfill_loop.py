"""The loop that reads history in: on request, and hourly."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

import structlog

from adapters.kit.database_retry import retry_while_database_is_away
from bot.domain.errors import NellieError

HOURLY = 3600.0
DATABASE_PAUSE = 2.0  # seconds between two attempts while the database is away


class Source(Protocol):
    """A channel to be read; the log names it by its id."""

    @property
    def id(self) -> str: ...


S = TypeVar("S", bound=Source)


class HistoryReader(Protocol[S]):
    """How a platform lists its channels, and reads one of them in."""

    async def list_channels(self) -> Sequence[S]:
        """The channels to be read, those that matter most first."""
        ...

    async def read_channel(self, channel: S) -> None:
        """Read one channel in. What it raises is logged, and the other channels are still read."""
        ...


class BackfillLoop:
    """Reads every channel in whenever something may have been missed.

    loop = BackfillLoop("slack")
    task = asyncio.create_task(loop.run(reader))
    loop.request()

    Both calls of the reader are repeated while the database is away.
    """

    def __init__(self, platform: str, *, at_once: int = 1) -> None:
        """`at_once` channels are read at the same time."""
        self._log = structlog.get_logger(__name__, platform=platform)
        self._at_once = at_once
        self._requested = asyncio.Event()
        self.caught_up = asyncio.Event()
        """Set while everything that was requested has been read."""

    def request(self) -> None:
        """Something may have been missed: read every channel soon."""
        self._requested.set()
        self.caught_up.clear()

    async def run(self, reader: HistoryReader[S]) -> None:
        """Read on request and hourly, until cancelled."""
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which may swallow a cancellation in Python 3.11.
                async with asyncio.timeout(HOURLY):
                    await self._requested.wait()
            self._requested.clear()
            self.caught_up.clear()
            await self._read_all(reader)
            if not self._requested.is_set():
                self.caught_up.set()

    async def _read_all(self, reader: HistoryReader[S]) -> None:
        try:
            channels = await retry_while_database_is_away(
                reader.list_channels, pause=DATABASE_PAUSE
            )
        except Exception as error:  # whatever a platform's library raises: the next round may do it
            self._log.warning("channels_not_listed", **_fields(error))
            self._log.debug("channels_not_listed", exc_info=error)
            return
        slots = asyncio.Semaphore(self._at_once)
        async with asyncio.TaskGroup() as group:
            for channel in channels:
                group.create_task(self._read_one(reader, channel, slots))

    async def _read_one(
        self, reader: HistoryReader[S], channel: S, slots: asyncio.Semaphore
    ) -> None:
        async with slots:
            try:
                await retry_while_database_is_away(
                    lambda: reader.read_channel(channel), pause=DATABASE_PAUSE
                )
            except Exception as error:  # whatever one channel does, the others are read
                self._log.warning("channel_not_read", channel=channel.id, **_fields(error))
                self._log.debug("channel_not_read", channel=channel.id, exc_info=error)


def _fields(error: Exception) -> dict[str, str]:
    """Our own errors say what happened; a library's may quote people."""
    if isinstance(error, NellieError):
        return {"error": type(error).__name__, "reason": str(error)}
    return {"error": type(error).__name__}
