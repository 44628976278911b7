"""A plugin's model without the thoughts that it leaves in its text."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from bot.domain.errors import ModelError
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.pieces import Piece
from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.answers.room import with_room
from bot.llm.answers.silences import SILENCE, closing_at_once, telling_silences


def thoughtless(model: Model, patience: float) -> Model:
    """The model itself where it takes its thoughts out; a plugin's may know of no such thing.

    After so many seconds it is given up: what is held back is to be seen before that.
    """
    return model if getattr(model, "filters_thoughts", False) else Thoughtless(model, patience)


class Thoughtless(Model):
    """Such a model; what its answers show of how it thinks is remembered."""

    filters_thoughts = True

    def __init__(self, model: Model, patience: float) -> None:
        self._model = model
        self._patience = patience / 2
        self._habits = ThinkingHabits.by_name(model.name)
        self.calls_tools = getattr(model, "calls_tools", False)

    @property
    def name(self) -> str:  # type: ignore[override]  # a plugin may name itself later
        return self._model.name

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        return with_room(
            self.name,
            self._habits,
            (),  # what it stops at is its own affair
            lambda reading, beside: self._ask(prompt, reading, beside),
        )

    async def can_see(self) -> bool | None:
        return await getattr(self._model, "can_see", super().can_see)()

    async def context_window(self) -> int | None:
        return await self._model.context_window()

    async def close(self) -> None:
        await self._model.close()

    async def _ask(
        self, prompt: Prompt, reading: AnswerReading, beside: int
    ) -> AsyncGenerator[Chunk, None]:
        sent = replace(prompt, max_output=prompt.max_output + beside) if beside else prompt
        known = self._habits.closes_alone or self._habits.may_think
        if prompt.purpose == "answer" and not known:
            reading.show_at_once()
        said = self._model.stream(sent)
        stream: AsyncIterator[Chunk | None] = said
        if reading.holds_back:
            stream = telling_silences(said, min(SILENCE, self._patience), self._patience)
        try:
            async with closing_at_once(stream):
                async for chunk in stream:
                    given = _give(reading, chunk)
                    if chunk or given.text:  # a silence alone is no sign of life
                        yield given
        except ModelError:
            yield reading.finish()
            raise
        yield reading.finish()


def _give(reading: AnswerReading, chunk: Chunk | None) -> Chunk:
    """What is to be seen of a chunk; whatever the model does after its end, that was the end."""
    if chunk is None:
        return reading.read(None)
    given = reading.read(Piece(chunk.text, chunk.thought, chunk.finish or "", chunk.usage))
    given = replace(given, note=chunk.note, calls=chunk.calls)
    if not chunk.finish:
        return given
    rest = reading.finish()
    finish = None if reading.ran_out else reading.finish_reason
    thought = given.thought + rest.thought
    return replace(given, text=given.text + rest.text, thought=thought, finish=finish)
