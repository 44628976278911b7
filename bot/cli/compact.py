"""`nellie compact`: summaries made now in place of later."""

import typer

from bot import bootstrap
from bot.cli.channel_names import find_channel, label
from bot.cli.progress import show_progress
from bot.config import settings


async def compact(name: str | None, *, rebuild: bool) -> None:
    """Compact one channel or all of them; `rebuild` throws the summaries away first."""
    async with bootstrap.running(settings.load(), scheduled=False) as nellie:
        channels = nellie.stores.channels
        states = [await find_channel(channels, name)] if name else await channels.all()
        step = nellie.compaction.rebuild if rebuild else nellie.compaction.compact_all
        for state in states:
            shown = label(state.channel)
            with show_progress(f"Compacting {shown}") as progress:
                made = await step(state.id, progress=progress)
            typer.echo(f"{shown}: segments made: {made:,}")
