"""Text Generation Inference in its own protocol: its template, its exact counts, its budget."""

import asyncio
import json
import warnings
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import PydanticDeprecatedSince20
from text_generation import AsyncClient, errors  # type: ignore[import-untyped]  # it ships no types

from bot.conversation import Chunk, Prompt, Usage
from bot.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.llm.failures import readable, refused
from bot.llm.openai import ASKING, OpenAI
from bot.llm.service import web_address
from bot.ports import Model
from bot.settings import Settings

_LEAST_ANSWER = 16  # tokens: a prompt that leaves less room is too long
_STATUS = {
    errors.BadRequestError: 400,
    errors.NotFoundError: 404,
    errors.ValidationError: 422,
    errors.OverloadedError: 429,
    errors.RateLimitExceededError: 429,
    errors.ShardNotReadyError: 503,
    errors.ShardTimeoutError: 503,
}


@dataclass(frozen=True, slots=True)
class _Budget:
    """What the server says of itself."""

    input: int
    total: int
    opening: tuple[int, ...]
    """The ids that it puts around every input by itself."""


@dataclass(frozen=True, slots=True)
class _Input:
    """A prompt in the model's own template, and what it takes, exactly."""

    text: str
    tokens: int


class TGI(Model):
    """`/chat_tokenize` renders the prompt, `/generate_stream` answers it."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not settings.tgi_url:
            raise SettingsError(name="NELLIE_TGI_URL", reason="the model tgi needs it")
        self.name = f"tgi/{name}" if name else "tgi"
        self._url = str(web_address("NELLIE_TGI_URL", settings.tgi_url))
        self._key = settings.tgi_api_key
        self._settings = settings
        self._headers = (
            {"Authorization": f"Bearer {self._key.get_secret_value()}"} if self._key else None
        )
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=5, sock_read=settings.read_timeout
        )
        self._budget: _Budget | None = None
        self._other_door: OpenAI | None = None

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._translated():
            rendered = await self._render(prompt)
            answer = (
                self._generate(rendered, prompt.max_output)
                if rendered
                else self._chat_completions().stream(prompt)
            )
            async with aclosing(answer) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def context_window(self) -> int | None:
        try:
            with self._translated():
                async with asyncio.timeout(ASKING):
                    budget = await self._ask_budget()
        except ModelError:
            return None
        return min(budget.total, budget.input + self._settings.max_answer)

    async def close(self) -> None:
        if self._other_door:
            await self._other_door.close()

    async def _render(self, prompt: Prompt) -> _Input | None:
        """None where the server has no tokenizer of its own to render with."""
        messages = [{"role": said.role, "content": said.text} for said in prompt.said]
        answer = await self._ask("POST", "chat_tokenize", {"messages": messages}, optional=True)
        if answer is None:
            return None
        text, tokens = answer["templated_text"], answer["tokenize_response"]
        opening = (await self._ask_budget()).opening
        if tokens and tokens[0]["id"] in opening:
            # The template writes the opening token itself; twice would disturb the model.
            return _Input(text.removeprefix(tokens[0]["text"]), len(tokens) + len(opening) - 1)
        return _Input(text, len(tokens) + len(opening))

    async def _generate(self, given: _Input, max_output: int) -> AsyncGenerator[Chunk, None]:
        budget = await self._ask_budget()
        room = budget.total - given.tokens
        if given.tokens > budget.input or room < min(max_output, _LEAST_ANSWER):
            reason = f"{given.tokens} tokens of at most {budget.input}, {budget.total} in all"
            needed, window = given.tokens, budget.total
            raise ContextOverflow(model=self.name, reason=reason, needed=needed, window=window)
        # Each call of the client meets pydantic's former API; a filter set once may be reset.
        warnings.filterwarnings("ignore", "", PydanticDeprecatedSince20, "text_generation")
        client = AsyncClient(f"{self._url}generate_stream", self._headers)
        # Its own is for the whole stream, ten seconds.
        client.timeout = self._timeout
        answer = client.generate_stream(
            given.text, do_sample=True, max_new_tokens=min(max_output, room)
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield self._chunk(event, given)

    def _chunk(self, event: Any, given: _Input) -> Chunk:
        text = "" if event.token.special else event.token.text
        if event.details is None:
            return Chunk(text=text)
        reason = event.details.finish_reason.value
        return Chunk(
            text=text,
            finish="length" if reason == "length" else "stop",
            usage=Usage(self.name, given.tokens, event.details.generated_tokens),
        )

    async def _ask_budget(self) -> _Budget:
        if self._budget is None:
            info = await self._ask("GET", "info")
            letter = await self._ask("POST", "tokenize", {"inputs": "a"})
            # What the server adds comes from nowhere in the text.
            opening = tuple(token["id"] for token in letter if token["start"] == token["stop"])
            self._budget = _Budget(info["max_input_tokens"], info["max_total_tokens"], opening)
        return self._budget

    async def _ask(self, method: str, path: str, body: Any = None, optional: bool = False) -> Any:
        """JSON from one of the plain routes; None where an optional one is not there."""
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=self._timeout) as session,
            session.request(method, self._url + path, json=body) as response,
        ):
            if optional and response.status == 404:
                return None
            if response.status != 200:
                said = _error_in(await response.text()) or f"HTTP {response.status}"
                raise refused(self.name, response.status, self._readable(said))
            return await response.json()

    def _chat_completions(self) -> OpenAI:
        """TGI's other door: it renders by itself, but the answer's length is not fitted."""
        if self._other_door is None:
            place = {"openai_base_url": f"{self._url}v1", "openai_api_key": self._key}
            self._other_door = OpenAI("tgi", self._settings.model_copy(update=place))
            self._other_door.name = self.name
        return self._other_door

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._budget = None  # it may be another server by now
            raise (error if isinstance(error, ModelError) else self._translate(error)) from None

    def _translate(self, error: Exception) -> ModelError:
        match error:
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                return ModelUnavailable(model=self.name, reason="no connection")
            case TimeoutError():
                return ModelTimeout(model=self.name, seconds=f"{self._settings.read_timeout:g}")
            case aiohttp.ContentTypeError():
                reason = f"it answered HTTP {error.status} without JSON"
                return refused(self.name, error.status, reason)
            case errors.IncompleteGenerationError() | aiohttp.ClientError():
                return IncompleteAnswer(model=self.name)
            case json.JSONDecodeError() | UnicodeDecodeError():
                return ModelError(model=self.name, reason="it sent what is no JSON")
            case _:
                reason = (
                    str(error) if type(error) in _STATUS else f"{type(error).__name__}: {error}"
                )
                return refused(self.name, _STATUS.get(type(error)), self._readable(reason))

    def _readable(self, said: str) -> str:
        return readable(said, [self._key])


def _error_in(body: str) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, LookupError, TypeError):
        return body
