"""What reads an answer on its way, and how its bytes come in."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from typing import Protocol

import aiohttp

from bot.domain.model import Usage
from bot.llm.answers.endings import AFTER_END
from bot.llm.passthrough.events import Event


class Reader(Protocol):
    """What reads an answer on its way."""

    usage: Usage | None
    has_ended: bool
    texts: list[str]

    def read(self, event: Event) -> bytes | None:
        """What to hand on of an event."""
        ...

    def read_whole(self, answer: bytes) -> bytes:
        """What to hand on of an answer that is not streamed."""
        ...

    def split_whole(self, answer: bytes) -> Iterable[bytes]:
        """The events of an answer that came whole, though a stream was asked for."""
        ...


async def read_on(
    response: aiohttp.ClientResponse, reader: Reader, *, is_single: bool
) -> AsyncGenerator[bytes, None]:
    """The bytes as they come. After an answer's end, only what it cost may still be waited for."""
    content = response.content
    while not content.at_eof():
        if not (reader.has_ended and is_single):
            yield await content.readany()
            continue
        with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
            async with asyncio.timeout(AFTER_END):
                some = await content.readany()
            yield some
            continue
        return


async def with_first(
    first: bytes, rest: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """The same, of which the first was taken already."""
    async with aclosing(rest):
        yield first
        async for event in rest:
            yield event
