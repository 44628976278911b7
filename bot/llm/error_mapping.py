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

# Every server words it differently; each line below is one of them.
_OVERFLOW = re.compile(
    r"context[ _](?:length|size|window)"  # OpenAI, vLLM, SGLang, llama.cpp
    r"|n_ctx|n_keep"  # LM Studio
    r"|`inputs` (?:tokens \+|must have less)"  # TGI
    r"|(?:prompt|input) is too long|maximum prompt length|token count exceeds",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"n_prompt_tokens\W+(\d+)"  # llama.cpp
    r"|\((\d+) in the messages"  # OpenAI, vLLM, llama-cpp-python: not the total before it
    r"|(\d+) tokens from the input"  # SGLang
    r"|(?:passed|has) (\d+) input tokens"  # vLLM
    r"|(?:input|request) \((\d+) tokens\)"  # SGLang, llama.cpp
    r"|resulted in (\d+) tokens"  # OpenAI
    r"|Given: (\d+)"  # TGI
    r"|Requested tokens \((\d+)\)"  # llama-cpp-python
    r"|n_keep\W+(\d+)|keep the first (\d+) tokens",  # LM Studio
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"n_ctx\W+(\d+)"
    r"|context (?:length|window) (?:is |of )(?:only )?(\d+)"
    r"|context (?:length|size) \((\d+)"
    r"|must be <= (\d+)|less than (\d+) tokens",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NEVER_OVERFLOWS = (401, 403, 404, 429)
_READABLE_LIMIT = 300  # characters


def map_error(model: str, status: int | None, reason: str, body: str = "") -> ModelError:
    """The error for an answer that is none; its numbers are looked for in the whole body.

    An error inside a stream has no status of its own.
    """
    text = f"{reason} {body}"
    if status == 413 or (status not in _NEVER_OVERFLOWS and _OVERFLOW.search(text)):
        needed, window = _find_number(_NEEDED, text), _find_number(_WINDOW, text)
        return ContextOverflow(model=model, reason=reason, needed=needed, window=window)
    return _error_type(status, text)(model=model, reason=reason)


def make_readable(text: str, secrets: Iterable[SecretStr | None] = ()) -> str:
    """One line for people: no markup, not long, and no key that the server echoed."""
    for secret in secrets:
        if secret and secret.get_secret_value():
            text = text.replace(secret.get_secret_value(), "***")
    line = " ".join(_MARKUP.sub(" ", text).split())
    return line if len(line) <= _READABLE_LIMIT else f"{line[:_READABLE_LIMIT]}..."


def _error_type(status: int | None, text: str) -> type[ModelError]:
    if "insufficient_quota" in text:
        return ModelRejected
    if status in (429, 503) or "overloaded" in text:
        return ModelOverloaded
    if status is None or status < 400:
        return ModelError
    return ModelUnavailable if status >= 500 else ModelRejected


def _find_number(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return next((int(number) for number in match.groups() if number), None) if match else None
