"""What a server offers, and how large its context windows are, as each kind of server says it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Ask = Callable[[str], Awaitable[Any]]
"""The JSON at a path relative to the server's /v1/. Raises where there is none."""

_FIELDS = (
    "max_model_len",  # vLLM, SGLang
    "context_length",  # OpenRouter, Together
    "context_window",  # Groq
    "max_context_length",  # Mistral
    "inputTokenLimit",  # Gemini
    "loaded_context_length",  # LM Studio
)


async def find_window(ask: Ask, model: str, *, is_local: bool) -> int | None:
    """Tokens of prompt and answer together; None where the server does not say.

    A server of one's own is asked how it was started, which may be less than the model can.
    """
    if is_local:
        for found in (_of_llama_cpp, _of_ollama):
            if window := await found(ask, model):
                return window
    listed = (await list_models(ask)).get(model)
    return listed.window if listed else None


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as its server lists it."""

    window: int | None
    """Its context window; an adapter has that of its base."""
    base: str = ""
    """The model that it is a LoRA adapter of; empty for a model of its own."""


async def list_models(ask: Ask) -> dict[str, ListedModel]:
    """The models that a server offers, by their names. Raises what `ask` raises."""
    found: dict[str, ListedModel] = {}
    for one in list_of(await ask("models"), "data"):
        if isinstance(name := one.get("id"), str):
            sizes = (size for key in _FIELDS if (size := _size_of(one.get(key))))
            base = one.get("parent")  # vLLM, SGLang
            found[name.removeprefix("models/")] = ListedModel(  # as Gemini's begin
                next(sizes, None), base if isinstance(base, str) and base != name else ""
            )
    return {name: _with_window_of_base(one, found) for name, one in found.items()}


async def name_at_sglang(ask: Ask, model: str) -> str:
    """The name to ask for: of an adapter "base:adapter", for by its own it gets the base alone."""
    listed = (await list_models(ask)).get(model)
    return f"{listed.base}:{model}" if listed and listed.base and ":" not in model else model


def _with_window_of_base(one: ListedModel, found: Mapping[str, ListedModel]) -> ListedModel:
    base = found.get(one.base)
    return ListedModel(one.window or base.window, one.base) if base else one


async def _of_llama_cpp(ask: Ask, model: str) -> int | None:
    """`n_ctx` is 0 before a model is loaded; its router wants to know of which one."""
    for path in ("../props", f"../props?model={quote(model, safe='')}"):
        with suppress(Exception):  # it is another kind of server
            window = _size_of((await ask(path))["default_generation_settings"]["n_ctx"])
            if window:
                return window
    return None


async def _of_ollama(ask: Ask, model: str) -> int | None:
    """What the model was loaded with; Ollama cuts longer prompts without a word."""
    loaded: Any = None
    with suppress(Exception):  # it is another kind of server
        loaded = await ask("../api/ps")
    for one in list_of(loaded, "models"):
        if model in (one.get("name"), one.get("model")) or one.get("name") == f"{model}:latest":
            return _size_of(one.get("context_length"))
    return None


def list_of(answer: Any, key: str) -> list[dict[str, Any]]:
    """The objects of such a list; Together's list of models is no object with `data` in it."""
    found = answer.get(key) if isinstance(answer, dict) else answer
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _size_of(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
