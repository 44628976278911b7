"""What the examination finds of one model: whether it answers, and its context window."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from bot.config import plugins
from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.doctor.probing import QUESTION, is_about_the_key, with_short_timeout
from bot.doctor.served_models import examine_adapter, name_another
from bot.doctor.tools import examine_tool_calls
from bot.domain.errors import (
    ContextOverflow,
    EmptyAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    NellieError,
    OnlyThoughts,
)
from bot.domain.model import Author, Channel, ChatMessage, Message, Prompt
from bot.domain.ports import Finding, Model
from bot.llm.fallback import load_models
from bot.llm.providers.known import PREFIX

SMALLEST_WINDOW = 4096  # tokens; with fewer, little can be remembered

_MENDS: dict[type[ModelError], str] = {
    ModelUnavailable: "start the server (its log says why it does not), or correct {address}",
    ModelTimeout: "wait until it has loaded its weights (its log), or correct {address}",
    ModelOverloaded: "wait, or give it more room: a second model in NELLIE_MODEL takes over"
    " meanwhile",
    OnlyThoughts: "raise NELLIE_MAX_ANSWER, or start the server with its thinking off",
    EmptyAnswer: "look at the server's log, and at the model's chat template",
    ContextOverflow: f"start the server with a context window of {SMALLEST_WINDOW:,} tokens"
    " or more",
    ModelRejected: "correct the name in NELLIE_MODEL, or {address}",
}


# A model in a process of ours: there is no server to start, and no address to correct.
_LOCAL_MENDS: dict[type[ModelError], str] = {
    ModelUnavailable: "take a smaller model, or lower NELLIE_LOCAL_CONTEXT_WINDOW",
    ModelTimeout: "take a smaller model: it was silent while it loaded or read",
    ContextOverflow: f"raise NELLIE_LOCAL_CONTEXT_WINDOW to {SMALLEST_WINDOW:,} or more",
    OnlyThoughts: "raise NELLIE_MAX_ANSWER, or set NELLIE_GENERATION=reasoning_effort=none",
    EmptyAnswer: "take a file of an instruct or chat model, with its chat template",
    ModelError: "download the file again, or another .gguf of a chat model",
}


async def examine_models(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Every finding about models and providers; what a model's own finding says is said once."""
    told = set[str]()
    for name in dict.fromkeys((*settings.model, *settings.models)):
        async for finding in examine_model(name, settings):
            told.add(finding.what)
            yield finding
    if any(name.startswith(PREFIX) for name in environ):
        from bot.llm.providers.checks import find_wrong  # only here: it loads an HTTP client

        wrong = dict.fromkeys(map(str, find_wrong(environ, plugins.names("model"))))
        for what in wrong.keys() - told:
            mend = "correct or remove it: `nellie run` and `nellie chat` do not begin with it"
            yield Finding("providers", "wrong", what, mend)


async def examine_model(name: str, settings: Settings) -> AsyncIterator[Finding]:
    """Ask the model something small."""
    label = f"model {name}"
    try:
        model = load_models([name], with_short_timeout(settings))
    except NellieError as error:
        variable = str(error.details.get("name", ""))
        mend = "correct NELLIE_MODEL, or set what it needs"
        if variable.endswith("_PROXY"):
            mend = f"correct {variable}, or name the server in NO_PROXY"
        yield Finding(label, "wrong", str(error), mend)
        return
    start, thinks = time.monotonic(), False
    try:
        async with aclosing(model.stream(_prompt())) as chunks:
            async for chunk in chunks:
                thinks = thinks or chunk.thought > 0
                if chunk.text:
                    break
        how = "it thinks, and answers" if thinks else "it answers"
        yield Finding(label, "ok", f"{how}, after {time.monotonic() - start:.1f} s")
        if name.partition("/")[0] != "extractive":
            is_hosted = bool(_variables(name, settings)[2])
            window = await model.context_window()
            yield _context_window(label, window, settings, is_hosted=is_hosted)
            async for finding in _examine_abilities(label, model.members[0][0]):
                yield finding
    except ModelError as error:
        another = await name_another(name, settings, error)
        mend = another or _to_get_an_answer(name, settings, error)
        yield Finding(label, "wrong", str(error), mend)
    finally:
        await model.close()


async def _examine_abilities(label: str, model: Model) -> AsyncIterator[Finding]:
    """Of a model that answers: whether it is the adapter that was meant, and whether it calls."""
    async for finding in examine_adapter(label, model):
        yield finding
    async for finding in examine_tool_calls(label, model, _prompt()):
        yield finding


def _prompt() -> Prompt:
    """As small as TGI takes it."""
    message = Message(
        channel=Channel("doctor", "", "doctor"),
        id="1",
        author=Author("doctor", "Doctor"),
        text=QUESTION,
        at=datetime.now(UTC),
    )
    return Prompt("answer", (ChatMessage("user", QUESTION),), max_output=16, trigger=message)


def _to_get_an_answer(name: str, settings: Settings, error: ModelError) -> str:
    key, address, host = _variables(name, settings)
    if isinstance(error, ModelUnavailable) and host:
        return f"let this machine reach {host} (HTTPS_PROXY, firewall)"
    if isinstance(error, ModelRejected) and is_about_the_key(error):
        return f"correct {key}"
    if name.partition("/")[0] == "local":
        return next(mend for kind, mend in _LOCAL_MENDS.items() if isinstance(error, kind))
    otherwise = f"{address} should lead to the model server itself: TGI, or /v1"
    mends = (mend for kind, mend in _MENDS.items() if isinstance(error, kind))
    return next(mends, otherwise).format(address=address)


def _variables(name: str, settings: Settings) -> tuple[str, str, str]:
    """What sets its key and its address, and its host where that is a service in the internet."""
    kind = name.partition("/")[0]
    if kind == "tgi":
        return "NELLIE_TGI_API_KEY", "NELLIE_TGI_URL", ""
    if kind == "openai":
        host = "" if settings.openai_base_url else "api.openai.com"
        return "OPENAI_API_KEY", "OPENAI_BASE_URL", host
    from bot.llm.providers.finding import find_provider  # only here: an HTTP client is behind it

    if provider := find_provider(kind, read_environment()):
        host = "" if provider.is_local else provider.url.host
        return provider.key_variable, provider.url_variable, host
    return "its key", "its address", ""


def _context_window(
    label: str, tokens: int | None, settings: Settings, *, is_hosted: bool
) -> Finding:
    label = f"{label}, context window"
    if tokens is None:
        if is_hosted:
            return Finding(label, "ok", "not told, and large")
        mend = "set NELLIE_CONTEXT_WINDOW to what the server was started with"
        return Finding(label, "note", "the server does not say; longer prompts may be cut", mend)
    if tokens < 2 * settings.max_answer:
        mend = f"lower NELLIE_MAX_ANSWER to {tokens // 4}, or {_widen(label)}"
        what = f"{tokens:,} tokens; an answer may take {settings.max_answer:,} of them"
        return Finding(label, "wrong", what, mend)
    if tokens < SMALLEST_WINDOW:
        mend = f"{_widen(label)}, of {SMALLEST_WINDOW:,} tokens or more"
        return Finding(label, "note", f"{tokens:,} tokens are few to remember with", mend)
    return Finding(label, "ok", f"{tokens:,} tokens")


def _widen(label: str) -> str:
    if label.startswith("model local/"):
        return "raise NELLIE_LOCAL_CONTEXT_WINDOW or take a model with a larger window"
    return "give the server a larger window"
