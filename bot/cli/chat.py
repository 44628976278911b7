"""`nellie chat`: a conversation at the terminal or through a pipe."""

from dataclasses import replace

from bot import bootstrap
from bot.config import plugins, settings
from bot.domain.model import Channel


async def chat(channel: Channel, person: str, *, group: bool) -> None:
    """Talk in a channel until the person leaves; in a group, only mentions are answered."""
    console = plugins.load("adapter", "console")
    adapter = console.at(replace(channel, direct=not group), person)
    async with bootstrap.running(settings.load(), [adapter]) as nellie:
        await adapter.run(nellie.inbox, nellie.turns, nellie.commands)
