"""A model of which every answer is seen as it came, before anything of ours has checked it."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.text.tokens import estimate


@dataclass(slots=True)
class Seen:
    """What a model answered so far."""

    calls: int = 0
    labels: int = 0
    """That were asked for."""
    invalid: int = 0
    """Of those: none of the list to the letter, missing, or in what is no JSON."""
    read: int = 0  # tokens
    written: int = 0  # tokens
    estimated: bool = False
    """Its server tells no tokens: they are our estimate."""
    worst: list[str] = field(default_factory=list)
    """The first answers with an invalid label."""


class WatchedModel(Model):
    """Answers as another model does."""

    def __init__(self, model: Model) -> None:
        self.name = model.name
        self.filters_thoughts = model.filters_thoughts
        self.seen = Seen()
        self._model = model

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """Its answer as it comes."""
        said, usage = "", None
        async with aclosing(self._model.stream(prompt)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                said += chunk.text
                usage = chunk.usage or usage
                yield chunk
        self._count(usage or Usage(self.name, prompt.tokens, estimate(said), estimated=True))
        self._judge(prompt, said)

    async def context_window(self) -> int | None:
        """That of the other."""
        return await self._model.context_window()

    async def close(self) -> None:
        """Give back what the other holds."""
        await self._model.close()

    def _count(self, usage: Usage) -> None:
        self.seen.read += usage.input
        self.seen.written += usage.output
        self.seen.estimated = self.seen.estimated or usage.estimated

    def _judge(self, prompt: Prompt, said: str) -> None:
        if prompt.response_format is None:
            return
        wanted = choices(prompt.response_format.schema)
        wrong = count_invalid(wanted, said)
        self.seen.calls += 1
        self.seen.labels += len(wanted)
        self.seen.invalid += wrong
        if wrong and len(self.seen.worst) < 5:
            self.seen.worst.append(said[:300])


def choices(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each label may be, by its place in the answer; "" is the answer itself."""
    properties = schema["properties"]
    if "label" in properties:
        return {"": properties["label"]["enum"]}
    return {name: one["properties"]["label"]["enum"] for name, one in properties.items()}


def count_invalid(wanted: Mapping[str, list[str]], said: str) -> int:
    """How many labels of an answer are none of those that were allowed."""
    try:
        answer = json.loads(said)
    except ValueError:
        return len(wanted)
    return sum(not _is_valid(answer, name, allowed) for name, allowed in wanted.items())


def _is_valid(answer: Any, name: str, allowed: list[str]) -> bool:
    entry = answer.get(name) if name and isinstance(answer, dict) else answer
    return isinstance(entry, dict) and entry.get("label") in allowed
