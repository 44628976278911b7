"""The gateway of one replica, built and closed; only where an adapter lets programs in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.commands.dispatch import Commands
from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.core.gathering import Gathering
from bot.domain.ports import Adapter
from bot.gateway.callers.keys import Keys
from bot.gateway.calls.calls import Calls
from bot.gateway.calls.calls_under_way import CallsUnderWay
from bot.gateway.calls.key_watch import KeyWatch
from bot.gateway.gateway import TeamGateway
from bot.gateway.models.offered_models import ConfiguredModels, OfferedModels
from bot.gateway.models.provider_models import Providers
from bot.gateway.saving.answer_cache import AnswerCache
from bot.gateway.saving.joined_embeddings import JoinedEmbeddings
from bot.gateway.teammate.models import TeammateParts
from bot.gateway.teammate.rights import Rights
from bot.gateway.teammate.source import TeammateModels
from bot.limits.call_queue import CallQueue
from bot.limits.reservations import Reserving
from bot.llm.registry import ModelRegistry
from bot.store.stores import Stores


@asynccontextmanager
async def opened_gateway(
    *,
    settings: Settings,
    stores: Stores,
    models: ModelRegistry,
    adapters: Mapping[str, Adapter],
    gathering: Gathering,
    call_queue: CallQueue,
    commands: Commands,
) -> AsyncIterator[TeamGateway]:
    """Calls that are under way at its end are broken off, and what they used is noted."""
    providers = Providers(settings, read_environment())
    reserving = Reserving(settings=settings, store=stores.reservations)
    calls = Calls.on(stores, reserving, settings)
    under_way, joined = CallsUnderWay(), JoinedEmbeddings()
    keys = Keys.on(stores, adapters)
    watch = KeyWatch(keys.good)
    teammate = TeammateModels(
        TeammateParts.on(stores, gathering=gathering, call_queue=call_queue, commands=commands),
        stores.channels,
        Rights(adapters),
    )
    configured = ConfiguredModels(settings, models, providers)
    offered = OfferedModels([teammate, configured])
    try:
        yield TeamGateway(
            keys=keys,
            calls=calls,
            offered=offered,
            under_way=under_way,
            cache=AnswerCache(settings.api_cache),
            joined=joined,
            watch=watch,
        )
    finally:
        await watch.close()
        await under_way.close()
        await joined.close()
        await calls.close()
        await configured.close()
        await providers.close()
