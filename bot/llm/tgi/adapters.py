"""Whether TGI has a LoRA adapter: it does not say, and takes an unknown name for its base model."""

from contextlib import aclosing

from bot.llm.tgi.connection import TGIConnection
from bot.llm.tgi.parameters import TGIParameters

_BEGINNING = "Our team meets every"  # any text that goes on
_TOKENS = 8


async def has_adapter(server: TGIConnection, adapter: str) -> bool | None:
    """Whether it answers as its base model does, to the last digit; None where it tells none.

    Raises ModelError. An adapter moves every probability, be it a little; a base asked twice
    says the same twice, or else (in a busy batch) is taken for an adapter.
    """
    base, own = [await _probabilities(server, name) for name in ("", adapter)]
    return own != base if base and own else None


async def _probabilities(server: TGIConnection, adapter: str) -> list[tuple[object, object]]:
    """The likeliest tokens that follow, each with its probability's logarithm."""
    parameters = TGIParameters(
        adapter_id=adapter or None, details=True, do_sample=False, max_new_tokens=_TOKENS
    ).model_dump(mode="json", exclude_none=True)
    found = []
    async with aclosing(server.generate(_BEGINNING, parameters)) as events:
        async for event in events:
            token = event.get("token") if event else None
            if isinstance(token, dict) and isinstance(token.get("logprob"), float):
                found.append((token.get("id"), token["logprob"]))
    return found
