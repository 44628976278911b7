"""Reading what a caller sent: every wrong field is named, as OpenAI's errors name it; pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from bot.domain.api import ApiError

T = TypeVar("T")

_NAMES = {str: "a string", list: "an array", dict: "an object", bool: "a boolean", int: "a number"}


def refused(reason: str, param: str, code: str | None = None) -> ApiError:
    """What is wrong with a request."""
    return ApiError(reason, status=400, param=param, code=code)


def read(body: Any, key: str, kind: type[T], where: str = "") -> T | None:
    """An optional field of an object; None where it is null or missing. Raises ApiError."""
    path = f"{where}.{key}" if where else key
    if not isinstance(body, Mapping):
        raise refused(f"{where or 'The body'} is an object.", where)
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise refused(f"{path} is {_NAMES[kind]}.", path)
    return value


def require(body: Any, key: str, kind: type[T], where: str = "") -> T:
    """The same for a field that has to be there."""
    value = read(body, key, kind, where)
    if value is None:
        path = f"{where}.{key}" if where else key
        raise refused(f"{path} is missing.", path, "missing_required_parameter")
    return value
