"""Room to think: who used up all tokens before a word is asked once more, with more of them."""

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing

from bot.domain.errors import ModelError
from bot.domain.model import Chunk
from bot.domain.tools import ToolCall
from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.answers.usage import add_usage

THINKING_ROOM = 4_000  # tokens beside the answer, for a model that thinks first

Ask = Callable[[AnswerReading, int], AsyncGenerator[Chunk, None]]
"""One call: its text as it comes, read by this reading, with so many tokens beside the answer."""


async def with_room(
    model: str,
    habits: ThinkingHabits,
    stops: Sequence[str],
    ask: Ask,
    tools: Collection[str] = (),
) -> AsyncGenerator[Chunk, None]:
    """The answer; a second time, with room to think, where that took all there was."""
    finish, usage = "", None
    calls: tuple[ToolCall, ...] = ()
    for beside in (THINKING_ROOM,) if habits.thinks else (0, THINKING_ROOM):
        reading = AnswerReading(model, habits, stops, tools)
        try:
            async with aclosing(ask(reading, beside)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except ModelError:
            if not reading.is_whole:
                raise
        finish, usage = reading.finish_reason, add_usage(usage, reading.usage)
        calls = reading.calls.finish()
        if not reading.ran_out:
            break
    if finish or usage:
        yield Chunk(finish=finish or None, usage=usage, calls=calls)
