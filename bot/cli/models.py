"""`nellie models`: what each provider offers that this machine has settings for."""

import asyncio
from collections.abc import Container, Iterable, Mapping

import typer

from bot.config import plugins, settings
from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.domain.errors import NellieError
from bot.llm.model_loading import load_model
from bot.llm.openai.context_windows import ListedModel
from bot.llm.openai.listing import list_of_provider
from bot.llm.providers.checks import find_wrong
from bot.llm.providers.configured import find_configured

NOTHING = "nothing to ask: set a provider's key or address: OPENAI_API_KEY, OLLAMA_HOST ..."


async def show_models() -> None:
    """One line a model: its name, its context window, and whether NELLIE_MODEL(S) names it."""
    current = settings.load()
    environ = read_environment()
    used = dict.fromkeys((*current.model, *current.models))
    kinds = find_configured(environ, {name.partition("/")[0] for name in used})
    told = [
        line
        for lines in await asyncio.gather(*(_list(kind, current, environ, used) for kind in kinds))
        for line in lines
    ]
    told += [await _own(name, current) for name in used if name.partition("/")[0] not in kinds]
    wrong = dict.fromkeys(map(str, find_wrong(environ, plugins.names("model"))))
    told += [what for what in wrong if not any(what in line for line in told)]
    typer.echo("\n".join(told))
    if not kinds and {*used} <= {"extractive"}:
        typer.echo(NOTHING)


async def _list(
    kind: str, current: Settings, environ: Mapping[str, str], used: Iterable[str]
) -> list[str]:
    own = [name for name in used if name.partition("/")[0] == kind]
    try:
        found = await list_of_provider(kind, current, environ)
    except NellieError as error:
        return [f"{kind}: {error}", *(f"  {name}  in use" for name in own)]
    listed = [f"{kind}/{name}" for name in sorted(found)]
    lines = [_listed(f"{kind}/{name}", found[name], own) for name in sorted(found)]
    missing = [f"  {name}  in use, and not in the list" for name in own if name not in listed]
    return [f"{kind}: {len(listed):,} models", *lines, *missing]


def _listed(name: str, model: ListedModel, used: Container[str]) -> str:
    of = f"  LoRA of {model.base}" if model.base else ""
    return _line(name, model.window, name in used, of)


def _line(name: str, window: int | None, in_use: bool, of: str = "") -> str:
    size = f"  {window:,} tokens" if window else ""
    return f"  {name}{size}{of}{'  in use' if in_use else ''}"


async def _own(name: str, current: Settings) -> str:
    """A model that is no provider's: local, tgi, extractive, or one of a plugin."""
    try:
        model = load_model(name, current)
    except NellieError as error:
        return f"{name}: {error}"
    try:
        return _line(name, await model.context_window(), True).strip()
    finally:
        await model.close()
