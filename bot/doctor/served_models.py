"""What the examination finds of a model's name: whether its server has it, adapters too."""

from collections.abc import AsyncIterator
from difflib import get_close_matches

from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.domain.errors import ModelError, ModelRejected, NellieError
from bot.domain.ports import Finding, Model

MOST_NAMES = 5
TAKE_ADAPTERS = ("vllm", "sglang")  # servers of one's own that are started with them
_UNKNOWN = 404


async def examine_adapter(label: str, model: Model) -> AsyncIterator[Finding]:
    """Whether TGI has the LoRA adapter that `tgi/<adapter>` names: it answers in either case."""
    check = getattr(model, "has_its_adapter", None)
    if check is None:
        return
    label, adapter = f"{label}, adapter", model.name.partition("/")[2]
    try:
        found = await check()
    except ModelError as error:
        yield Finding(label, "wrong", str(error), "look at the server's log for the adapter")
        return
    if found:
        yield Finding(label, "ok", "its answers are not those of the base model")
    elif found is False:
        what = (
            f"it answers as the base model does, to the last digit: TGI has no {adapter}, or that"
            " changes nothing"
        )
        mend = f"start TGI with LORA_ADAPTERS={adapter}=PATH, or take tgi"
        yield Finding(label, "wrong", what, mend)


async def name_another(name: str, settings: Settings, error: ModelError) -> str:
    """What to write in the place of a name that its server does not know; "" where it is not that.

    The closest of those that it has come first.
    """
    kind, _, model = name.partition("/")
    if not isinstance(error, ModelRejected) or error.details.get("status") != _UNKNOWN:
        return ""
    from bot.llm.openai.listing import list_of_provider  # only here: an HTTP client is behind it

    try:
        listed = await list_of_provider(kind, settings, read_environment())
    except NellieError:
        return ""
    if not listed or model in listed:
        return ""
    close = get_close_matches(model, listed, MOST_NAMES, cutoff=0)
    others = f"take one that its server has: {', '.join(f'{kind}/{one}' for one in close)}"
    if kind in TAKE_ADAPTERS or (kind == "openai" and settings.openai_base_url):
        return f"{others}; or start it with the adapter {model}"
    return others
