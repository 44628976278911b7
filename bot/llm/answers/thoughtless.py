"""A model's stream without its thoughts, for models that leave them in their text (plugins)."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.domain.errors import ModelError
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.thoughts import AnswerFilter

THINKING_ROOM = 4_000  # tokens beside the answer, for a model that thinks first


async def without_thoughts(
    stream: AsyncIterator[Chunk], *, hold: bool
) -> AsyncGenerator[Chunk, None]:
    """The same chunks. With `hold`, text comes at the end: its beginning may prove a thought."""
    filter_ = AnswerFilter(hold=hold)
    async with closing_at_once(stream):
        try:
            async for chunk in stream:
                yield _filtered(chunk, filter_)
        except ModelError:
            if rest := filter_.finish():
                yield Chunk(rest)
            raise
    if rest := filter_.finish():
        yield Chunk(rest)


def _filtered(chunk: Chunk, filter_: AnswerFilter) -> Chunk:
    before = filter_.thoughts
    text = filter_.feed(chunk.text)
    if chunk.finish:
        text += filter_.finish()
    return replace(chunk, text=text, thought=chunk.thought + filter_.thoughts - before)


@asynccontextmanager
async def closing_at_once(stream: AsyncIterator[Chunk]) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Not every iterator of a plugin's model can be closed."""
    try:
        yield stream
    finally:
        if close := getattr(stream, "aclose", None):
            await close()


def filters_thoughts(model: Model) -> bool:
    """Whether it takes its thoughts out by itself; a plugin's model may know of no such thing."""
    return bool(getattr(model, "filters_thoughts", False))


def with_room(model: Model, prompt: Prompt) -> Iterator[Prompt]:
    """What to send: a second time with room to think, to a model that does not see to that."""
    yield prompt
    if not filters_thoughts(model):
        yield replace(prompt, max_output=prompt.max_output + THINKING_ROOM)
