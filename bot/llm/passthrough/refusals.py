"""What a provider says where it does not answer -> ApiError: its own status and words.

But for what it was not to say: an operator's key, whole or in part, is nothing for those who call.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from bot.domain.api import ApiError
from bot.llm.error_mapping import hide_secrets, make_readable
from bot.llm.openai.events import ServerError, find_words
from bot.llm.providers.provider import Provider

BAD_ANSWER = 502
_FIELDS = ("message", "type", "code", "param")
_SECRET_HEADERS = re.compile(r"key|token|auth|secret|cookie", re.IGNORECASE)
_BEGINNING = 6  # characters of a key that a server may show before it leaves some out
_LONG_KEY = 16


class Refusals:
    """Those of one provider."""

    def __init__(self, provider: Provider) -> None:
        self._secrets = [provider.key, *_in_headers(provider)]
        key = provider.key.get_secret_value() if provider.key else ""
        self._parts = (
            re.compile(rf"{re.escape(key[:_BEGINNING])}[\w.-]*\*[\w*.-]*")
            if len(key) >= _LONG_KEY
            else None
        )

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
        """The error in the body of a refusal."""
        text = self.hide(body.decode("utf-8", "replace"))
        found = _parse(text)
        said = found.get("error", found) if isinstance(found, dict) else None
        if isinstance(said, dict) and isinstance(said.get("message"), str):
            return _error(status, said["message"], said, headers)
        words = find_words(found) or (_page(text) if found is None else "")
        return _error(status, make_readable(words) or f"HTTP {status}", {}, headers)

    def of_event(self, error: ServerError) -> ApiError:
        """The error that came in place of an answer, or of the rest of one."""
        text = self.hide(error.body)
        status = error.status or BAD_ANSWER
        read = self.read(status, {}, text.encode())
        return read if str(read) != f"HTTP {status}" else _error(status, str(error), {}, {})

    def hide(self, text: str) -> str:
        """The text without keys, whole ones and those that are shown in part."""
        text = hide_secrets(text, self._secrets)
        return self._parts.sub("***", text) if self._parts else text


def _error(
    status: int, words: str, said: Mapping[str, Any], headers: Mapping[str, str]
) -> ApiError:
    if status == 401:
        return _key_refused(words)
    is_error = 400 <= status < 600
    retry = headers.get("x-should-retry")
    return ApiError(
        words,
        status=status if is_error else BAD_ANSWER,
        type=_text(said.get("type")) or _type_of(status),
        code=_text(said.get("code")) or None,
        param=_text(said.get("param")) or None,
        retry_after=_number(headers.get("retry-after")),
        may_retry={"true": True, "false": False}.get(retry or ""),
        more={name: value for name, value in said.items() if name not in _FIELDS},
    )


def _key_refused(words: str) -> ApiError:
    """What is wrong is the operator's key: a caller who got its 401 would make a new one."""
    return ApiError(
        f"The provider of this model refused this server's key: {words}",
        status=BAD_ANSWER,
        type="server_error",
        code="provider_refused_key",
        may_retry=False,
    )


def _type_of(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if 400 <= status < 500 else "server_error"


def _parse(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found[0] if isinstance(found, list) and found else found


def _page(text: str) -> str:
    is_page = text.lstrip()[:1] == "<"
    return "the server answered with a web page" if is_page else text


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value) else None


def _in_headers(provider: Provider) -> list[SecretStr]:
    found = (value for name, value in provider.headers.items() if _SECRET_HEADERS.search(name))
    return [SecretStr(part) for value in found for part in (value, *value.split()[1:])]
