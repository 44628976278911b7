"""discord.py's client as Nellie uses it: without caches, and without garbled events."""

import functools
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.state import ConnectionState

from adapters.discord import incoming
from adapters.discord.garbled import check, is_garbled
from adapters.discord.identify_pace import IdentifyPace
from adapters.discord.incoming import Location
from adapters.discord.interactions import Services
from adapters.discord.polls import mend_polls
from adapters.discord.retries import retry_request
from adapters.discord.rights import Askers
from adapters.discord.settings import DiscordSettings
from bot.domain.http_proxy import find_proxy
from bot.domain.model import Message

KEPT = 100.0  # seconds that a connection may rest: a new one costs an answer several round trips
GUILDS_WAIT = 0.5  # seconds without another server until the client is ready; late ones come later

log = structlog.get_logger(__name__, platform="discord")


class Client(discord.Client):
    """One login."""

    def __init__(
        self,
        *,
        services: Services,
        bots: frozenset[int],
        message_content: bool,
        identify_pace: IdentifyPace,
    ) -> None:
        """`bots` are the ids of other bots and webhooks that Nellie listens to."""
        super().__init__(
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                dm_messages=True,
                message_content=message_content,
            ),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=GUILDS_WAIT,
            allowed_mentions=discord.AllowedMentions.none(),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT),
            proxy=find_proxy(discord.http.Route.BASE),
        )
        self.services = services
        self._bots = bots
        self.identify_pace = identify_pace
        self._askers = Askers()

    @property
    def own_id(self) -> int:
        """The id of Nellie's user; 0 before the login."""
        return self.user.id if self.user else 0

    def listens_to(self, message: discord.Message) -> bool:
        """Whether Nellie remembers what its author writes."""
        return incoming.is_conversation(message, own_id=self.own_id, bots=self._bots)

    def reads_beside(self, message: discord.Message) -> bool:
        """Whether it is read only for a question that replies to it, or stands in its thread."""
        return incoming.is_of_unheard_bot(message, own_id=self.own_id, bots=self._bots)

    def may_be_a_copy(self, message: discord.Message) -> bool:
        """Whether a webhook that is not heard wrote it: what a proxy posts again is a person's."""
        return bool(message.webhook_id) and self.reads_beside(message)

    def to_message(self, channel: Any, data: Any) -> discord.Message:
        """A message as Discord tells it. Raises whatever a garbled one makes discord.py raise."""
        return self._connection.create_message(channel=channel, data=data)

    async def read_message(self, message: discord.Message, location: Location) -> Message | None:
        """A Discord message, whose text names its files; None where it says nothing.

        Raises Garbled, and whatever reading what Discord garbled raises (`is_garbled`).
        """
        found = incoming.to_message(message, location, own_id=self.own_id)
        if found:
            check(found)
        if found and (found.addressed or found.thread):  # it may be answered
            return replace(found, reply=await self._askers.refusal_for(message))
        return found

    async def locate(self, channel: Any) -> Location | None:
        """The location of a channel. One that is in no cache is asked for, patiently.

        Otherwise a deletion would be lost, which history never reports again.
        """
        if isinstance(channel, discord.PartialMessageable):
            try:
                channel = await retry_request(lambda: self.fetch_channel(channel.id))
            except (discord.NotFound, discord.Forbidden):
                return None
        return incoming.locate(channel)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self.identify_pace.wait(self.services.turns.replicas)
        await super().before_identify_hook(shard_id, initial=initial)

    def dispatch(self, event: str, /, *args: Any, **more: Any) -> None:
        if not self.is_closed():  # after that discord.py has no loop to run it on
            super().dispatch(event, *args, **more)

    async def on_error(self, event: str, /, *args: Any, **more: Any) -> None:
        error = sys.exc_info()[1]
        if is_garbled(error):
            log.warning("event_not_understood", on=event, error=type(error).__name__)
        else:
            log.error("event_failed", on=event, error=type(error).__name__)
        log.debug("event_failed", on=event, exc_info=error)

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        return GuardedState(
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )


class GuardedState(ConnectionState[Any]):
    """An event that Discord garbled is left out, and the connection goes on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.parsers = {name: _guarded(name, parse) for name, parse in self.parsers.items()}

    def create_message(self, *, channel: Any, data: Any) -> discord.Message:
        """What a request answers: an answer's own message holds the poll that it replies to."""
        mend_polls(data)
        return super().create_message(channel=channel, data=data)


def _guarded(name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(parse)
    def guarded(data: Any) -> None:
        try:
            mend_polls(data)
            parse(data)
        except Exception as error:  # whatever a garbled event makes discord.py raise
            log.warning("event_not_understood", on=name, error=type(error).__name__)

    return guarded


def configure_library(settings: DiscordSettings) -> None:
    """Point discord.py where the settings say, and keep it from logging tokens."""
    if settings.api:
        discord.http.Route.BASE = settings.api
    if settings.gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway)
    # Its lines hold addresses with tokens in them, and tracebacks; what matters is logged here.
    library = logging.getLogger("discord")
    library.addHandler(logging.NullHandler())
    library.propagate = False
