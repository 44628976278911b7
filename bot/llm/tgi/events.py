"""What TGI streams: server-sent events, and what each says of an answer; pure."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.llm.answers.pieces import DONE as DONE  # TGI's Chat Completions end so; some end all so
from bot.llm.answers.pieces import Piece


def read_piece(event: Mapping[str, Any], prompt_tokens: int) -> Piece:
    """One event of `/generate_stream`, for a prompt of so many tokens."""
    token, details = _object_in(event, "token"), _object_in(event, "details")
    text, reason = token.get("text"), details.get("finish_reason")
    written = details.get("generated_tokens")
    return Piece(
        text=text if isinstance(text, str) and not token.get("special") else "",
        finish=("length" if reason == "length" else "stop") if reason else "",
        usage=isinstance(written, int)
        and {"prompt_tokens": prompt_tokens, "completion_tokens": written},
    )


def whole_text(event: Mapping[str, Any]) -> str:
    """The whole answer, which the last event has once more."""
    text = event.get("generated_text")
    return text if isinstance(text, str) else ""


def is_answer(event: Any) -> bool:
    """Whether it is an event of an answer."""
    return isinstance(event, dict) and isinstance(event.get("token") or event.get("details"), dict)


def _object_in(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


async def read_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of server-sent events, however the bytes are cut.

    Empty for bytes that complete none, such as a comment that keeps the connection open.
    """
    buffer, data = b"", list[str]()
    async for piece in pieces:
        yield ""
        *lines, buffer = (buffer + piece).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").removesuffix("\r").removeprefix("\ufeff")
            if text.startswith("data:"):
                data.append(text.removeprefix("data:").strip())
            elif not text:
                if any(data):
                    yield "\n".join(data)
                data = []
    last = buffer.decode("utf-8", "replace").strip()
    data += [last.removeprefix("data:").strip()] if last.startswith("data:") else []
    if any(data):
        yield "\n".join(data)
