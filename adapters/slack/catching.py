"""When to read what was missed: at the start, after what may have cost events, and hourly."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from adapters.slack.api import SlackRefused
from adapters.slack.directory import Room
from adapters.slack.workspace import Workspace
from bot.errors import DatabaseUnavailable, NellieError
from bot.ports import Door

HOUR = 3600.0
AGAIN = 2.0  # seconds until the next attempt while the database is away

log = structlog.get_logger(__name__)


@dataclass
class Catching:
    """Reads every channel's history from where it was last read, one channel at a time."""

    workspace: Workspace
    door: Door
    join: Callable[[str], Awaitable[None]]
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def soon(self) -> None:
        """Something may have been missed."""
        self._wanted.set()

    async def run(self) -> None:
        """Catch up whenever it is wanted, and hourly, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(HOUR):
                    await self._wanted.wait()
            except TimeoutError:
                log.debug("slack: hourly look")
            self._wanted.clear()
            try:
                await self._all()
            except DatabaseUnavailable:
                self.soon()
                await asyncio.sleep(AGAIN)
            except NellieError as error:
                log.warning("slack: nothing was caught up with", reason=str(error))

    async def _all(self) -> None:
        try:
            rooms = await self.workspace.directory.mine()
        except SlackRefused as error:
            self.workspace.api.lacks("users.conversations", "catching up after downtime", error)
            return
        known = {one.id for one in await self.door.channels_of("slack", self.workspace.me.team)}
        for room in rooms:
            await self._one(room, known)

    async def _one(self, room: Room, known: set[str]) -> None:
        try:
            if room.direct or room.id in known:
                where = self.workspace.directory.channel(room.id, direct=room.direct)
                await self.door.catch_up(where)
            else:
                await self.join(room.id)  # she was brought in while nobody listened
        except DatabaseUnavailable:
            raise
        except SlackRefused as error:
            self.workspace.api.lacks("conversations.history", "history of channels", error)
            log.info("slack: a channel was not read", channel=room.id, reason=str(error))
        except (NellieError, ValueError) as error:
            log.warning("slack: a channel was not read", channel=room.id, reason=str(error))
