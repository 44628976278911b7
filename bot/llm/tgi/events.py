"""What TGI streams: server-sent events, and what each says of an answer; pure."""

from collections.abc import AsyncIterator

from text_generation.types import StreamResponse  # type: ignore[import-untyped]  # it has no types

from bot.llm.answers.pieces import DONE as DONE  # TGI's Chat Completions end so; some end all so
from bot.llm.answers.pieces import Piece


def read_piece(event: StreamResponse, prompt_tokens: int) -> Piece:
    """One event of `/generate_stream`, for a prompt of so many tokens."""
    details = event.details
    return Piece(
        text="" if event.token.special else event.token.text,
        finish=_finish_of(details.finish_reason.value) if details else "",
        usage=details
        and {"prompt_tokens": prompt_tokens, "completion_tokens": details.generated_tokens},
    )


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


def _finish_of(reason: str) -> str:
    return "length" if reason == "length" else "stop"
