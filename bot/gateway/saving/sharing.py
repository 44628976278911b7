"""Which calls are equal, and which answers may be given again; pure."""

import hashlib
import json
import re

from bot.domain.api import Body, Caller
from bot.gateway.models.targets import Target
from bot.llm.passthrough.estimates import count_letters

LARGEST = 4 * 2**20  # characters: comparing more would keep all others waiting
_EVERYWHERE = frozenset({"model", "input", "user", "safety_identifier"})
_ANSWERS = _EVERYWHERE | {
    *("temperature", "top_p", "top_k", "min_p", "seed", "logprobs", "top_logprobs"),
    *("stream", "stream_options", "service_tier", "metadata"),
    *("prompt_cache_key", "prompt_cache_retention"),
}
_CHAT = _ANSWERS | {
    *("messages", "n", "stop", "max_tokens", "max_completion_tokens", "logit_bias"),
    *("frequency_penalty", "presence_penalty", "repetition_penalty"),
    *("response_format", "reasoning_effort", "verbosity"),
}
HARMLESS = {
    "chat": _CHAT,
    "responses": _ANSWERS
    | {"instructions", "max_output_tokens", "text", "reasoning", "truncation"},
    "embeddings": _EVERYWHERE | {"dimensions", "encoding_format", "input_type"},
}
"""Parameters that let nobody act, search or remember: every other one may, whatever its name."""
_OFF = ("tools", "functions", "plugins", "store", "background", "parallel_tool_calls")
"""What does nothing where it is false or an empty list."""
_ACTING = re.compile("search|research|:online|sonar|compound|agent")
"""Models that look things up by themselves."""


def key_of(kind: str, caller: Caller, target: Target, body: Body) -> bytes | None:
    """The same for equal calls, which are made once while under way; None for one of its own.

    Who wants several samples gets several: of one call, or of calls at a temperature.
    """
    if caller.alone or _is_sample(body) or body.get("conversation"):
        return None
    if count_letters(body) > LARGEST:
        return None
    scope = scope_of(caller) if target.is_same_for_all else _person(caller)
    whole = json.dumps([kind, scope, target.id, body], sort_keys=True)
    return hashlib.sha256(whole.encode()).digest()


def scope_of(caller: Caller) -> list[str]:
    """Who may be given what others asked for: those of the team; who has none, themselves alone."""
    return ["team", caller.team] if caller.team else _person(caller)


def may_be_kept(kind: str, target: Target, body: Body) -> bool:
    """Whether an equal call later would be answered the same: there is no chance in it."""
    known = HARMLESS.get(kind, _EVERYWHERE)
    if not target.is_same_for_all:
        return False
    if not all(name in known or _is_off(name, value) for name, value in body.items()):
        return False
    if kind == "embeddings":
        return True
    if _ACTING.search(f"{body.get('model')} {target.id} {target.asks}".casefold()):
        return False
    return _is_zero(body.get("temperature")) and body.get("n") in (None, 1)


def _is_off(name: str, value: object) -> bool:
    return value is None or (name in _OFF and (value is False or value == []))


def _person(caller: Caller) -> list[str]:
    key = [] if caller.person_id else [str(caller.key_id)]
    return ["person", caller.platform, caller.workspace, caller.person_id, *key]


def _is_sample(body: Body) -> bool:
    if any(body.get(name) not in (None, 1) for name in ("n", "best_of")):
        return True
    temperature = body.get("temperature")
    return temperature is not None and not _is_zero(temperature) and body.get("seed") is None


def _is_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0
