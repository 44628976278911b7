"""`nellie chat`: a conversation at the terminal or through a pipe."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot import bootstrap
from bot.cli import example, onlooking
from bot.cli.channel_names import find_or_begin
from bot.cli.collector import spare_what_is_loaded
from bot.commands.help import HELP
from bot.config import plugins, settings
from bot.config.settings import Settings
from bot.domain.model import Channel
from bot.language.intents.assent import read_assent
from bot.language.intents.reading import read_request
from bot.store.channels import Channels
from bot.telemetry import logs
from bot.telemetry.log_file import LogFile

LOG = "console.log"

UNNAMED = "console"  # the channel of whoever names none


async def chat(name: str, person: str, *, group: bool, new: bool) -> None:
    """Talk in a channel until the person leaves; in a group, only mentions are answered.

    A channel of a platform is only looked into.
    """
    console = plugins.load("adapter", "console")
    loaded = settings.load()
    async with bootstrap.opened(loaded) as (models, database):
        channel = await find_or_begin(Channels(database), name, new=new or name == UNNAMED)
        if channel.platform != console.name:
            async with onlooking.reading(loaded, database.url, models) as nellie:
                await _look_in(channel, person, loaded, nellie)
            return
        adapter = _console(replace(channel, direct=not group), person, loaded)
        async with bootstrap.started(loaded, database, models, [adapter], scheduled=True) as nellie:
            spare_what_is_loaded()
            if adapter.screen.interactive and name == UNNAMED and await example.is_wanted(nellie):
                adapter.example = example.example(nellie)
            await adapter.run(nellie.inbox, nellie.turns, nellie.commands)


async def _look_in(
    channel: Channel, person: str, loaded: Settings, nellie: bootstrap.Nellie
) -> None:
    adapter = _console(channel, person, loaded, reading=True)
    looking = await onlooking.onlooker(nellie, channel, adapter)
    adapter.latest = await onlooking.latest(nellie, looking)
    await adapter.run(looking, looking, onlooking.commands(nellie))


def _console(channel: Channel, person: str, loaded: Settings, *, reading: bool = False) -> Any:
    """The console in a channel; at a terminal the log goes into a file from now on."""
    console = plugins.load("adapter", "console")
    adapter = console.at(channel, person, folder=loaded.home, usages=HELP, reading=reading)
    adapter.reads = _read
    if adapter.screen.interactive and sys.stderr.isatty():
        file = LogFile(loaded.home.expanduser() / LOG)
        logs.configure(loaded.log_level, loaded.log_format, file)
    return adapter


def _read(line: str) -> str:
    """Whether a line asks to forget something, or says yes."""
    request = read_request(line, datetime.now(UTC))
    if request and request.kind.startswith("forget"):
        return "forget"
    return "yes" if read_assent(line) else ""
