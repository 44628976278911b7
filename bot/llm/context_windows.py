"""How large a server's context window is, as each kind of server says it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

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
    return (await list_windows(ask)).get(model)


async def list_windows(ask: Ask) -> dict[str, int | None]:
    """The models that a server offers, with the windows that it lists. Raises what `ask` raises."""
    windows: dict[str, int | None] = {}
    for one in list_of(await ask("models"), "data"):
        if isinstance(name := one.get("id"), str):
            sizes = (size for key in _FIELDS if (size := _size_of(one.get(key))))
            windows[name.removeprefix("models/")] = next(sizes, None)  # as Gemini's begin
    return windows


async def _of_llama_cpp(ask: Ask, model: str) -> int | None:
    """`n_ctx` is 0 before a model is loaded; its router wants to know of which one."""
    for path in ("../props", f"../props?model={model}"):
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
