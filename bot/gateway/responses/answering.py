"""The answer of a chat -> a response, whole or as events; pure."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from bot.domain.api import Body, Written, read_body
from bot.gateway.errors import to_api_error
from bot.gateway.responses.output_items import Event
from bot.gateway.responses.reading import Object, object_of, objects_in, text_of
from bot.gateway.responses.writing import Writing


def to_response(asked: Body, answer: Written) -> dict[str, Any]:
    """A whole answer as a response. Raises ApiError where it holds an error instead."""
    body = object_of(read_body(answer))
    writing = Writing(asked, _model(asked, body))
    choices = [_whole(one) for one in objects_in(body.get("choices"))]
    for _ in writing.feed({**body, "choices": choices}):
        pass
    for _ in writing.finished():
        pass
    return writing.resource


async def to_events(asked: Body, chunks: AsyncIterator[Written]) -> AsyncGenerator[Event]:
    """A streamed answer as the events of a response; closing them closes it.

    They end with the whole response, also where it failed: then that is raised after it.
    """
    async with aclosing(chunks):  # type: ignore[type-var]  # generators close
        writing: Writing | None = None
        try:
            async for written in chunks:
                chunk = object_of(read_body(written))
                if writing is None:
                    writing = Writing(asked, _model(asked, chunk))
                    for event in writing.begun():
                        yield event
                for event in writing.feed(chunk):
                    yield event
            writing = writing or Writing(asked, _model(asked, {}))
            for event in writing.finished():
                yield event
        except Exception as error:
            writing = writing or Writing(asked, _model(asked, {}))
            failure = to_api_error(error)
            for event in writing.failed(failure):
                yield event
            failure.told = True
            raise failure from None


def _whole(choice: Object) -> Object:
    """A choice that has ended, whether its server says so or not."""
    return {**choice, "finish_reason": choice.get("finish_reason") or "stop"}


def _model(asked: Body, answer: Body) -> str:
    return text_of(answer.get("model")) or str(asked.get("model") or "")
