"""What a model server says when it fails -> our own errors, in one place for all servers."""

import re
from collections.abc import Iterable

from pydantic import SecretStr

from bot.domain.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
)
from bot.domain.model import Prompt
from bot.llm.overflow_words import find_rate, find_sizes, names_rate, says_overflow

_MARKUP = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NEVER_OVERFLOWS = (401, 403, 404)
_SHORTEST_SECRET = 8  # characters: a shorter one may be a part of words
_READABLE_LIMIT = 300  # characters


def map_error(
    model: str, status: int | None, reason: str, body: str = "", prompt: Prompt | None = None
) -> ModelError:
    """The error for an answer that is none; its numbers are looked for in the whole body.

    An error inside a stream has no status of its own. `prompt` is what was sent: a server may
    quote it, and what people write means nothing here.
    """
    text = f"{reason} {body}"
    if names_rate(reason) and status in (413, 429, None):
        return _map_rate_limit(model, reason)
    if status == 413 or (
        status not in (*_NEVER_OVERFLOWS, 429) and says_overflow(reason, body, prompt)
    ):
        needed, window = find_sizes(text)
        return ContextOverflow(
            model=model, reason=reason, needed=needed, window=window, status=status
        )
    return _error_type(status, text)(model=model, reason=reason, status=status, body=body or reason)


def make_readable(text: str, secrets: Iterable[SecretStr | None] = ()) -> str:
    """One line for people: no markup, not long, and no key that the server echoed."""
    line = " ".join(_MARKUP.sub(" ", hide_secrets(text, secrets)).split())
    return line if len(line) <= _READABLE_LIMIT else f"{line[:_READABLE_LIMIT]}..."


def hide_secrets(text: str, secrets: Iterable[SecretStr | None]) -> str:
    """The text without keys that the server echoed."""
    for secret in secrets:
        value = secret.get_secret_value() if secret else ""
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "***")
        elif value and not value.isalpha():  # "test" is a word of many a sentence
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "***", text)
    return text


def _map_rate_limit(model: str, reason: str) -> ModelError:
    """A prompt that is larger than a minute's tokens never passes; a smaller one may, later."""
    limit, requested = find_rate(reason)
    if limit and requested and requested > limit:
        return ContextOverflow(model=model, reason=reason, needed=requested, window=None)
    return ModelOverloaded(model=model, reason=reason, status=429)


def _error_type(status: int | None, text: str) -> type[ModelError]:
    if "insufficient_quota" in text:
        return ModelRejected
    if status in (429, 503) or "overloaded" in text:
        return ModelOverloaded
    if status is None or status < 400:
        return ModelError
    return ModelUnavailable if status >= 500 else ModelRejected
