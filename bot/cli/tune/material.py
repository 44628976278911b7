"""What a run looks at: the channel, and examples of its rated answers or of a file."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.cli import onlooking
from bot.cli.channel_names import find_channel
from bot.cli.compare.prompts import ComparedPrompt, read_prompts
from bot.cli.compare.rated import RatedPrompts
from bot.cli.tune.options import TuneOptions
from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.llm.registry import ModelRegistry
from bot.store import open_database
from bot.store.channels import Channels, ChannelState
from bot.store.database import Database
from bot.store.rated_turns import RatedTurns
from bot.telemetry.logs import tell_operator
from bot.text.plurals import counted
from bot.tuning.examples import Example
from bot.tuning.parts import Part, seeds


@dataclass(frozen=True, slots=True)
class Material:
    """All of it."""

    examples: Sequence[Example]
    database: Database | None = None
    state: ChannelState | None = None
    by_time: bool = False

    def seeds(self, settings: Settings) -> dict[Part, str]:
        """The texts that hold today."""
        if self.state is None:
            return seeds(persona=settings.persona)
        return seeds(
            persona=self.state.persona or settings.persona,
            rules=self.state.answer_style,
            summary=self.state.summary_wanted,
        )


async def read_material(
    stack: AsyncExitStack, options: TuneOptions, settings: Settings
) -> Material:
    """Opens what it needs in the stack. Raises SettingsError and UnknownChannel."""
    given = read_prompts(options.path, settings) if options.path else []
    if options.channel is None:
        return Material(_examples(given, options.limit))
    # Memory is read without the models that are asked: a broken one is told of by itself.
    alone = settings.model_copy(update={"model": ("extractive",), "models": ()})
    database = await stack.enter_async_context(open_database.migrated_database(alone))
    state = await find_channel(Channels(database), options.channel)
    if options.path:
        return Material(_examples(given, options.limit), database, state)
    async with onlooking.reading(alone, database.url, ModelRegistry(alone)) as nellie:
        rated = RatedPrompts(
            turns=RatedTurns(nellie.database),
            messages=nellie.stores.messages,
            recall=nellie.recall,
            settings=settings,
        )
        found = await rated.read(most=options.limit, channel=state.id)
    return Material(_examples(found, options.limit), database, state, by_time=True)


def _examples(given: Sequence[ComparedPrompt], limit: int) -> list[Example]:
    """Those of which something is known; what brings a prompt of its own cannot be tuned."""
    found = dict[str, Example]()
    left_out = 0
    for number, one in enumerate(given[:limit], 1):
        question = one.prompt.trigger
        if one.is_own or question is None or not (one.expected or one.unwanted):
            left_out += 1
            continue
        name = one.name if one.name not in found else f"{one.name} ({number})"
        found[name] = Example(
            name=name,
            question=question,
            said=one.said,
            recalled=one.recalled,
            good=one.expected,
            bad=one.unwanted,
        )
    if left_out:
        why = "no expected answer, or a prompt of their own"
        tell_operator(f"left out: {counted(left_out, 'example')} with {why}")
    if not found:
        reason = "there is no example of which it is known what a good answer is"
        raise SettingsError(name="tune", reason=f"{reason}: rate answers, or name a file")
    return list(found.values())
