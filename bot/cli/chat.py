"""`nellie chat`: a conversation at the terminal or through a pipe."""

from dataclasses import replace

from bot import bootstrap
from bot.cli.channel_names import find_or_begin
from bot.config import plugins, settings
from bot.store.channels import Channels


async def chat(name: str, person: str, *, group: bool, new: bool) -> None:
    """Talk in a channel until the person leaves; in a group, only mentions are answered."""
    console = plugins.load("adapter", "console")
    loaded = settings.load()
    async with bootstrap.opened(loaded) as (models, database):
        channel = await find_or_begin(Channels(database), name, new=new)
        adapter = console.at(replace(channel, direct=not group), person)
        async with bootstrap.started(loaded, database, models, [adapter], scheduled=True) as nellie:
            await adapter.run(nellie.inbox, nellie.turns, nellie.commands)
