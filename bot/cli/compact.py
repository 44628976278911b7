"""`nellie compact`: summaries made now in place of later."""

import typer

from bot import bootstrap
from bot.cli.arguments import label
from bot.cli.progress import show_progress
from bot.config import settings
from bot.domain.errors import SettingsError
from bot.domain.model import Channel
from bot.text.sanitize import clean


async def compact(channel: Channel | None, *, rebuild: bool) -> None:
    """Compact one channel or all of them; `rebuild` throws the summaries away first."""
    async with bootstrap.running(settings.load(), scheduled=False) as nellie:
        states = [
            state
            for state in await nellie.stores.channels.all()
            if channel in (None, state.channel)
        ]
        if channel and not states:
            reason = f"nothing is remembered of {label(channel)}"
            raise SettingsError(name="--channel", reason=reason)
        step = nellie.compaction.rebuild if rebuild else nellie.compaction.compact_all
        for state in states:
            name = clean(label(state.channel))
            with show_progress(f"Compacting {name}") as progress:
                made = await step(state.id, progress=progress)
            typer.echo(f"{name}: segments made: {made:,}")
