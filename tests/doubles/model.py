"""Models that say what they are told to, and an ear for any model."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.conversation import Chunk, Prompt, Purpose, Said, Usage
from bot.errors import ModelError
from bot.ports import Model

Script = tuple[Chunk | Exception | asyncio.Event | float, ...]


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
                elif isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    await asyncio.sleep(step)
        finally:
            self.closed += 1

    async def context_window(self) -> int | None:
        return self.window


def says(*pieces: str, finish: str | None = "stop") -> "Part":
    """A part that always says this, in these pieces, and what it cost."""

    def part(prompt: Prompt) -> Script:
        cost = Usage("actor", prompt.tokens, len(pieces), 0)
        return (*(Chunk(piece) for piece in pieces), Chunk("", finish, cost))

    return part


def stalls(*pieces: str) -> "Part":
    """A part that says this and then falls silent for ever."""
    return lambda prompt: (*(Chunk(piece) for piece in pieces), asyncio.Event())


def breaks(error: ModelError, *pieces: str) -> "Part":
    """A part that says this and then fails."""
    return lambda prompt: (*(Chunk(piece) for piece in pieces), error)


def echoes(prompt: Prompt) -> Script:
    """Says back what was asked."""
    assert prompt.trigger is not None
    return says(f"You said: {prompt.trigger.text}")(prompt)


def repeats(prompt: Prompt) -> Script:
    """Says back all that stands in the prompt: whatever reached it is in the answer."""
    return says("\n".join(one.text for one in prompt.said))(prompt)


def summarizes(prompt: Prompt) -> Script:
    """Keeps the first words of the first messages, each with its source."""
    lines = [f"- {one.author.name}: {_begins(one.text)} [{one.seq}]" for one in prompt.source[:6]]
    return says("\n".join(lines))(prompt)


def _begins(text: str) -> str:
    """Its first words, none of them broken off."""
    return " ".join(text[:61].split()[: -1 if len(text) > 60 else None])


Part = Callable[[Prompt], Script]
_PARTS: dict[Purpose, tuple[Part, ...]] = {
    "answer": (echoes,),
    "compaction": (summarizes,),
    "digest": (summarizes,),
    "catchup": (summarizes,),
}


class Actor(Model):
    """Plays a part for each purpose, one part a call and the last one for ever."""

    def __init__(self, *answers: Part, name: str = "actor", window: int | None = None) -> None:
        self.name = name
        self.window = window
        self.prompts: list[Prompt] = []
        self.begun = asyncio.Event()
        self._parts = dict(_PARTS) if not answers else {**_PARTS, "answer": answers}

    def plays(self, purpose: Purpose, *parts: Part) -> None:
        """From now on, for this purpose."""
        self._parts[purpose] = parts

    def asked(self, purpose: Purpose) -> list[Prompt]:
        """The prompts so far, of one purpose."""
        return [prompt for prompt in self.prompts if prompt.purpose == purpose]

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        self.prompts.append(prompt)
        self.begun.set()
        parts = self._parts[prompt.purpose]
        part, rest = parts[0], parts[1:]
        self._parts[prompt.purpose] = rest or parts
        for step in part(prompt):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Chunk):
                yield step
            elif isinstance(step, asyncio.Event):
                await step.wait()
            else:
                await asyncio.sleep(step)

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
    return Prompt("answer", tuple(entries), max_output, cache_key)
