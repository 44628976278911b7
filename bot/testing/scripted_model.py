"""Models that say what a script tells them to."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from bot.domain.errors import ModelError
from bot.domain.model import Chunk, Prompt, Purpose, Usage
from bot.domain.ports import Model
from bot.domain.tools import ToolCall

Steps = tuple[Chunk | Exception | asyncio.Event | float, ...]
"""What one call does: chunks are said, errors raised, events and seconds waited for."""

Script = Callable[[Prompt], Steps]
"""What a call does with its prompt."""


def says(*pieces: str, finish: str | None = "stop") -> Script:
    """A script that says this, in these pieces, and what it cost."""

    def script(prompt: Prompt) -> Steps:
        usage = Usage("", prompt.tokens, len(pieces), 0)
        return (*(Chunk(piece) for piece in pieces), Chunk("", finish, usage))

    return script


def calls(*asked: tuple[str, str] | ToolCall, text: str = "") -> Script:
    """A script that says this, and then calls tools: names with their arguments as JSON."""

    def script(prompt: Prompt) -> Steps:
        made = tuple(
            one if isinstance(one, ToolCall) else ToolCall(f"call{number}", *one)
            for number, one in enumerate(asked, start=1)
        )
        usage = Usage("", prompt.tokens, len(made), 0)
        return (*([Chunk(text)] if text else []), Chunk("", "tool_calls", usage, calls=made))

    return script


def stalls(*pieces: str) -> Script:
    """A script that says this and then falls silent for ever."""
    return lambda prompt: (*(Chunk(piece) for piece in pieces), asyncio.Event())


def breaks(error: ModelError, *pieces: str) -> Script:
    """A script that says this and then fails."""
    return lambda prompt: (*(Chunk(piece) for piece in pieces), error)


def waits(gate: asyncio.Event, script: Script) -> Script:
    """A script that begins once the gate is open."""
    return lambda prompt: (gate, *script(prompt))


def echoes(prompt: Prompt) -> Steps:
    """Says back the message that is answered."""
    assert prompt.trigger is not None, "only questions have a trigger"
    return says(f"You said: {prompt.trigger.text}")(prompt)


def repeats_prompt(prompt: Prompt) -> Steps:
    """Says back all that stands in the prompt: whatever reached it is in the answer."""
    return says("\n".join(message.text for message in prompt.messages))(prompt)


def summarizes(prompt: Prompt) -> Steps:
    """Keeps the first words of the first messages, each with its source."""
    lines = [
        f"- {message.author.name}: {_first_words(message.text)} [{message.seq}]"
        for message in prompt.source[:6]
    ]
    return says("\n".join(lines))(prompt)


def summarizes_document(prompt: Prompt) -> Steps:
    """Keeps the first words of the first passages, each with its mark."""
    lines = [
        f"- {_first_words(one.passage.text)} [doc {one.passage.number}]"
        for one in prompt.passages[:6]
    ]
    return says("\n".join(lines))(prompt)


class ScriptedModel(Model):
    """Plays one script a call, the last one for ever; the scripts given are its answers."""

    def __init__(
        self,
        *answers: Script,
        name: str = "scripted",
        context_tokens: int | None = None,
        calls_tools: bool = True,
        sees: bool | None = True,
    ) -> None:
        self.name = name
        self.calls_tools = calls_tools
        self.sees = sees
        """Whether it takes pictures; None where it does not say."""
        self.context_tokens = context_tokens
        """Its context window; None where it does not say."""
        self.prompts: list[Prompt] = []
        """What it was asked, in that order."""
        self.called = asyncio.Event()
        self._scripts: dict[Purpose, tuple[Script, ...]] = {
            "answer": answers or (echoes,),
            "compaction": (summarizes,),
            "digest": (summarizes,),
            "catchup": (summarizes,),
            "document": (summarizes_document,),
            "task": (says("{}"),),
            "rule": (says("{}"),),
            "tuning": (echoes,),
        }

    def follow(self, purpose: Purpose, *scripts: Script) -> None:
        """From now on, play these for calls of this purpose."""
        self._scripts[purpose] = scripts

    def prompts_for(self, purpose: Purpose) -> list[Prompt]:
        """The prompts so far, of one purpose."""
        return [prompt for prompt in self.prompts if prompt.purpose == purpose]

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """Play the next script of the prompt's purpose."""
        self.prompts.append(prompt)
        self.called.set()
        script, *rest = self._scripts[prompt.purpose]
        self._scripts[prompt.purpose] = tuple(rest) or (script,)
        async with aclosing(_play(script(prompt), self.name)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def can_see(self) -> bool | None:
        """As it was told."""
        return self.sees

    async def context_window(self) -> int | None:
        """As it was told."""
        return self.context_tokens


class SteppedModel(Model):
    """Plays steps that do not depend on the prompt: one tuple a call, the last one for ever."""

    def __init__(
        self, *calls: Steps, name: str = "scripted", context_tokens: int | None = None
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        """Its context window; None where it does not say."""
        self.calls = 0
        self.closed = 0
        """How many streams were closed, early or not."""
        self.called = asyncio.Event()
        self._steps = calls

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """Play the next steps."""
        steps = self._steps[min(self.calls, len(self._steps) - 1)]
        self.calls += 1
        self.called.set()
        try:
            async with aclosing(_play(steps, self.name)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self.closed += 1

    async def context_window(self) -> int | None:
        """As it was told."""
        return self.context_tokens


async def _play(steps: Steps, name: str) -> AsyncGenerator[Chunk]:
    for step in steps:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Chunk):
            yield _signed(step, name)
        elif isinstance(step, asyncio.Event):
            await step.wait()
        else:
            await asyncio.sleep(step)


def _signed(chunk: Chunk, name: str) -> Chunk:
    """The chunk with the model's name on what it cost, where the script gives none."""
    if chunk.usage is None or chunk.usage.model:
        return chunk
    return replace(chunk, usage=replace(chunk.usage, model=name))


def _first_words(text: str) -> str:
    """None of them broken off."""
    return " ".join(text[:61].split()[: -1 if len(text) > 60 else None])
