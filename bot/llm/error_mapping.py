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

# Every server words it differently; each line below is one of them, or several.
_OVERFLOW = re.compile(
    r"context[ _]?(?:length|size|window)"  # OpenAI, vLLM, SGLang, llama.cpp
    r"|exceed_context|out of context|n_ctx|n_keep|KV (?:size|cache)"  # LM Studio, koboldcpp
    r"|`inputs` (?:tokens \+|must have less)"  # TGI
    r"|(?:prompt|input|request|message|conversation|sequence)s? (?:is|are) (?:way |far )?"
    r"(?:too|longer)(?: long| large| big| than)"
    r"|(?:maximum|max\.?|model) (?:prompt|input|sequence|token|model)s?[ _]?(?:length|len|limit)"
    r"|max(?:imum)?[ _](?:model|seq)[ _]len|exceeds? (?:the )?max(?:imum)? length"
    r"|(?:maximum|max\.?) (?:number|amount|count) of (?:input |prompt |context )?tokens"
    r"|token (?:count|limit)[^.]{0,40}?exceed|exceed[^.]{0,40}?token (?:count|limit)"
    r"|(?:tokens|token count|prompt length|input length|length of (?:the )?(?:prompt|input))"
    r"\b[^.]{0,30}?(?:exceed|is over|larger than|greater than|more than)"
    r"|too many (?:input |prompt )?tokens|range of input length|string_above_max_length"
    r"|reduce (?:the|your) (?:length|size) of (?:the|your) (?:messages|prompt|input)"
    r"|reduce your (?:prompt|input)|string too long"
    r"|上下文|(?:输入|輸入|提示词|消息|请求).{0,6}(?:过长|過長|太长|超)|超(?:出|过).{0,12}(?:长度|token)"
    r"|コンテキスト|入力が長|컨텍스트|입력.{0,8}(?:초과|깁니다)",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"n_prompt_tokens\W+(\d+)"  # llama.cpp
    r"|\((\d+) in the messages"  # OpenAI, vLLM, llama-cpp-python: not the total before it
    r"|(\d+) tokens from the input"  # SGLang
    r"|(?:passed|has) (\d+) input tokens"  # vLLM
    r"|(?:input|request|prompt)(?: length)? \((\d+)(?: tokens)?\)"  # SGLang, llama.cpp
    r"|resulted in (\d+) tokens|you requested (\d+) tokens(?! \()"  # OpenAI
    r"|Given: (\d+)"  # TGI
    r"|Requested tokens \((\d+)\)|\(requested:? (\d+)"  # llama-cpp-python, Moonshot
    r"|token count (?:of |\()?(\d+)|too long: (\d+) tokens"  # Gemini, Copilot, Anthropic
    r"|n_keep\W+(\d+)|keep the first (\d+) tokens",  # LM Studio
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"n_ctx\W+(\d+)"
    r"|context (?:length|window) (?:is |of )(?:only )?(\d+)"
    r"|context (?:length|size) \((\d+)|(?:sequence|model) len(?:gth)? \((\d+)"
    r"|tokens allowed \((\d+)|exceeds the limit of (\d+)|token limit: (\d+)"
    r"|should be \[\d+, ?(\d+)\]|> (\d+) maximum"
    r"|must be <= (\d+)|less than (\d+) tokens",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"tokens? per (?:min|minute|hour|day)|requests? per (?:min|minute|hour|day)|\b[TR]P[MD]\b"
    r"|rate.?limit",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"limit:? (\d+)", re.IGNORECASE)
_REQUESTED = re.compile(r"requested:? (\d+)", re.IGNORECASE)
# What is quoted is of the request, and a person may have written it. Apostrophes quote nothing.
_QUOTED = re.compile(
    r"(?<!\w)'[^'\n]*\s[^'\n]*'(?!\w)|(?<!\w)\"[^\"\n]*\s[^\"\n]*\"(?!\w)|(?<!\w)`[^`\n]*\s[^`\n]*`(?!\w)"
    r"|“[^”]*”|‘[^’\n]*\s[^’\n]*’(?!\w)|«[^»]*»"
)
_ECHO_AROUND = 10  # characters to either side, in which a request may be quoted without marks
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
    if _RATE.search(reason) and status in (413, 429, None):
        return _map_rate_limit(model, reason)
    if status == 413 or (
        status not in (*_NEVER_OVERFLOWS, 429) and _says_overflow(reason, body, prompt)
    ):
        needed, window = _find_number(_NEEDED, text), _find_number(_WINDOW, text)
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
    limit, requested = _find_number(_LIMIT, reason), _find_number(_REQUESTED, reason)
    if limit and requested and requested > limit:
        return ContextOverflow(model=model, reason=reason, needed=requested, window=None)
    return ModelOverloaded(model=model, reason=reason, status=429)


def own_words(reason: str) -> str:
    """What a server says of itself, without what it quotes."""
    return _QUOTED.sub(" ", reason)


def _says_overflow(reason: str, body: str, prompt: Prompt | None) -> bool:
    codes = re.findall(r"['\"](?:code|type|error_type)['\"]: ?['\"](\w+)['\"]", body)
    if any(_OVERFLOW.search(code) for code in codes):
        return True
    said = own_words(reason)
    found = _OVERFLOW.search(said)
    if not found:
        return False
    around = said[max(0, found.start() - _ECHO_AROUND) : found.end() + _ECHO_AROUND].strip()
    return not any(around in message.text for message in (prompt.messages if prompt else ()))


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
