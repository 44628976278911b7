"""The adapter at work in one workspace: it listens, answers, and reads history."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, tzinfo

import structlog

from adapters.slack.backfill import Backfill
from adapters.slack.commands import SlashCommands
from adapters.slack.connection import Connection, SocketMode
from adapters.slack.delivery import deliver, find_posted
from adapters.slack.event_receiver import EventReceiver
from adapters.slack.events import Events
from adapters.slack.file_downloads import open_file
from adapters.slack.home import Home
from adapters.slack.interaction_app import InteractionApp
from adapters.slack.interactions import Interactions
from adapters.slack.quoted import read_quoted
from adapters.slack.responses import Responses
from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi
from adapters.slack.workspace import SignIn, Workspace
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.errors import SettingsError
from bot.domain.model import Channel, Message, Turn
from bot.domain.ports import Commands, DeliveryLog, Inbox, TurnControl
from bot.domain.standing import Place, Standing

RETRY_TOKEN = 60.0  # seconds until a token that was refused is tried again
BACKGROUND_MAY_TAKE = 1.0  # seconds that background tasks may take at the end

log = structlog.get_logger(__name__, platform="slack")


class Service:
    """What the adapter does, once Slack's libraries are loaded."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._api = WebApi(settings)
        self._sign_in = SignIn(settings, self._api)
        self._connection = _make_connection(settings, self._api)

    def connected(self) -> bool:
        """Whether events come in now."""
        return self._connection.is_open()

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Listen until cancelled, or until the app is taken out of the workspace.

        A token that Slack refuses is logged once, and tried again now and then.
        """
        logged = ""
        while True:
            try:
                async with self._api.session():
                    workspace = await self._sign_in.workspace()
                    await self._listen(workspace, inbox, turns, commands)
                return
            except SettingsError as error:
                if str(error) != logged:
                    logged = str(error)
                    log.error("not_served", reason=logged)
            await asyncio.sleep(RETRY_TOKEN)

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show an answer; also before and after `run`."""
        async with self._api.session():
            await deliver(await self._sign_in.workspace(), turn, text, delivery_log)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """The messages of an answer."""
        async with self._api.session():
            return await find_posted(await self._sign_in.workspace(), turn)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """Whether a person has rights over a channel's memory."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            return await workspace.directory.is_admin(person_id, channel.id)

    async def is_member(self, workspace_id: str, person_id: str) -> bool | None:
        """Whether a person has an account there that is not deactivated."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            return await workspace.readers.is_member(workspace_id, person_id)

    async def may_read(self, channel: Channel, person_id: str) -> bool:
        """Whether a person is in a channel now."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            return await workspace.readers.may_read(channel, person_id)

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Which of many channels a person is in now."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            return await workspace.readers.readable(channels, person_id)

    async def time_zone(self, person_id: str) -> tzinfo:
        """Where a person's days begin and end."""
        async with self._api.session():
            return await (await self._sign_in.workspace()).directory.time_zone(person_id)

    async def beside(self, turn: Turn) -> list[Message]:
        """What bots that are not heard wrote in the thread of a question."""
        thread = turn.trigger.thread
        if not thread or thread == turn.trigger.id:
            return []
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            if not workspace.unheard_bots.may_be_in(turn.channel.id, thread):
                return []
            found = await workspace.history.read_unheard_bots(turn.channel, thread)
            workspace.unheard_bots.note_read(turn.channel.id, thread, any_found=bool(found))
            return found

    async def open_file(
        self, channel: Channel, file: PostedFile, *, small: bool
    ) -> AsyncGenerator[bytes]:
        """The bytes of a file that was posted in this workspace."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            if channel.workspace != workspace.identity.team_id:
                raise NotReadable("it is in another workspace")
            async with aclosing(open_file(self._api, file, small=small)) as pieces:
                async for piece in pieces:
                    yield piece

    async def quoted(self, turn: Turn) -> list[Message]:
        """What the question of a shortcut is about."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            return await read_quoted(workspace.history, turn)

    async def history(self, channel: Channel, after: datetime) -> AsyncGenerator[Message]:
        """What was written in a channel since then."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            async for message in workspace.history.read_since(channel, after):
                yield message

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncGenerator[Standing]:
        """What stands in a span of a channel or thread."""
        async with self._api.session():
            workspace = await self._sign_in.workspace()
            async for standing in workspace.review.read(channel, place, edited_since):
                yield standing

    async def _listen(
        self, workspace: Workspace, inbox: Inbox, turns: TurnControl, commands: Commands
    ) -> None:
        workspace.rate_limits.share(turns)
        backfill = Backfill(workspace=workspace, inbox=inbox)
        app, receiver = _make_app(workspace, backfill, inbox, turns, commands)
        backfill.request()
        reading = asyncio.create_task(backfill.run())
        try:
            async with self._connection.listen(app, receiver, backfill):
                log.info("listening", mode=self._settings.mode)
                await workspace.removed.wait()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await workspace.background.close(seconds=BACKGROUND_MAY_TAKE)
        await backfill.removals.note_all()  # what was being read took its note back, say


def _make_connection(settings: SlackSettings, api: WebApi) -> Connection:
    if settings.mode == "socket":
        return SocketMode(api)
    from adapters.slack.http_events import HttpEvents  # only here: aiohttp's server is 2 MB

    return HttpEvents(api)


def _make_app(
    workspace: Workspace,
    backfill: Backfill,
    inbox: Inbox,
    turns: TurnControl,
    commands: Commands,
) -> tuple[InteractionApp, EventReceiver]:
    responses = Responses(workspace.api)
    home = Home(workspace=workspace, inbox=inbox, commands=commands)
    events = Events(workspace=workspace, inbox=inbox, turns=turns, home=home, backfill=backfill)
    slash_commands = SlashCommands(
        workspace=workspace, responses=responses, inbox=inbox, commands=commands
    )
    interactions = Interactions(
        workspace=workspace,
        responses=responses,
        inbox=inbox,
        turns=turns,
        commands=commands,
        slash_commands=slash_commands,
        home=home,
    )
    app = InteractionApp(
        workspace=workspace,
        responses=responses,
        slash_commands=slash_commands,
        interactions=interactions,
    )
    return app, EventReceiver(events=events, backfill=backfill)
