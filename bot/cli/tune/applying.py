"""What was tuned, set for a channel and taken back: both ask first, and are noted."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from bot.cli.channel_names import ask, find_channel, label
from bot.cli.tables import terminal_width
from bot.cli.tune.changes import changes
from bot.config import settings
from bot.config.settings import Settings
from bot.domain.errors import CommandError
from bot.domain.page import Visitor
from bot.page.noting import Noting
from bot.store import open_database
from bot.store.audit import Audit
from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.tuned_prompts import TakenBack, TunedPrompts, texts_of
from bot.store.tuned_prompts import Texts as OwnTexts
from bot.text.sanitize import clean
from bot.tuning.parts import PARTS, Part, seeds
from bot.tuning.tuned_file import TunedFile, read_tuned_file

APPLIED, TAKEN_BACK = "applied tuned prompts", "took tuned prompts back"  # in the list of changes
LEFT = "Nothing was changed."
CHANGED = "Somebody has changed that channel's prompts just now; look again."

T = TypeVar("T")


async def apply(path: Path, name: str, *, sure: bool) -> None:
    """Set the texts of a file for a channel. Raises SettingsError, UnknownChannel, CommandError."""
    file = read_tuned_file(path)
    current = settings.load()
    async with open_database.migrated_database(current) as database:
        state = await find_channel(Channels(database), name)
        seen = texts_of(state)
        general = seeds(persona=current.persona)
        wanted = {
            part: None if text == general[part] else text for part, text in file.texts.items()
        }
        new: OwnTexts = {part: text for part, text in wanted.items() if text != seen[part]}
        if not new:
            typer.echo(f"These prompts hold in {label(state.channel)} already. {LEFT}")
            return
        _show_change(state, current, new)
        _warn(file, state)
        if not (sure or ask(f"Set this for {label(state.channel)}?", default=False)):
            typer.echo(LEFT)
            return

        async def do() -> None:
            if not await TunedPrompts(database).apply(state.id, new, seen=seen):
                raise CommandError(reason=CHANGED)

        await _noted(database, state, APPLIED, do, lambda done: ", ".join(new))
        back = f"nellie tune --undo --channel {name}"
        typer.echo(f"Set. Answers are asked for in these words from now on; {back} takes it back.")


async def undo(name: str, *, sure: bool) -> None:
    """Take back what was applied last. Raises UnknownChannel and CommandError."""
    current = settings.load()
    async with open_database.migrated_database(current) as database:
        state = await find_channel(Channels(database), name)
        prompts = TunedPrompts(database)
        last = await prompts.newest(state.id)
        if last is None:
            typer.echo(f"No tuned prompts are applied in {label(state.channel)}. {LEFT}")
            return
        now = texts_of(state)
        back = {part: text for part, text in last.former.items() if now[part] == last.applied[part]}
        _show_change(state, current, back)
        question = f"Take back what was applied on {last.at:%Y-%m-%d}?"
        if back and not (sure or ask(question, default=False)):
            typer.echo(LEFT)
            return

        async def do() -> TakenBack:
            taken = await prompts.take_back(state.id, last.number)
            if taken is None:
                raise CommandError(reason=CHANGED)
            return taken

        taken = await _noted(
            database, state, TAKEN_BACK, do, lambda done: ", ".join(done.former) or "nothing"
        )
        what = f"Taken back in {label(state.channel)}: {', '.join(taken.former)}."
        typer.echo(what if taken.former else "Nothing was taken back.")
        if taken.kept:
            typer.echo(f"Changed by somebody since, and left as it is: {', '.join(taken.kept)}.")


async def show(name: str) -> None:
    """What holds in a channel, by part. Raises UnknownChannel."""
    current = settings.load()
    async with open_database.migrated_database(current) as database:
        state = await find_channel(Channels(database), name)
        last = await TunedPrompts(database).newest(state.id)
    own, holding = texts_of(state), _holding(state, current)
    for part in PARTS:
        whose = "its own" if own[part] else "the general one"
        if last and own[part] and last.applied.get(part) == own[part]:
            whose = f"tuned, since {last.at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{part} ({whose}):\n{clean(holding[part])}\n")


def _holding(state: ChannelState, current: Settings) -> dict[Part, str]:
    return seeds(
        persona=state.persona or current.persona,
        rules=state.answer_style,
        summary=state.summary_wanted,
    )


def _show_change(state: ChannelState, current: Settings, new: OwnTexts) -> None:
    general = seeds(persona=current.persona)
    after = {part: new[part] or general[part] for part in PARTS if part in new}
    for line in changes(_holding(state, current), after, terminal_width()):
        typer.echo(line)


def _warn(file: TunedFile, state: ChannelState) -> None:
    """What somebody should know before they say yes."""
    found_for = file.about.get("channel")
    if found_for and found_for not in (state.channel.name, state.channel.id):
        typer.echo(f"These texts were found for {clean(str(found_for))[:80]!r}.")
    if file.about.get("finished") is False:
        typer.echo("The search was not finished: whether they are better was not measured.")
    elif file.about.get("better") is False:
        typer.echo("When they were found, they were measured as no better than what was there.")


async def _noted(
    database: Database,
    state: ChannelState,
    action: str,
    do: Callable[[], Awaitable[T]],
    note: Callable[[T], str],
) -> T:
    operator = Visitor(
        session=0,
        platform=state.channel.platform,
        workspace=state.channel.workspace,
        person_id="",
        name="whoever runs Nellie",
        admin=True,
    )
    return await Noting(Audit(database)).run(operator, action, do, note, channel_id=state.id)
