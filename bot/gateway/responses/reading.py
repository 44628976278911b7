"""Reading what a server wrote, whatever shape it has: what is none of it is nothing; pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.api import ApiError

Object = Mapping[str, Any]


def object_of(value: Any) -> Object:
    """An object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def objects_in(value: Any) -> Iterator[Object]:
    """The objects of a list."""
    yield from (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def text_of(value: Any) -> str:
    """A text, also where it comes in parts."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) for part in objects_in(value))
    return value if isinstance(value, str) else ""


def arguments_of(value: Any) -> str:
    """Arguments of a call, which some servers send as an object."""
    return json.dumps(value) if isinstance(value, Mapping) else text_of(value)


def index_of(value: Any, usual: int) -> int:
    """Which of several it belongs to."""
    return value if isinstance(value, int) else usual


def to_error(error: Any) -> ApiError:
    """What a server says in place of the rest of an answer."""
    said = object_of(error) or {"message": error}
    code = said.get("code")
    return ApiError(
        text_of(said.get("message")) or "The model's server failed.",
        status=502,
        type=text_of(said.get("type")) or "server_error",
        code=str(code) if code else "server_error",
    )
