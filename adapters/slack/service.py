"""The adapter at work: one workspace, listening, answering, looking back."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

import structlog

from adapters.slack.api import Api, SlackAway, SlackRefused
from adapters.slack.catching import Catching
from adapters.slack.commands import Interactions
from adapters.slack.connection import sockets, webhooks
from adapters.slack.delivery import Delivery, delete, recipient
from adapters.slack.home import Home
from adapters.slack.intake import Intake
from adapters.slack.posts import LATE, thread
from adapters.slack.reception import app
from adapters.slack.settings import SlackSettings
from adapters.slack.status import Status
from adapters.slack.whisper import whisper
from adapters.slack.workspace import Workspace, introduced
from bot.conversation import Channel, Message, Turn
from bot.errors import SettingsError
from bot.ports import Door, Posts

AGAIN = 60.0  # seconds until a token that was refused is tried again
FAREWELL = 1.0  # seconds that side work may take at the end

log = structlog.get_logger(__name__)


@dataclass
class Service:
    """What the adapter does, once its libraries are loaded."""

    settings: SlackSettings

    def __post_init__(self) -> None:
        self._api = Api(self.settings)
        self._known: Workspace | None = None
        self._entering = asyncio.Lock()
        self.hears: Callable[[], bool] = lambda: False
        """Whether events come in now."""

    async def run(self, door: Door) -> None:
        """Listen; a token that Slack refuses is said in one line, and tried again now and then."""
        said = ""
        while True:
            try:
                async with self._api.open():
                    await self._listen(door, await self._workspace())
                return
            except SettingsError as error:
                if str(error) != said:
                    said = str(error)
                    log.error("slack: not served", reason=said)
            await asyncio.sleep(AGAIN)

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Show an answer; also before and after `run`."""
        async with self._api.open():
            workspace = await self._workspace()
            if workspace.gone.is_set():
                raise SlackAway(method="chat.postMessage", reason="the app was taken out")
            if turn.trigger.private:
                await whisper(workspace, turn, text, posts)
                return
            place = turn.channel.id, thread(turn)
            status = Status(
                self._api, workspace.rates, *place, recipient(turn, workspace.me), posts
            )
            if thread(turn):
                workspace.background.start(status.show(), "a status")
            workspace.running[place] = turn.id
            delivery = Delivery(
                self._api, workspace.rates, workspace.finder, workspace.me, turn, posts,
                status.visible,
            )  # fmt: skip
            try:
                await delivery.deliver(text)
            finally:
                status.over()
                if workspace.running.get(place) == turn.id:
                    del workspace.running[place]
            if turn.attempts > 1 or delivery.doubtful:
                kept = {one.ts for one in delivery.standing}
                await self._tidy(turn, kept, posts)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """What stands of a turn."""
        if turn.trigger.private:
            return ()
        async with self._api.open():
            workspace = await self._workspace()
            found = await workspace.finder.find(turn, workspace.me)
        return tuple(sorted({*turn.posted, *(one.ts for one in found)}, key=float))

    async def history(self, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
        """What was said."""
        async with self._api.open():
            workspace = await self._workspace()
            async for message in workspace.history.since(channel, after):
                yield message

    async def _workspace(self) -> Workspace:
        async with self._entering:
            if self._known is None:
                me = await introduced(self.settings, self._api)
                self._known = Workspace(self.settings, self._api, me)
            return self._known

    async def _listen(self, door: Door, workspace: Workspace) -> None:
        workspace.replicas = lambda: door.replicas
        home = Home(workspace, door)
        intake = Intake(workspace, door, home)
        catching = Catching(workspace, door, intake.join)
        intake.back = catching.soon
        bolt = app(workspace, intake, Interactions(workspace, door, home))
        way: AbstractAsyncContextManager[Callable[[], bool]] = (
            sockets(self._api, bolt, catching.soon)
            if self.settings.mode == "socket"
            else webhooks(self._api, bolt)
        )
        catching.soon()
        reading = asyncio.create_task(catching.run())
        try:
            async with way as self.hears:
                log.info("slack: listening", mode=self.settings.mode)
                await workspace.gone.wait()
        finally:
            self.hears = lambda: False
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await workspace.background.rest(FAREWELL)

    async def _tidy(self, turn: Turn, kept: set[str], posts: Posts) -> None:
        """Once all that was on its way has arrived: take back what is there a second time.

        The turn has not ended before that: whoever dies meanwhile leaves the look to the next one.
        """
        await asyncio.sleep(LATE)
        try:
            async with self._api.open():
                workspace = await self._workspace()
                for one in await workspace.finder.find(turn, workspace.me):
                    if one.ts not in kept:
                        log.info("slack: a double was taken back", turn=turn.id)
                        await delete(self._api, posts, turn.channel.id, one.ts)
        except (SlackRefused, SlackAway) as error:
            log.warning("slack: no look for doubles", turn=turn.id, reason=str(error))
