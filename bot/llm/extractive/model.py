"""The model that is none: what it says, somebody in the channel has said."""

import asyncio
from collections.abc import AsyncIterator, Callable

from bot.config.settings import Settings
from bot.domain.errors import NeedsModel
from bot.domain.model import Chunk, Prompt, Purpose, Usage
from bot.domain.ports import Model
from bot.llm.extractive.quotes import write_answer
from bot.llm.extractive.summaries import (
    Written,
    write_catchup,
    write_digest,
    write_document,
    write_summary,
)


class Extractive(Model):
    """Deterministic, free and offline; everything it says was said by somebody in the channel."""

    filters_thoughts = True  # it has none, and what people said stays as it is

    def __init__(self, name: str = "", settings: Settings | None = None) -> None:
        self.name = "extractive"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        write = _WRITERS.get(prompt.purpose)
        if write is None:
            raise NeedsModel(model=self.name)
        if prompt.purpose == "document":  # of a long one it takes seconds, and all others go on
            written = await asyncio.to_thread(write, prompt)
        else:
            written = write(prompt)
        for number, line in enumerate(written.lines):
            yield Chunk(f"\n{line}" if number else line)
        usage = Usage(model=self.name, input=0, output=0)
        yield Chunk(finish="stop", usage=usage, note=written.note)


_WRITERS: dict[Purpose, Callable[[Prompt], Written]] = {
    "answer": lambda prompt: Written(write_answer(prompt)),
    "compaction": write_summary,
    "digest": write_digest,
    "catchup": write_catchup,
    "document": write_document,
}
