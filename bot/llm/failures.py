"""What a model server says when it fails -> our own error tree, in one place for all servers."""

import re
from collections.abc import Iterable

from pydantic import SecretStr

from bot.errors import (
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
_LONGEST = 300


def refused(model: str, status: int | None, reason: str, said: str = "") -> ModelError:
    """The error for an answer that is none; `said` is all that stood in it, for its numbers.

    An error inside a stream has no status of its own.
    """
    words = f"{reason} {said}"
    if status == 413 or (status not in (401, 403, 404, 429) and _OVERFLOW.search(words)):
        needed, window = _number(_NEEDED, words), _number(_WINDOW, words)
        return ContextOverflow(model=model, reason=reason, needed=needed, window=window)
    return _kind(status, words)(model=model, reason=reason)


def readable(said: str, secrets: Iterable[SecretStr | None] = ()) -> str:
    """One line for people: no markup, not long, and no key that the server echoed."""
    for secret in secrets:
        if secret and secret.get_secret_value():
            said = said.replace(secret.get_secret_value(), "***")
    line = " ".join(_MARKUP.sub(" ", said).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _kind(status: int | None, words: str) -> type[ModelError]:
    if "insufficient_quota" in words:
        return ModelRejected
    if status in (429, 503) or "overloaded" in words:
        return ModelOverloaded
    if status is None or status < 400:
        return ModelError
    return ModelUnavailable if status >= 500 else ModelRejected


def _number(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return next((int(number) for number in found.groups() if number), None) if found else None
