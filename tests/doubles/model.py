"""A model that says what it is told to, and an ear for any model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.conversation import Chunk, Prompt, Said, Usage
from bot.errors import ModelError
from bot.ports import Model

Script = tuple[Chunk | Exception | float, ...]


class Scripted(Model):
    """Plays one script a call, the last one for ever: chunks, errors, and seconds of silence."""

    def __init__(self, *scripts: Script, name: str = "scripted", window: int | None = None) -> None:
        self.name = name
        self.window = window
        self.calls = 0
        self.closed = 0
        """How many streams were closed, early or not."""
        self.begun = asyncio.Event()
        self._scripts = scripts

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        script = self._scripts[min(self.calls, len(self._scripts) - 1)]
        self.calls += 1
        self.begun.set()
        try:
            for step in script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Chunk):
                    yield step
                else:
                    await asyncio.sleep(step)
        finally:
            self.closed += 1

    async def context_window(self) -> int | None:
        return self.window


@dataclass
class Heard:
    """What a model said, and how it ended."""

    chunks: list[Chunk] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def finishes(self) -> list[str]:
        return [chunk.finish for chunk in self.chunks if chunk.finish]

    @property
    def usages(self) -> list[Usage]:
        return [chunk.usage for chunk in self.chunks if chunk.usage]


async def hear(model: Model, prompt: Prompt) -> Heard:
    heard = Heard()
    try:
        async with aclosing(model.stream(prompt)) as chunks:
            async for chunk in chunks:
                heard.chunks.append(chunk)
    except ModelError as error:
        heard.error = error
    return heard


def ask(*said: str, max_output: int = 100, cache_key: str = "") -> Prompt:
    """A prompt of these turns, the person's first."""
    entries = [Said("system", "You are Nellie.")]
    for i, text in enumerate(said or ("Hello?",)):
        entries.append(Said("assistant" if i % 2 else "user", text))
    return Prompt("answer", tuple(entries), 40, max_output, cache_key)
