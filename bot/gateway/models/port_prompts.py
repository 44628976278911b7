"""A body of Chat Completions -> the prompt of a model that has a port of its own; pure.

What such a model cannot do is refused by name; parameters that nobody knows are left alone.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from bot.domain.api import ApiError, Body
from bot.domain.images import Image
from bot.domain.model import (
    Author,
    Channel,
    ChatMessage,
    Message,
    Prompt,
    ResponseFormat,
    Role,
)
from bot.llm.message_content import break_up_pictures

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_KEPT = (
    *("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"),
    *("reasoning_effort", "verbosity"),
)
_NUMBERS = ("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty")
_LIMITS = ("max_completion_tokens", "max_tokens")
_CANNOT = (
    *("tools", "functions", "logprobs", "top_logprobs", "logit_bias", "audio", "prediction"),
    "web_search_options",
)
_NOTHING: tuple[Any, ...] = (None, False, 0, [], {}, "none")
_DATA_URL = re.compile(r"data:[\w.+/-]+;base64,", re.ASCII)
_PLACE = Channel("api", "", "", direct=True)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_TOKENS = 1_000_000


def to_prompt(model: str, body: Body, usual_length: int) -> Prompt:
    """The prompt. Raises ApiError 400, which names what is wrong."""
    for name in _CANNOT:
        if body.get(name) not in _NOTHING:
            _refuse(f"{model} cannot do this: leave out {name}.", name, "unsupported_parameter")
    if body.get("n") not in (None, 1):
        _refuse(f"{model} gives one answer: leave out n.", "n", "unsupported_parameter")
    if (modalities := body.get("modalities")) not in (None, ["text"]):
        _refuse(f"{model} writes text, not {modalities}.", "modalities", "unsupported_parameter")
    messages = _messages(model, body.get("messages"))
    return Prompt(
        "answer",
        messages,
        max_output=_length(body, usual_length),
        generation=_generation(body),
        response_format=_format(model, body.get("response_format")),
        **_said(messages),
    )


def _messages(model: str, given: Any) -> tuple[ChatMessage, ...]:
    if not isinstance(given, list) or not given:
        _refuse("messages is a list with at least one message.", "messages")
    read = [_message(model, number, one) for number, one in enumerate(given)]
    if read[-1].role == "assistant":
        reason = f"{model} answers a message: the last one must not be the assistant's."
        _refuse(reason, f"messages[{len(read) - 1}].role")
    return break_up_pictures(read)


def _message(model: str, number: int, given: Any) -> ChatMessage:
    where = f"messages[{number}]"
    if not isinstance(given, Mapping):
        _refuse(f"{where} is an object with role and content.", where)
    role = given.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        known = ", ".join(_ROLES)
        _refuse(f"{where}.role is one of {known} at {model}.", f"{where}.role")
    if given.get("tool_calls") or given.get("function_call"):
        _refuse(f"{model} calls no tools.", f"{where}.tool_calls", "unsupported_parameter")
    texts, images = list[str](), list[Image]()
    content = given.get("content")
    for part in [content] if isinstance(content, str) else content or ():
        _read_part(part, f"{where}.content", texts, images)
    return ChatMessage(_ROLES[role], "\n".join(texts), tuple(images))


def _read_part(part: Any, where: str, texts: list[str], images: list[Image]) -> None:
    if isinstance(part, str):
        texts.append(part)
        return
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "text" and isinstance(part.get("text"), str):
        texts.append(part["text"])
    elif kind == "image_url":
        images.append(_picture(part.get("image_url"), where))
    else:
        reason = f"{where} has a part that is neither a text nor a picture."
        _refuse(reason, where, "unsupported_content_type")


def _picture(given: Any, where: str) -> Image:
    url = given.get("url") if isinstance(given, Mapping) else given
    if not isinstance(url, str) or not (begins := _DATA_URL.match(url)):
        _refuse("Send the picture itself (data:image/png;base64,...): no address is opened.", where)
    try:
        image = Image.read(b64decode(url[begins.end() :], validate=True))
    except (binascii.Error, ValueError):
        image = None
    if image is None:
        _refuse("This is no picture that can be read: PNG, JPEG, GIF or WebP.", where)
    return image


def _length(body: Body, usual: int) -> int:
    for name in _LIMITS:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_TOKENS:
            _refuse(f"{name} is a whole number of tokens, from 1 on.", name)
        return value
    return usual


def _generation(body: Body) -> dict[str, Any]:
    found = {name: body[name] for name in _KEPT if body.get(name) is not None}
    for name in _NUMBERS:
        if isinstance(value := found.get(name, 0), bool) or not isinstance(value, int | float):
            _refuse(f"{name} is a number.", name)
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or not all(isinstance(one, str) and one for one in stops):
        _refuse("stop is a text, or a list of texts.", "stop")
    return {**found, "stop": stops} if stops else found


def _format(model: str, given: Any) -> ResponseFormat | None:
    if given is None or given == {"type": "text"}:
        return None
    name = "response_format"
    if not isinstance(given, Mapping) or given.get("type") != "json_schema":
        _refuse(f"{model} keeps to a json_schema, or to nothing.", name, "unsupported_parameter")
    schema = given.get("json_schema")
    if not isinstance(schema, Mapping) or not isinstance(schema.get("schema"), Mapping):
        _refuse("response_format.json_schema.schema is missing.", name)
    called = str(schema.get("name", ""))
    return ResponseFormat(called if _NAME.fullmatch(called) else "answer", schema["schema"])


def _said(messages: Sequence[ChatMessage]) -> dict[str, Any]:
    """The same unrendered, for a model that only quotes: the question, and what stood before it."""
    at = datetime.now(UTC)
    said = [
        Message(_PLACE, str(number), Author(one.role, one.role), one.text, at, seq=number)
        for number, one in enumerate(messages, start=1)
    ]
    before = [one for one in said[:-1] if one.author.id != "assistant"]
    return {"trigger": replace(said[-1], private=True), "recalled": tuple(before[::-1])}


def _refuse(reason: str, param: str, code: str | None = None) -> NoReturn:
    raise ApiError(reason, status=400, param=param, code=code or "invalid_value")
