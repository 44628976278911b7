"""What a server says that a call cost, in the words of any of them -> Usage; pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.domain.model import Usage

_DETAILS = ("prompt_tokens_details", "input_tokens_details")
_READ = (
    "cached_tokens",  # OpenAI, and most that follow it
    "cache_read_input_tokens",  # Anthropic
    "prompt_cache_hit_tokens",  # DeepSeek
    "cacheReadInputTokens",  # Bedrock
    "num_cached_tokens",
)
_WRITTEN = (
    "cache_write_tokens",  # OpenAI, OpenRouter
    "cache_creation_input_tokens",  # Anthropic
    "cache_creation_tokens",  # LiteLLM
    "cacheWriteInputTokens",  # Bedrock
    "cache_write_input_tokens",
)


def read_usage(model: str, usage: Any) -> Usage | None:
    """What a call cost, where the server says it; what it leaves out is missing here too."""
    if isinstance(usage, Usage):
        return usage
    given = _count(usage, "prompt_tokens", "input_tokens", "inputTokens")
    if given is None:
        return None
    cached, written = _read_cache(usage)
    beside = (cached or 0) + (written or 0)
    if beside > given or (beside and _counts_apart(usage)):
        given += beside
    if not given:
        return None
    return Usage(
        model=model,
        input=given,
        output=_count(usage, "completion_tokens", "output_tokens", "outputTokens") or 0,
        cached=cached,
        cache_write=written,
    )


def add_usage(first: Usage | None, second: Usage | None) -> Usage | None:
    """What two calls cost together."""
    if not (first and second):
        return second or first
    return replace(
        second,
        input=first.input + second.input,
        output=first.output + second.output,
        cached=_add(first.cached, second.cached),
        cache_write=_add(first.cache_write, second.cache_write),
    )


def _read_cache(usage: Any) -> tuple[int | None, int | None]:
    """(read, written) tokens of the server's cache."""
    for place in _places(usage):
        pair = (
            _count(place, "cache_read_input_tokens"),
            _count(place, "cache_creation_input_tokens"),
        )
        if None not in pair and any(pair):
            return pair  # some relays call both together "cached_tokens" beside it
    return _most(usage, _READ), _most(usage, _WRITTEN)


def _counts_apart(usage: Any) -> bool:
    """Anthropic's own shape, and Bedrock's: the input is only what the cache had no part in."""
    return "prompt_tokens" not in usage and any(
        name in usage for name in ("cache_read_input_tokens", "cacheReadInputTokens")
    )


def _places(usage: Any) -> Iterator[Any]:
    yield usage
    for name in _DETAILS:
        yield usage.get(name)


def _most(usage: Any, names: tuple[str, ...]) -> int | None:
    """Servers that say the same by two names may leave one of them at zero."""
    found = [_count(place, name) for place in _places(usage) for name in names]
    return max((one for one in found if one is not None), default=None)


def _count(usage: Any, *names: str) -> int | None:
    """The first of these numbers that is one."""
    for name in names:
        value = usage.get(name) if isinstance(usage, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _add(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


def count_unseen_thoughts(usage: Any) -> int:
    """Tokens that a model thought without streaming them, as its usage says."""
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    return _count(details, "reasoning_tokens") or 0
