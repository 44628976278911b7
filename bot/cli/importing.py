"""`nellie import`: one command for all that people have."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

import typer

from bot import bootstrap
from bot.archives.meter import metered
from bot.archives.opening import Source, opened_source
from bot.cli.channel_names import exact_name, find_or_import, label
from bot.cli.import_plan import Plan, make_plan
from bot.cli.import_preview import preview, shown
from bot.cli.people import People
from bot.cli.progress import show_progress
from bot.cli.runner import interruptible
from bot.config import settings
from bot.core.archive_import import (
    Complaints,
    ImportResult,
    checked_entries,
    import_documents,
    import_entries,
)
from bot.domain.archives import ArchivedDocument
from bot.domain.errors import UnknownChannel
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine
from bot.store.channels import Channels
from bot.telemetry.logs import tell_operator
from bot.text.sanitize import clean

Entry = Message | BadLine
NOWHERE: Mapping[Channel, Channel] = {}

SOME_NOT_READ = 3  # the exit code
NOTHING_READ = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What was said on the command line."""

    format: str = ""
    names: tuple[str, ...] = ()
    """Channels of the archive, or what its only one is to be called."""
    into: str = ""
    zone: tzinfo | None = None
    people: Path | None = None
    dry_run: bool = False
    new: bool = False


async def import_history(given: str, options: ImportOptions) -> int:
    """Import a source, or tell what would come in; returns the exit code."""
    people = People.read(options.people) if options.people else People()
    with ExitStack() as stack:
        with interruptible():
            source = stack.enter_context(opened_source(given, options.format))
            if options.zone and hasattr(source.archive, "zone"):
                source.archive.zone = options.zone
            reading = _Reading(source, _plan(source, options), people)
            if reading.plan.left_out:
                tell_operator(reading.plan.left_out)
            code = reading.preview() if options.dry_run else 0
        if not options.dry_run:
            code = await reading.store(new=options.new)
        reading.tell_rest()
        return code


def _plan(source: Source, options: ImportOptions) -> Plan:
    if hasattr(source.archive, "channels"):
        return make_plan(source.archive.channels(source.files.path), options.names, options.into)
    if not (name := options.into or next(iter(options.names), "")):
        raise UnknownChannel(reason="This format names no channel: say one with --channel.")
    return Plan((Channel("console", "local", name, name),), name)


class _Reading:
    """One reading of a source, and what becomes of it."""

    def __init__(self, source: Source, plan: Plan, people: People) -> None:
        self.plan = plan
        self._source = source
        self._people = people
        self._complaints = Complaints(source.files.show)
        self._results: Mapping[Channel, ImportResult] = {}

    def preview(self) -> int:
        """Tell what would come in."""
        entries = checked_entries(self._entries(), self._source.files.path, self._complaints)
        found = preview(entries, self.plan.chosen)
        typer.echo(shown(self._source.format, found, self.plan.target))
        code = self._code(sum(one.messages for one in found.values()))
        typer.echo("Nothing was imported: this was only to look.")
        return code

    async def store(self, *, new: bool) -> int:
        """Import it."""
        async with bootstrap.running(settings.load(), scheduled=False) as nellie:
            targets = await self._targets(nellie.stores.channels, new=new)
            with show_progress("Importing") as progress, metered(self._source.files.path) as meter:
                results = await import_entries(
                    nellie,
                    checked_entries(
                        self._entries(targets), self._source.files.path, self._complaints
                    ),
                    progress=lambda done: progress(done, meter.estimate(done)),
                )
                documents = await import_documents(nellie, self._documents(targets))
        for target in targets.values():
            result = results.get(target, ImportResult())
            bad = self._complaints.count if len(targets) == 1 else 0
            whole = replace(result, bad=bad, documents=documents[target])
            typer.echo(f"{label(target)}: {whole}")
        if len(targets) > 1 and self._complaints.count:
            typer.echo(f"{self._complaints.count:,} not to be read (listed above)")
        self._results = results
        read = sum(one.new + one.known + one.forgotten for one in results.values())
        return self._code(read + documents.total())

    async def _targets(self, channels: Channels, *, new: bool) -> dict[Channel, Channel]:
        if self.plan.target:
            [chosen] = self.plan.chosen
            return {chosen: await find_or_import(channels, self.plan.target, new=new)}
        return {chosen: chosen for chosen in self.plan.chosen}

    def tell_rest(self) -> None:
        """What was taken for granted, what was left out as nobody said it, and what to do next."""
        self._complaints.tell_more()
        for note in getattr(self._source.archive, "notes", ()):
            tell_operator(note)
        skipped = getattr(self._source.archive, "skipped", None)
        if skipped:
            listed = ", ".join(f"{count:,} {kind}" for kind, count in skipped.most_common())
            tell_operator(f"not read, as nobody said it: {listed}")
        _tell_next_step(self._results)

    def _code(self, read: int) -> int:
        if not read:
            tell_operator(f"{self._source.files.shown}: it holds no message that can be read")
            return NOTHING_READ
        return SOME_NOT_READ if self._complaints.count else 0

    def _entries(self, targets: Mapping[Channel, Channel] = NOWHERE) -> Iterator[Entry]:
        for entry in self._source.entries(self.plan.chosen):
            yield self._placed(entry, targets) if isinstance(entry, Message) else entry

    def _documents(
        self, targets: Mapping[Channel, Channel]
    ) -> Iterator[tuple[Channel, ArchivedDocument]]:
        found = self._source.documents(self.plan.chosen, self._complaints.add)
        return ((targets[channel], document) for channel, document in found)

    def _placed(self, message: Message, targets: Mapping[Channel, Channel]) -> Message:
        placed = targets.get(message.channel, message.channel)
        message = message if placed is message.channel else replace(message, channel=placed)
        return self._people.known(message)


def _tell_next_step(results: Mapping[Channel, ImportResult]) -> None:
    """How to ask about what came in; of several channels, about the fullest."""
    if results:
        fullest = max(results, key=lambda one: results[one].new + results[one].known)
        tell_operator(f"ask about it: nellie chat -c {shlex.quote(clean(exact_name(fullest)))}")
