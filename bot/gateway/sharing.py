"""Which calls are equal, and which answers may be given again; pure."""

import hashlib
import json

from bot.domain.api import Body, Caller
from bot.gateway.targets import Target
from bot.llm.passthrough.estimates import count_letters

LARGEST = 4 * 2**20  # characters: comparing more would keep all others waiting
_TOOLS = ("tools", "functions", "web_search_options")
_STATES = ("conversation", "previous_response_id", "background", "store")


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
    if not target.is_same_for_all or any(body.get(name) for name in (*_TOOLS, *_STATES)):
        return False
    if kind == "embeddings":
        return True
    is_fixed = body.get("seed") is not None or _is_zero(body.get("temperature"))
    return is_fixed and body.get("n") in (None, 1)


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
