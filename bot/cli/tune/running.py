"""One run of `nellie tune`, from what it may cost to the file that it writes."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import typer

from bot.cli.channel_names import ask
from bot.cli.compare.numbers import money
from bot.cli.compare.prompts import whole_budget
from bot.cli.files import require_place, write_private
from bot.cli.progress import Stages
from bot.cli.tables import terminal_width, wrap
from bot.cli.tune.found_file import found_file
from bot.cli.tune.material import Material, read_material
from bot.cli.tune.options import TuneOptions
from bot.cli.tune.report import Report
from bot.commands.about import NO_MODEL
from bot.config import settings
from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.domain.generation import parse_generation
from bot.domain.model import Usage
from bot.limits.call_queue import CallQueue
from bot.llm.fallback import Fallback, load_models
from bot.llm.registry import ModelRegistry
from bot.store.usage import UsageLog
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted
from bot.tuning.asking import Asker, keep_nothing
from bot.tuning.examples import SPLITS, Splits, split
from bot.tuning.metric import AnswerMetric, guarded
from bot.tuning.parts import Part
from bot.tuning.reflecting import MINIBATCH, require_gepa
from bot.tuning.requests import WARM_UP, as_prompt
from bot.tuning.rewriting import TRIES
from bot.tuning.trying import Trying
from bot.tuning.tuning import Outcome, Tuning

ANSWER = 150  # tokens of an answer, for what it may cost
UNLIMITED = 1_000_000  # calls that may wait: a command's own queue turns none away


async def tune(options: TuneOptions) -> None:
    """Search, control, measure; tell it, and write the file. Whoever breaks it off keeps that."""
    require_gepa()
    current = settings.load()
    require_place(options.file, force=options.force)
    async with AsyncExitStack() as stack:
        material = await read_material(stack, options, current)
        splits = split(material.examples, seed=options.seed, by_time=material.by_time)
        _require_budget(options.budget, splits)
        run = await _Run.open(stack, options, current, material, splits)
        typer.echo(wrap(run.prospect(), terminal_width()))
        if not (options.sure or ask("Go on?", default=False)):
            typer.echo("Nothing was asked.")
            return
        await run.go()


def _require_budget(budget: int, splits: Splits) -> None:
    least = 2 * len(splits.validation) + 2 * MINIBATCH
    if budget < least:
        reason = f"with these examples, less than {least:,} answers can find nothing"
        raise SettingsError(name="--budget", reason=reason)


def _refuse_to_quote(*models: Fallback) -> None:
    if any(one.name == NO_MODEL for one in models):
        what = f"this needs a language model, and {NO_MODEL} only quotes what was said"
        reason = f"{what}: set NELLIE_MODEL, or name one with --model"
        raise SettingsError(name="tune", reason=reason)


@dataclass(slots=True, kw_only=True)
class _Run:
    options: TuneOptions
    settings: Settings
    material: Material
    splits: Splits
    seeds: dict[Part, str]
    trying: Trying
    answering: Asker
    writing: Asker

    @classmethod
    async def open(
        cls,
        stack: AsyncExitStack,
        options: TuneOptions,
        current: Settings,
        material: Material,
        splits: Splits,
    ) -> "_Run":
        """With the models, which the stack closes. Raises PluginError and SettingsError."""
        registry = ModelRegistry(current)
        stack.push_async_callback(registry.close)

        def load(name: str | None) -> Fallback:
            if name is None:
                return registry.get(material.state.model if material.state else None)
            loaded = load_models([name], current)
            stack.push_async_callback(loaded.close)
            return loaded

        model = load(options.model)
        writer = load(options.reflection_model) if options.reflection_model else model
        _refuse_to_quote(model, writer)
        queue = CallQueue(options.at_once, max_waiting=UNLIMITED)
        keep = keep_nothing
        if material.state and material.database:
            keep = partial(_keep, UsageLog(material.database), material.state.id)
        answering = Asker(model=model, queue=queue, keep=keep)
        budget = whole_budget(current)
        if window := await model.context_window():
            budget = budget.scale(budget.share_within(window))
        trying = Trying(
            ask=answering.ask,
            budget=budget,
            metric=guarded(AnswerMetric(splits.train)),
            generation=parse_generation((material.state and material.state.generation) or ""),
            summarizes="summary" in options.parts,
        )
        return cls(
            options=options,
            settings=current,
            material=material,
            splits=splits,
            seeds=material.seeds(current),
            trying=trying,
            answering=answering,
            writing=Asker(model=writer, queue=queue, keep=keep),
        )

    async def go(self) -> None:
        """Ask, and tell what came of it, however it ends."""
        await self.writing.ask(as_prompt(WARM_UP))  # one that is away says so here
        stages = Stages()
        tuning = Tuning(
            splits=self.splits,
            seeds=self.seeds,
            parts=self.options.parts,
            trying=self.trying,
            reflect=self._reflect,
            budget=self.options.budget,
            seed=self.options.seed,
            progress=stages,
        )
        try:
            await tuning.run()
        finally:
            stages.close()
            self._tell(tuning.outcome)

    async def _reflect(self, request: str) -> str:
        return (await self.writing.ask(as_prompt(request))).text

    def prospect(self) -> str:
        """What it will ask, and what that may cost."""
        counts = [len(one) for one in (self.splits.train, self.splits.validation)]
        untouched = len(self.splits.untouched)
        answers = 2 * self.options.budget + 3 * untouched
        prompts = [self.trying.prompt(self.seeds, one, one.said) for one in self.splits.train]
        given = round(fmean(one.tokens for one in prompts)) * answers
        name, writer = self.answering.model.name, self.writing.model.name
        price = self.settings.price_of.get(name)
        cost = "what it costs is not known (NELLIE_PRICES says what a model costs)"
        if price:
            most = price.of(given=given, cached=0, cache_write=0, output=ANSWER * answers)
            cost = f"about {money(most)} for answers, and what writing texts costs"
        return (
            f"{counted(sum(counts) + untouched, 'example')} ({SPLITS}:"
            f" {counts[0]:,}, {counts[1]:,}, {untouched:,}). At most {answers:,} answers of {name}"
            f"{', each behind a summary,' if self.trying.summarizes else ''}"
            f" and {self._writing_calls():,} calls of {writer} that write texts;"
            f" about {given + ANSWER * answers:,} tokens for answers; {cost}."
        )

    def _writing_calls(self) -> int:
        """At most: each new text of the search follows answers that show what was wrong."""
        budget, each = self.options.budget, len(self.splits.validation)
        search = (budget - each) // min(MINIBATCH, len(self.splits.train))
        return 1 + search + TRIES * (budget // each)  # and the warm-up

    def _tell(self, outcome: Outcome) -> None:
        report = Report(
            outcome=outcome,
            parts=self.options.parts,
            budget=self.trying.budget,
            price_of=self.settings.price_of.get,
            used=[*self.answering.used, *self.writing.used],
        )
        for line in report.lines(terminal_width()):
            typer.echo(line)
        if outcome.tuned is None or outcome.before is None:
            tell_operator("nothing was written: there are no better texts")
            return
        models = self.answering.model.name, self.writing.model.name
        text = found_file(outcome, self.options, self.splits, models).write()
        try:
            with write_private(self.options.file, force=self.options.force) as stream:
                stream.write(text)
        except (OSError, SettingsError):
            typer.echo(text)  # it was paid for
            raise
        where = self.options.channel or "NAME"
        tell_operator(
            f"wrote {self.options.file}; nothing is changed."
            f" nellie tune --apply {self.options.file} --channel {where} sets it"
        )


async def _keep(log: UsageLog, channel_id: int, usage: Sequence[Usage]) -> None:
    await log.add(channel_id, usage, "tuning")
