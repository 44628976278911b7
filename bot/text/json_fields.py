"""Fields of a JSON object, read with their types; pure."""

import json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def replace_unstorable(text: str) -> str:
    """Put U+FFFD in place of what Postgres cannot store: NUL and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text)


def parse_json(raw: bytes) -> Any:
    """Parse JSON of any shape. Raises ValueError, also where it is nested too deeply."""
    try:
        return json.loads(raw.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("it is not JSON to be read: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from None


def read_field(entry: Any, key: str, kind: type[T], default: T | None = None) -> T:
    """Read a field of a JSON object; without a default it is required. Raises ValueError."""
    if not isinstance(entry, dict):
        raise ValueError("it is not a JSON object")
    value = entry.get(key)
    if value is None:
        if default is None:
            raise ValueError(f"it has no {key}")
        return default
    if not isinstance(value, kind):
        raise ValueError(f"its {key} is of the wrong type ({type(value).__name__})")
    return replace_unstorable(value) if isinstance(value, str) else value  # type: ignore[return-value]  # T is str


def read_nonempty(entry: Any, key: str) -> str:
    """Read a required text that may not be empty, such as an id. Raises ValueError."""
    if value := read_field(entry, key, str):
        return value
    raise ValueError(f"its {key} is empty")


def parse_time(text: str) -> datetime:
    """Parse ISO 8601 with an offset, into UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"its time has no offset from UTC ({text})")
    return at.astimezone(UTC)
