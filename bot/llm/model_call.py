"""One call of one model: its silence and time are limited, and what it cost is known."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from bot.config.settings import Settings
from bot.domain.errors import (
    AnswerFiltered,
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    OnlyThoughts,
)
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.domain.tools import ToolCall
from bot.llm.answers.silences import closing_at_once
from bot.telemetry import metrics
from bot.text.tokens import estimate

_READ_NOTHING = (ContextOverflow, ModelOverloaded, ModelRejected, ModelUnavailable)


class ModelCall:
    """One call of one model: what came of it, and what it cost."""

    def __init__(self, model: Model, prompt: Prompt, settings: Settings, deadline: float) -> None:
        self.error: ModelError | None = None
        self._model = model
        self._prompt = prompt
        self._settings = settings
        self._deadline = deadline
        self._texts: list[str] = []
        self._blank = ""
        self._thought = False
        self._finish: str | None = None
        self._note = ""
        self._calls: tuple[ToolCall, ...] = ()
        self._usage: Usage | None = None

    @property
    def has_begun(self) -> bool:
        return bool(self._texts)

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Text as it comes, then one chunk with the usage. Raises nothing: see `error`."""
        try:
            async with closing_at_once(self._model.stream(self._prompt)) as stream:
                while (chunk := await self._next(stream)) is not None:
                    text = self._take(chunk)
                    if text or chunk.thought:
                        yield Chunk(text=text, thought=chunk.thought)
        except ModelError as error:
            self.error = self._named(error)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self.error = ModelError(model=self._model.name, reason=reason)
        except BaseException:  # whoever listened has gone
            self._count("Stopped")
            raise
        self._judge()
        self._count(type(self.error).__name__ if self.error else "ok")
        usage = self._estimate_usage()
        if self.error:
            yield Chunk(usage=usage)
            return
        finish = "tool_calls" if self._calls else self._finish
        yield Chunk(finish=finish, usage=usage, note=self._note, calls=self._calls)

    def _named(self, error: ModelError) -> ModelError:
        """The error, with the model's name as NELLIE_MODEL has it; a plugin may say another."""
        error.details["model"] = self._model.name
        return error

    def _count(self, outcome: str) -> None:
        usage, name = self._estimate_usage(), self._model.name
        metrics.model_calls.add(name, outcome)
        counts = {
            "input": usage.input,
            "cached": usage.cached or 0,
            "cache_write": usage.cache_write or 0,
            "output": usage.output,
        }
        for kind, count in counts.items():
            metrics.tokens.add(self._prompt.purpose, name, kind, by=count)

    async def _next(self, stream: AsyncIterator[Chunk]) -> Chunk | None:
        silent_until = asyncio.get_running_loop().time() + self._settings.read_timeout
        try:
            async with asyncio.timeout_at(min(silent_until, self._deadline)):
                return await anext(stream, None)
        except TimeoutError:
            raise self._timeout_error(is_deadline=self._deadline < silent_until) from None

    def _timeout_error(self, *, is_deadline: bool) -> ModelError:
        if is_deadline and self.has_begun:
            return IncompleteAnswer(model=self._model.name)
        seconds = self._settings.turn_timeout if is_deadline else self._settings.read_timeout
        return ModelTimeout(model=self._model.name, seconds=f"{seconds:g}")

    def _take(self, chunk: Chunk) -> str:
        self._finish = chunk.finish or self._finish
        self._note = chunk.note or self._note
        self._usage = chunk.usage or self._usage
        if self._prompt.tools and self._prompt.tool_choice == "auto":
            self._calls = chunk.calls or self._calls
        self._thought = self._thought or chunk.thought > 0
        text = self._blank + chunk.text
        if not self.has_begun and not text.strip():
            self._blank = text  # nobody sees it, unless it stands at a seam
            return ""
        self._blank = ""
        if not (self.has_begun or self._prompt.goes_on):
            text = text.lstrip()
        if text:
            self._texts.append(text)
        return text

    def _judge(self) -> None:
        """What breaks after the end does no harm; what ends without an end is no answer."""
        if (self.has_begun or self._calls) and self._finish:
            self.error = None
        elif self.error is None:
            self.error = self._kind_of_nothing()(model=self._model.name)

    def _kind_of_nothing(self) -> type[ModelError]:
        if not self._finish:
            return IncompleteAnswer
        if self._finish == "content_filter":
            return AnswerFiltered
        return OnlyThoughts if self._thought else EmptyAnswer

    def _estimate_usage(self) -> Usage:
        """What the model reported, or else our own estimate."""
        if self._usage:
            return replace(self._usage, model=self._model.name)
        read = 0 if isinstance(self.error, _READ_NOTHING) else self._prompt.tokens
        written = estimate("".join(self._texts)) + sum(one.tokens for one in self._calls)
        return Usage(self._model.name, read, written, estimated=True)
