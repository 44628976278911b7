"""What the row of a call takes, whatever a caller or a server says; pure."""

import json
import re
from dataclasses import replace

from bot.domain.api import ApiError, Body
from bot.domain.model import Usage
from bot.text.sanitize import clean

MOST_TOKENS = 2**31 - 1  # that a row holds
LONGEST_WORD = 200  # characters of a model's name, or of what failed, that a row keeps
_NAME = re.compile(r"[\w.\[\]-]{1,60}", re.ASCII)  # of a field or a kind of error


def kept(body: Body | None, *, kept: bool) -> str | None:
    """A body as text that every database takes; None where content is not kept."""
    if not kept or body is None:
        return None
    text = json.dumps(body, default=str, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # half a character is none


def word(text: str) -> str:
    """What a caller or a server calls something, as a row takes it."""
    return clean(text)[:LONGEST_WORD]


def fault(error: str | ApiError, *, kept: bool) -> str:
    """What failed, as a row takes it: words may quote what was asked, and go with content alone."""
    if kept or isinstance(error, str):
        return word(str(error))
    said = [
        part for part in (error.type, error.code, error.param) if part and _NAME.fullmatch(part)
    ]
    return " ".join(dict.fromkeys(said))


def sane(usage: Usage | None) -> Usage | None:
    """Counts that a row takes, whatever a server says."""
    if usage is None:
        return None
    return replace(
        usage,
        input=_bounded(usage.input),
        output=_bounded(usage.output),
        cached=None if usage.cached is None else _bounded(usage.cached),
        cache_write=None if usage.cache_write is None else _bounded(usage.cache_write),
    )


def _bounded(count: int) -> int:
    return min(max(0, count), MOST_TOKENS)


def ms(seconds: float) -> int:
    return min(round(seconds * 1000), MOST_TOKENS)
