"""What a server of Chat Completions streams -> pieces of an answer, however it writes them; pure.

Nothing is checked by the SDK, and servers differ: a message for a delta, content in parts, thoughts
in fields of three names, errors as an object, a string, an event or a finish reason.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from openai._streaming import ServerSentEvent

from bot.llm.answers.pieces import DONE as DONE
from bot.llm.answers.pieces import Piece as Piece
from bot.llm.openai.tool_calls import read_calls

_WORDS = (
    *("error", "errors", "detail", "details", "message", "Message", "msg", "error_message"),
    *("error_description", "fault", "faultstring", "reason", "title"),
)
# What stands beside the words of gateways, which have no field that says "error".
_ONLY_WORDS = {
    *_WORDS,
    *(
        "status",
        "statusCode",
        "status_code",
        "code",
        "request_id",
        "requestId",
        "timestamp",
        "path",
    ),
    *("type", "__type", "name", "id"),
}
_THOUGHT_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_THOUGHT_PARTS = ("thinking", "reasoning", "redacted_thinking", "reasoning.text", "summary_text")
_FINISHES = {
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "complete": "stop",
    "completed": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "safety": "content_filter",
    "content_filtered": "content_filter",
}


class ServerError(Exception):
    """An error that a server sent in place of an answer, or of the rest of one."""

    def __init__(self, reason: str, body: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.body = body
        self.status = status


def parse_event(event: ServerSentEvent) -> Any:
    """The JSON of an event; None for a line that is none of an answer. Raises ServerError."""
    text = event.data.strip()
    if text[:1] not in ("{", "["):
        if event.event == "error":
            raise ServerError(text, text)
        return None
    body = json.loads(text)
    if event.event == "error" and not (isinstance(body, dict) and body.get("choices")):
        raise_error(body)
    return body


def are_events(body: bytes) -> bool:
    """Whether a body is a stream of events after all, whatever type it was sent as."""
    return body.lstrip(b"\xef\xbb\xbf\r\n ").startswith((b"data:", b"event:", b"id:", b":"))


def read_json(body: bytes) -> Any:
    """What was sent as JSON in place of a stream; a text alone is an error's."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    found = json.loads(text or "null")
    if isinstance(found, str) and found:
        raise ServerError(found, text)
    return found


def read_piece(body: Any) -> Piece:
    """One event, or a whole answer that was not streamed. Raises ServerError where it is one."""
    if isinstance(body, list) and body:  # Gemini's errors stand in a list
        body = body[0]
    if not isinstance(body, dict):
        return Piece()
    choice = _first_choice(body.get("choices"))
    if not choice:
        if _is_error(body):
            raise_error(body)
        return Piece(usage=body.get("usage"))
    if body.get("error") or choice.get("error"):
        raise_error(body if body.get("error") else choice)
    finish = _text_of(choice.get("finish_reason")).lower()
    said = next(
        (one for key in ("delta", "message") if isinstance(one := choice.get(key), dict)), {}
    )
    if finish == "error":
        raise_error({"error": said.get("content") or body.get("message") or "finish_reason: error"})
    text, thought = _read_content(said.get("content"))
    return Piece(
        text=text or _text_of(said.get("refusal")) or _text_of(choice.get("text")),
        thought=len(thought or _read_thoughts(said)),
        finish=_FINISHES.get(finish, finish),
        usage=body.get("usage")
        or choice.get("usage")
        or _object_of(body.get("x_groq")).get("usage"),
        calls=read_calls(said),
    )


def raise_error(body: Any) -> NoReturn:
    """Raise ServerError with the server's own words."""
    whole = json.dumps(body, ensure_ascii=False)
    raise ServerError(find_words(body) or whole, whole, _status_of(body))


def find_words(body: Any) -> str:
    """What an error says, however deep: an object, a text, or FastAPI's list of what is wrong."""
    if isinstance(body, dict):
        fields = (body.get(key) for key in _WORDS)
        return next((words for one in fields if (words := find_words(one))), "")
    if isinstance(body, list):
        return "; ".join(filter(None, map(find_words, body)))
    return _text_of(body)


def _is_error(body: dict[str, Any]) -> bool:
    return bool(
        body.get("error")
        or body.get("detail")
        or body.get("object") == "error"
        or body.get("type") == "error"
        or body.get("error_code")
        or body.get("errors")
        or body.get("fault")
        or body.get("success") is False
        or (not body.keys() - _ONLY_WORDS and find_words(body))
        or (isinstance(body.get("code"), int | str) and body.get("message"))
    )


def _status_of(body: Any) -> int | None:
    """The HTTP status that an error names, inside or outside of its object."""
    for one in (body, body.get("error")) if isinstance(body, dict) else ():
        for key in ("http_status_code", "status_code", "status", "code"):
            value = one.get(key) if isinstance(one, dict) else None
            if isinstance(value, str) and value.isdecimal() and value.isascii():
                value = int(value[:4])
            if isinstance(value, int) and 400 <= value < 600:
                return value
    return None


def _first_choice(choices: Any) -> dict[str, Any] | None:
    """The one with index 0, or without one: of further answers nothing is shown."""
    listed = choices if isinstance(choices, list) else [choices]
    if len(listed) == 1 and isinstance(listed[0], dict) and listed[0].get("index") == 0:
        return listed[0]  # as nearly all of them are
    found = (one for one in listed if isinstance(one, dict))
    return next((one for one in found if one.get("index") in (0, "0", None)), None)


def _read_content(content: Any) -> tuple[str, str]:
    """(text, thought) of a content that is a text, a part, or a list of parts."""
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return _text_of(content), ""
    text, thought = "", ""
    for part in content:
        if isinstance(part, str):
            text += part
        elif isinstance(part, dict):
            words = "".join(_words_in(part))
            if part.get("type") in _THOUGHT_PARTS:
                thought += words
            else:
                text += words
    return text, thought


def _read_thoughts(said: dict[str, Any]) -> str:
    """From the first field that holds any: some servers send the same in two."""
    found = ("".join(_words_in(said[key])) for key in _THOUGHT_FIELDS if said.get(key))
    return next(filter(None, found), "")


def _words_in(value: Any) -> Iterator[str]:
    """The texts in a part, whatever its field is called."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _words_in(one)
    elif isinstance(value, dict):
        for key in ("text", "thinking", "reasoning", "summary", "content"):
            if value.get(key):
                yield from _words_in(value[key])
                return


def _object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""
