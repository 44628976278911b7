"""Asks every model every prompt, in turn, so that all of them see the same machine."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from bot.cli.compare.figures import Answer, ModelFigures, figures
from bot.cli.compare.prompts import ComparedPrompt, plain_prompt
from bot.cli.progress import ProgressCallback
from bot.config.settings import Settings
from bot.domain.errors import ModelError, NellieError
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.prices import Price
from bot.llm.fallback import Fallback, load_models
from bot.text.sanitize import clean

FAILURES = 3  # in a row, after which a model is asked nothing more
WARM_UP, WARM_UP_ANSWER = "Are you well?", 16  # tokens


@dataclass(slots=True)
class Contender:
    """A model that is compared, and what it answered so far."""

    name: str
    model: Fallback | None
    """None where it cannot be loaded."""
    failure: str = ""
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def load(cls, name: str, settings: Settings) -> "Contender":
        """The model of that name; one that cannot be loaded is told of like one that fails."""
        try:
            return cls(name, load_models([name], settings))
        except NellieError as error:
            return cls(name, None, f"{error}{_meant(name, settings)}")

    @property
    def has_given_up(self) -> bool:
        """Whether asking it on is of no use."""
        last = self.answers[-FAILURES:]
        return self.model is None or (len(last) == FAILURES and all(one.error for one in last))

    async def warm_up(self, settings: Settings) -> None:
        """Load its weights, open a connection, see how it thinks: none of that is measured."""
        if self.model:
            prompt = plain_prompt(WARM_UP, settings)
            await ask(self.model, replace(prompt, max_output=WARM_UP_ANSWER))

    async def answer(self, asked: ComparedPrompt) -> None:
        """Ask it this, unless it has failed too often."""
        if self.model and not self.has_given_up:
            answer = await ask(self.model, asked.prompt)
            self.answers.append(replace(answer, prompt=asked.name, expected=asked.expected))

    def figures(self, prompts: int, price: Price | None) -> ModelFigures:
        """What its answers come to."""
        return figures(self.name, self.answers, prompts=prompts, failure=self.failure, price=price)

    async def close(self) -> None:
        """Give back what it holds."""
        if self.model:
            await self.model.close()


def _meant(name: str, settings: Settings) -> str:
    """What to write in the place of a name that is none."""
    known = (*settings.model, *settings.choices)
    whole = next((one for one in known if one.partition("/")[2] == name), None)
    return f"; write {whole}" if whole else "; `nellie models` lists the names"


async def ask_all(
    contenders: Sequence[Contender],
    prompts: Sequence[ComparedPrompt],
    settings: Settings,
    *,
    at_once: int,
    progress: ProgressCallback,
) -> None:
    """Let each answer each; whoever cancels finds in the contenders what was answered so far."""
    for contender in contenders:
        await contender.warm_up(settings)
    rounds = [
        (contender, prompt)
        for number, prompt in enumerate(prompts)
        for contender in _rotated(contenders, number)
    ]
    waiting, done = iter(rounds), 0

    async def work() -> None:
        nonlocal done
        for contender, prompt in waiting:
            await contender.answer(prompt)
            done += 1
            progress(done, len(rounds))

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


def _rotated(contenders: Sequence[Contender], by: int) -> list[Contender]:
    """Another one begins each time: whoever follows may find the machine warmer, or busier."""
    first = by % len(contenders)
    return [*contenders[first:], *contenders[:first]]


async def ask(model: Fallback, prompt: Prompt) -> Answer:
    """One call, with its times."""
    seen = _Seen(time.monotonic())
    error = ""
    try:
        async with aclosing(model.stream(prompt)) as chunks:
            async for chunk in chunks:
                seen.add(chunk)
    except ModelError as failed:
        error = clean(str(failed))
    return seen.answer(error)


@dataclass(slots=True)
class _Seen:
    """What has come of an answer, and when."""

    began: float
    texts: list[str] = field(default_factory=list)
    signs: list[float] = field(default_factory=list)
    """When there was something, of thoughts too."""
    first_text: float | None = None
    usage: Usage | None = None

    def add(self, chunk: Chunk) -> None:
        now = time.monotonic()
        if chunk.text or chunk.thought:
            self.signs.append(now)
        if chunk.text:
            self.texts.append(chunk.text)
            self.first_text = self.first_text or now
        self.usage = chunk.usage or self.usage

    def answer(self, error: str) -> Answer:
        first, signs = self.first_text, self.signs
        return Answer(
            prompt="",
            text="".join(self.texts),
            error=error,
            first_token=first - self.began if first else None,
            writing=signs[-1] - signs[0] if len(signs) > 1 else None,
            total=time.monotonic() - self.began,
            usage=self.usage,
        )
