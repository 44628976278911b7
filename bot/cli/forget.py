"""`nellie forget`: a person or a channel, erased by whoever operates Nellie."""

from collections.abc import Iterable
from typing import Annotated

import typer

from bot.cli import help_texts
from bot.cli.arguments import EveryChannelOption
from bot.cli.channel_names import find_channel, label
from bot.cli.runner import run
from bot.commands.forgetting import NOT_LATER, ask_whether, listed
from bot.config import settings
from bot.domain.errors import SettingsError
from bot.domain.model import NELLIE
from bot.memory.forget_plan import ForgetPlan
from bot.store import open_database
from bot.store.api_traces import ApiTrace, ApiTraces
from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.person_traces import PersonTraces, Traces
from bot.text.plurals import counted
from bot.text.sanitize import clean

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=help_texts.FORGET)
def forget() -> None:
    """A subcommand says what."""


@app.command("person", help=help_texts.FORGET_PERSON)
def person_(
    person: Annotated[str, typer.Argument(metavar="ID", help="The platform's id of the person.")],
    channel: EveryChannelOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a person."""
    raise typer.Exit(run(_forget_person(clean(person).strip(), channel, sure=yes)))


@app.command("channel", help=help_texts.FORGET_CHANNEL)
def channel_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in `nellie channels`.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget all that is remembered of a channel."""
    raise typer.Exit(run(_forget_channel(name, sure=yes)))


async def _forget_channel(name: str, *, sure: bool) -> None:
    async with open_database.migrated_database(settings.load()) as database:
        state = await find_channel(Channels(database), name)
        seqs = await Messages(database).all_seqs(state.id)
        where = label(state.channel)
        weight = await MessageEdits(database).weigh(state.id, seqs, everybody=True)
        if not (seqs or weight.documents):
            await PersonTraces(database).keep_out(state.id, None)
            typer.echo(f"Nothing is remembered of {where}.")
            return
        plan = ForgetPlan(description=f"in {where}", seqs=seqs, everybody=True)
        if not (sure or typer.confirm(ask_whether(plan, weight))):
            typer.echo("Nothing was changed.")
            return
        forgotten = await PersonTraces(database).forget_everybody(state.id, seqs)
        done = listed(forgotten, weight.documents)
        typer.echo(f"Forgotten: {done} in {where}. {NOT_LATER}")


async def _forget_person(person: str, channel: str | None, *, sure: bool) -> None:
    if not person or person == NELLIE.id:
        raise SettingsError(name="ID", reason="that is nobody's")
    async with open_database.migrated_database(settings.load()) as database:
        states = await _find_channels(database, channel)
        traces = PersonTraces(database)
        found = await traces.count(list(states), person)
        of_api = ApiTrace(0, 0, 0) if channel else await ApiTraces(database).count(person)
        if not found and not any(of_api):
            await traces.delete_help_channels(person)
            await _keep_out(traces, states, person)
            typer.echo(f"Nothing bears the id {person}.")
            return
        for one in found:
            typer.echo(_line(states[one.channel_id], one))
        if of_api.keys or of_api.calls:
            typer.echo(f"API: {counted(of_api.keys, 'key')}, {counted(of_api.calls, 'call')}")
        if of_api.page:
            typer.echo(f"Page: {counted(of_api.page, 'row')}")
        messages = counted(sum(one.messages for one in found), "message")
        if not (sure or typer.confirm(f"This forgets {messages} of {person}, for good. Sure?")):
            typer.echo("Nothing was changed.")
            return
        forgotten = sum([await traces.forget(one.channel_id, person) for one in found])
        if not channel:
            await ApiTraces(database).forget(person)
        await traces.delete_help_channels(person)
        await _keep_out(traces, set(states) - {one.channel_id for one in found}, person)
        done = counted(forgotten, "message")
        typer.echo(f"Forgotten: {done} of {person}, and whatever else bore the id.")


async def _keep_out(traces: PersonTraces, channel_ids: Iterable[int], person: str) -> None:
    """Where nothing bears the id yet, what they said so far is not read in later."""
    for channel_id in channel_ids:
        await traces.keep_out(channel_id, person)


async def _find_channels(database: Database, name: str | None) -> dict[int, ChannelState]:
    """One channel or all, by their number. Raises UnknownChannel."""
    channels = Channels(database)
    chosen = [await find_channel(channels, name)] if name else await channels.all()
    return {state.id: state for state in chosen}


def _line(state: ChannelState, found: Traces) -> str:
    others = f", {counted(found.others, 'other place')}" if found.others else ""
    since = f" since {found.first:%Y-%m-%d}" if found.first else ""
    return f"{label(state.channel)}: {counted(found.messages, 'message')}{since}{others}"
