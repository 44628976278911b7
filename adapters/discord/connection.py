"""Staying connected: one login after another, each for as long as it is of use."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Self

import discord
import structlog
from discord.app_commands import CommandTree

from adapters.discord.backfill import AT_ONCE, HistoryReader
from adapters.discord.buttons import BUTTONS
from adapters.discord.client import Client, configure_library
from adapters.discord.command_registration import register_commands
from adapters.discord.commands import command_tree
from adapters.discord.delivery import Delivery
from adapters.discord.event_queue import EventQueue
from adapters.discord.events import Events
from adapters.discord.files import Files
from adapters.discord.history import History
from adapters.discord.identify_pace import IdentifyPace
from adapters.discord.incoming import PLATFORM
from adapters.discord.interactions import PendingInteractions, Questions, Services
from adapters.discord.own_posts import OwnPosts
from adapters.discord.private_answers import DirectMessages
from adapters.discord.quoted import QuotedMessages
from adapters.discord.rate_limits import Paces
from adapters.discord.removals import Removals
from adapters.discord.retries import TRANSIENT_ERRORS
from adapters.discord.review import Review
from adapters.discord.settings import TOKEN, DiscordSettings
from adapters.discord.stale_interactions import on_interaction
from adapters.discord.unheard import UnheardBots
from adapters.kit.backfill_loop import BackfillLoop
from adapters.kit.background_tasks import BackgroundTasks
from bot.domain.errors import SettingsError
from bot.domain.ports import Commands, Inbox, TurnControl

WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before another attempt, doubled each time up to this
SILENCE = 60.0  # seconds without a session after which the connection is made anew
CHECK_EVERY = 2.0  # seconds between looks at the session
CANCEL_EVERY = 5.0  # seconds until a task that goes on is cancelled again
NOT_AUTHENTICATED = 4004
RECONNECT = 4000

REFUSED = (
    "Discord does not accept this token; copy it anew from the Developer Portal"
    " (your application > Bot > Reset Token)."
)
INTENT_WITHHELD = "only mentions, direct messages and commands are heard"
GRANT_INTENT = (
    "switch Message Content Intent on in the Developer Portal (your application > Bot) and restart"
)

log = structlog.get_logger(__name__, platform=PLATFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One login, and all that works with it."""

    client: Client
    command_tree: CommandTree[Any]
    event_queue: EventQueue
    events: Events
    backfill: BackfillLoop
    history_reader: HistoryReader
    history: History
    review: Review
    unheard_bots: UnheardBots
    own_posts: OwnPosts
    quoted: QuotedMessages
    files: Files
    delivery: Delivery
    background: BackgroundTasks

    @classmethod
    def build(
        cls,
        settings: DiscordSettings,
        *,
        inbox: Inbox,
        turns: TurnControl,
        commands: Commands,
        identify_pace: IdentifyPace,
        message_content: bool = True,
    ) -> Self:
        """Put it together; nothing is sent yet."""
        backfill = BackfillLoop(PLATFORM, at_once=AT_ONCE)
        event_queue = EventQueue(backfill)
        background = BackgroundTasks(PLATFORM)
        pending = PendingInteractions()
        questions = Questions(inbox=inbox, turns=turns, event_queue=event_queue, pending=pending)
        services = Services(turns=turns, commands=commands, questions=questions)
        client = Client(
            services=services,
            bots=settings.bots,
            message_content=message_content,
            identify_pace=identify_pace,
        )
        client.add_dynamic_items(*BUTTONS)
        client.event(on_interaction)
        own_posts = OwnPosts(client)
        delivery = Delivery(
            client=client,
            own_posts=own_posts,
            direct_messages=DirectMessages(client=client, own_posts=own_posts),
            pending=pending,
            paces=Paces(turns),
            background=background,
        )
        unheard_bots = UnheardBots(client)
        events = Events(
            client=client,
            inbox=inbox,
            event_queue=event_queue,
            backfill=backfill,
            delivery=delivery,
            unheard_bots=unheard_bots,
            background=background,
        )
        return cls(
            client=client,
            command_tree=command_tree(client),
            event_queue=event_queue,
            events=events,
            backfill=backfill,
            history_reader=HistoryReader(
                client=client,
                inbox=inbox,
                event_queue=event_queue,
                removals=Removals(client=client, inbox=inbox, event_queue=event_queue),
                background=background,
            ),
            history=History(client),
            review=Review(client, inbox),
            unheard_bots=unheard_bots,
            own_posts=own_posts,
            quoted=QuotedMessages(client=client, pending=pending),
            files=Files(client=client, api=settings.api),
            delivery=delivery,
            background=background,
        )

    async def serve(self) -> None:
        """Listen until the client is closed. Raises what makes another login necessary."""
        tasks = [
            asyncio.create_task(self.backfill.run(self.history_reader, self.history_reader)),
            asyncio.create_task(register_commands(self.client, self.command_tree)),
        ]
        try:
            while not self.client.is_closed():
                await self._listen()
        finally:
            await _cancel(*tasks)

    async def close(self) -> None:
        """Drop the events that wait: history has them."""
        await self.event_queue.close()
        await self.background.close(seconds=0)
        await self.client.close()

    async def _listen(self) -> None:
        """One connection with all its resumptions, for as long as it lives."""
        listening = asyncio.create_task(self.client.connect())
        silence = asyncio.create_task(self._wait_for_silence())
        try:
            await asyncio.wait({listening, silence}, return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                log.warning("gateway_silent", seconds=SILENCE)
                return
            await listening
        except (discord.DiscordException, *TRANSIENT_ERRORS):
            raise
        except Exception as error:  # whatever a garbled frame makes discord.py raise
            log.warning("frame_not_understood", error=type(error).__name__)
            await asyncio.sleep(WAIT)
        finally:
            await _cancel(listening, silence)
            socket = self.client.ws
            if socket and socket.open and not self.client.is_closed():
                await socket.close(code=RECONNECT)

    async def _wait_for_silence(self) -> None:
        """Return after too long without a session: discord.py's own waits grow to minutes."""
        silent = 0.0
        while silent < SILENCE:
            await asyncio.sleep(CHECK_EVERY)
            meant = self.events.online or self.client.identify_pace.waiting
            silent = 0.0 if meant else silent + CHECK_EVERY


async def connections(
    settings: DiscordSettings,
    *,
    inbox: Inbox,
    turns: TurnControl,
    commands: Commands,
    identify_pace: IdentifyPace,
) -> AsyncGenerator[Connection | None]:
    """Each connection once it has logged in, and None when it is closed. Raises SettingsError."""
    configure_library(settings)
    message_content, wait = True, WAIT
    while True:
        connection = Connection.build(
            settings,
            inbox=inbox,
            turns=turns,
            commands=commands,
            identify_pace=identify_pace,
            message_content=message_content,
        )
        try:
            await connection.client.login(settings.token)
            yield connection
            wait = WAIT
            await connection.serve()
        except discord.PrivilegedIntentsRequired:
            log.warning("message_content_withheld", effect=INTENT_WITHHELD, fix=GRANT_INTENT)
            message_content, wait = False, 0.0
        except (discord.DiscordException, *TRANSIENT_ERRORS) as error:
            if _is_refusal(error):
                raise SettingsError(name=TOKEN, reason=REFUSED) from None
            log.warning("discord_unreachable", error=type(error).__name__)
        finally:
            await connection.close()
        yield None
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, max(WAIT, wait * 2))


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, discord.LoginFailure) or (
        isinstance(error, discord.ConnectionClosed) and error.code == NOT_AUTHENTICATED
    )


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they have ended: discord.py may swallow a cancellation."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_EVERY)
