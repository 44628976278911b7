"""`nellie chat` in a channel of a platform: looked into from here, and never spoken in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace

from bot import bootstrap
from bot.bootstrap import Nellie
from bot.cli.channel_names import exact_name
from bot.commands.dispatch import Commands
from bot.config.settings import Settings
from bot.core.onlooking import Onlooker, OnlookersGathering, Talk
from bot.core.standing_requests import StandingRequests
from bot.domain.errors import NellieError, UnknownChannel
from bot.domain.model import Channel, Message
from bot.domain.ports import Adapter
from bot.llm.registry import ModelRegistry
from bot.store.database import Database

LATEST = 8  # messages that are shown of the channel before the first question
POOL = 4  # connections; one person asks one thing at a time


@asynccontextmanager
async def reading(settings: Settings, url: str, models: ModelRegistry) -> AsyncIterator[Nellie]:
    """The parts of a Nellie that only reads, on a database that is migrated.

    No replica is registered, no job runs, and Postgres itself refuses what would change anything.
    """
    database = Database(url, pool=POOL, read_only=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        nellie = bootstrap.build(
            settings=settings,
            database=database,
            models=models,
            adapters=(),
            context_window=await models.context_window(),
        )
        if nellie.semantic_index:
            stack.push_async_callback(nellie.semantic_index.close)
            with suppress(NellieError):  # vectors that nobody made yet are not made here
                await nellie.semantic_index.prepare()
        yield nellie


async def onlooker(nellie: Nellie, channel: Channel, adapter: Adapter) -> Onlooker:
    """Who looks into this channel. Raises UnknownChannel where nothing is remembered of it."""
    stores = nellie.stores
    channel_id = await stores.channels.find(channel)
    if channel_id is None:
        raise UnknownChannel(reason=f"Nothing is remembered of {exact_name(channel)}.")
    return Onlooker(
        state=await stores.channels.state(channel_id),
        gathering=OnlookersGathering.like(nellie.gathering, Talk()),
        quotas=nellie.quotas,
        stores=stores,
        requests=StandingRequests.on(
            stores, commands=commands(nellie), adapters={channel.platform: adapter}
        ),
        adapter=adapter,
    )


async def latest(nellie: Nellie, looking: Onlooker) -> list[Message]:
    """What people said last in the channel."""
    state = looking.state
    return await nellie.stores.messages.newest(state.channel, state.id, limit=LATEST)


def commands(nellie: Nellie) -> Commands:
    """Those that change nothing."""
    return replace(nellie.commands, read_only=True)
