"""/summarize, /translate, /sentiment and /extract as slash commands."""

from collections.abc import Iterable, Sequence
from typing import Any

from discord import app_commands
from discord.app_commands import Choice, Range

from adapters.discord.interactions import Interaction
from adapters.discord.running_tasks import run_task
from bot.text.common_languages import LANGUAGES, language_of

SUGGESTIONS = 25  # that Discord shows
LONGEST = 6_000  # characters of an option
FOR_ALL = "Everybody here sees the answer; else only you"
WHAT = "thread, 2h, today, all, the link of a message, or a text; else what was said last"
_NAMED = ("thread", "2h", "today", "yesterday", "3d", "1w", "all")


def task_commands() -> Sequence[app_commands.Command[Any, Any, Any]]:
    """The commands that work on a text."""
    return (summarize, translate, sentiment, extract)


@app_commands.command(description="A thread, a time, a message or a text in a few lines")
@app_commands.describe(what=WHAT, public=FOR_ALL)
async def summarize(
    interaction: Interaction, what: Range[str, 1, LONGEST] = "", public: bool = False
) -> None:
    await run_task(interaction, "summarize", what, public=public)


@app_commands.command(description="A text, or what was said last, in another language")
@app_commands.describe(
    language="By its name in any language, or its code: German, deutsch, pt-BR",
    text="A text, the link of a message, thread, 2h; else what somebody else said last",
    public=FOR_ALL,
)
async def translate(
    interaction: Interaction,
    language: Range[str, 1, 60],
    text: Range[str, 1, LONGEST] = "",
    public: bool = False,
) -> None:
    await run_task(interaction, "translate", f"{language}: {text}", public=public)


@app_commands.command(description="Whether a text sounds positive; of a time, day by day")
@app_commands.describe(what=WHAT, public=FOR_ALL)
async def sentiment(
    interaction: Interaction, what: Range[str, 1, LONGEST] = "", public: bool = False
) -> None:
    await run_task(interaction, "sentiment", what, public=public)


@app_commands.command(description="What a text says of some fields, as a table")
@app_commands.describe(
    fields="Such as: date, amount, name",
    text="A text, or the link of a message; else what somebody else said last",
    public=FOR_ALL,
)
async def extract(
    interaction: Interaction,
    fields: Range[str, 1, 1000],
    text: Range[str, 1, LONGEST] = "",
    public: bool = False,
) -> None:
    await run_task(interaction, "extract", f"{fields}: {text}", public=public)


@summarize.autocomplete("what")
@sentiment.autocomplete("what")
async def _suggest_what(interaction: Interaction, typed: str) -> list[Choice[str]]:
    return suggest(_NAMED, typed)


@translate.autocomplete("language")
async def _suggest_languages(interaction: Interaction, typed: str) -> list[Choice[str]]:
    own = language_of(str(interaction.locale))
    return suggest([*([own] if own else []), *LANGUAGES.values()], typed)


def suggest(names: Iterable[str], typed: str) -> list[Choice[str]]:
    """Those that hold what was typed; first what begins with it."""
    typed = typed.strip().lower()
    matching = [name for name in dict.fromkeys(names) if typed in name.lower()]
    matching.sort(key=lambda name: not name.lower().startswith(typed))
    return [Choice(name=name[:100], value=name[:100]) for name in matching[:SUGGESTIONS]]
