"""`nellie dataset`: rated, cited and corrected answers as training data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot.cli import dataset_help_texts
from bot.cli.arguments import parse_channel, parse_path
from bot.cli.channel_names import find_among
from bot.cli.progress import show_progress
from bot.cli.runner import run
from bot.config import settings
from bot.config.settings import Settings
from bot.datasets.exporting import Exporter, Rated, Wanted
from bot.datasets.key_file import read_key
from bot.datasets.manifest import manifest
from bot.datasets.scrubbing import Scrubber
from bot.datasets.shapes import TRAINERS, Trainer
from bot.datasets.sorting import Exported
from bot.datasets.splits import Shares, parse_shares
from bot.datasets.writing import refuse_folder, write_folder
from bot.domain.errors import SettingsError
from bot.language.expiry import parse_past
from bot.prompting.budget import SMALLEST_TOTAL, Budget
from bot.store import open_database
from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.training_turns import TrainingTurns
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted

TOKENS = 4_096  # of an example, where nobody says how many
ATTEMPTS = 3  # at a dataset from which nothing was forgotten while it was written
Name = TypeVar("Name", bound=str)
_RATED: tuple[Rated, ...] = ("good", "corrected", "all")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOptions:
    """What is asked for, and where it goes."""

    folder: Path
    key: Path
    trainer: Trainer
    channels: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    rated: Rated
    cited: bool
    pairs: bool
    shares: Shares
    tokens: int
    keep_names: bool
    licence: str
    replace: bool


@app.command("dataset", help=dataset_help_texts.DATASET)
def dataset(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder for it.")],
    for_: Annotated[
        str, typer.Option("--for", metavar="TRAINER", help=f"{', '.join(TRAINERS)}.")
    ] = "trl",
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", "-c", metavar="NAME", help="Otherwise all but direct messages."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Asked since: 30d, 2026-11-20.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Asked before.")] = None,
    rated: Annotated[
        str, typer.Option(metavar="WHICH", help="good, corrected, or all (both).")
    ] = "good",
    cited: Annotated[
        bool, typer.Option("--cited", help="Also unrated answers that cite what was shown.")
    ] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Also pairs of a bad and a better answer.")
    ] = False,
    split: Annotated[
        str, typer.Option(metavar="SHARES", help="Percent to train, validate and test.")
    ] = str(Shares()),
    tokens: Annotated[
        int, typer.Option(min=SMALLEST_TOTAL, help="Of an example, about, at most.")
    ] = TOKENS,
    names: Annotated[str, typer.Option(metavar="HOW", help="pseudonyms, or keep.")] = "pseudonyms",
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What pseudonyms depend on; otherwise FOLDER.key."),
    ] = None,
    licence: Annotated[str, typer.Option(metavar="TEXT", help="A line for the manifest.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a dataset that is there.")
    ] = False,
) -> None:
    """Write a dataset."""
    folder = parse_path(to, "--to")
    options = DatasetOptions(
        folder=folder,
        key=parse_path(key, "--key") if key else folder.with_name(f"{folder.name}.key"),
        trainer=_one_of(for_, TRAINERS, "--for"),
        channels=tuple(map(parse_channel, channel or ())),
        since=_time(since, "--since"),
        until=_time(until, "--until"),
        rated=_one_of(rated, _RATED, "--rated"),
        cited=cited,
        pairs=pairs,
        shares=_shares(split),
        tokens=tokens,
        keep_names=_one_of(names, ("pseudonyms", "keep"), "--names") == "keep",
        licence=" ".join(licence.split()),
        replace=replace,
    )
    if options.since and options.until and options.since >= options.until:
        raise typer.BadParameter("--since is not before --until")
    raise typer.Exit(run(_write(options)))


async def _write(options: DatasetOptions) -> int:
    current = settings.load()
    refuse_folder(options.folder, replace=options.replace)
    scrubber = Scrubber()
    async with open_database.migrated_database(current) as database:
        wanted = await _wanted(options, current, database)
        for _ in range(ATTEMPTS):
            if exported := await _export(options, wanted, database, scrubber):
                return _tell(options, exported)
            tell_operator("something was forgotten while it was written; beginning again")
    reason = "something was forgotten each time while it was written: run it again later"
    raise SettingsError(name=str(options.folder), reason=reason)


async def _export(
    options: DatasetOptions, wanted: Wanted, database: Database, scrubber: Scrubber
) -> Exported | None:
    """What was written; None, and nothing, where something was forgotten meanwhile."""
    turns, channels = TrainingTurns(database), wanted.choice.channels
    before = await turns.forgotten(channels)
    with (
        write_folder(options.folder, replace=options.replace) as folder,
        show_progress("Writing examples") as progress,
    ):
        exported = await Exporter(turns, wanted, scrubber).write(folder, progress)
        if await turns.forgotten(channels) != before:
            folder.abandon()
            return None
        if not exported.written:
            folder.abandon()
            return exported
        folder.finish(manifest(exported, wanted, licence=options.licence, made=datetime.now(UTC)))
    return exported


async def _wanted(options: DatasetOptions, current: Settings, database: Database) -> Wanted:
    budget = Budget.fit(
        high=current.window_high,
        low=current.window_low,
        recall=current.recall,
        answer=current.max_answer,
    )
    return Wanted(
        trainer=options.trainer,
        channels=_chosen(await Channels(database).all(), options.channels),
        since=options.since,
        until=options.until,
        rated=options.rated,
        cited=options.cited,
        pairs=options.pairs,
        shares=options.shares,
        persona=current.persona,
        budget=budget.scale(options.tokens * 3 / 4 / budget.total),
        tokens=options.tokens,
        keep_names=options.keep_names,
        key=read_key(options.key),
    )


def _chosen(known: Sequence[ChannelState], names: Sequence[str]) -> list[ChannelState]:
    """Those of these names; otherwise all in which several people talk. Raises UnknownChannel."""
    if not names:
        return [one for one in known if not one.channel.direct]
    states = {one.channel: one for one in known}
    return [states[one] for one in dict.fromkeys(find_among(name, list(states)) for name in names)]


def _tell(options: DatasetOptions, exported: Exported) -> int:
    left_out = exported.left_out.most_common()
    if not exported.written:
        tell_operator(f"there is nothing to learn from, and {options.folder} was not written")
        tell_operator(dataset_help_texts.next_step(rated=options.rated, cited=options.cited))
    else:
        pairs = sum(exported.pairs.values())
        made = [counted(sum(exported.examples.values()), "example")]
        made += [counted(pairs, "pair")] if options.pairs else []
        tell_operator(f"wrote {options.folder}: {' and '.join(made)}")
    if left_out:
        turns = counted(exported.left_out.total(), "turn")
        told = "; ".join(f"{count:,} {why}" for why, count in left_out)
        tell_operator(f"left out {turns}: {told}")
    return 0 if exported.written else 1


def _one_of(given: str, known: Sequence[Name], option: str) -> Name:
    for one in known:
        if given.strip().lower() == one:
            return one
    raise typer.BadParameter(f"there is {', '.join(known)}", param_hint=option)


def _time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_past(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _shares(text: str) -> Shares:
    try:
        return parse_shares(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--split") from None
