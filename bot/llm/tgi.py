"""Text Generation Inference in its own protocol: its template, its exact counts, its limits."""

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

from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.generation import Generation
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.llm.addresses import parse_url
from bot.llm.error_mapping import make_readable, map_error
from bot.llm.openai_chat import INFO_TIMEOUT, OpenAI
from bot.llm.thoughts import AnswerFilter

_SHORTEST_ANSWER = 16  # tokens: a prompt that leaves less room is too long
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
class _Limits:
    """What the server says of itself."""

    input: int
    """Tokens of a prompt."""
    total: int
    """Tokens of a prompt and its answer."""
    opening: tuple[int, ...]
    """The ids that it puts around every input by itself."""


@dataclass(frozen=True, slots=True)
class _RenderedPrompt:
    """A prompt in the model's own template, and what it takes, exactly."""

    text: str
    tokens: int


class TGI(Model):
    """`/chat_tokenize` renders the prompt, `/generate_stream` answers it."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not settings.tgi_url:
            raise SettingsError(name="NELLIE_TGI_URL", reason="the model tgi needs it")
        self.name = f"tgi/{name}" if name else "tgi"
        self._url = str(parse_url("NELLIE_TGI_URL", settings.tgi_url))
        self._key = settings.tgi_api_key
        self._settings = settings
        self._headers = (
            {"Authorization": f"Bearer {self._key.get_secret_value()}"} if self._key else None
        )
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=5, sock_read=settings.read_timeout
        )
        self._limits: _Limits | None = None
        self._chat_api: OpenAI | None = None

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._mapped_errors():
            rendered = await self._render(prompt)
            answer = (
                self._generate(rendered, prompt)
                if rendered
                else self._get_chat_api().stream(prompt)
            )
            async with aclosing(answer) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def context_window(self) -> int | None:
        try:
            with self._mapped_errors():
                async with asyncio.timeout(INFO_TIMEOUT):
                    limits = await self._ask_limits()
        except ModelError:
            return None
        return min(limits.total, limits.input + self._settings.max_answer)

    async def close(self) -> None:
        if self._chat_api:
            await self._chat_api.close()

    async def _render(self, prompt: Prompt) -> _RenderedPrompt | None:
        """None where the server has no tokenizer of its own to render with."""
        messages = [{"role": one.role, "content": one.text} for one in prompt.messages]
        answer = await self._ask("POST", "chat_tokenize", {"messages": messages}, optional=True)
        if answer is None:
            return None
        text, tokens = answer["templated_text"], answer["tokenize_response"]
        opening = (await self._ask_limits()).opening
        if tokens and tokens[0]["id"] in opening:
            # The template writes the opening token itself; twice would disturb the model.
            return _RenderedPrompt(
                text.removeprefix(tokens[0]["text"]), len(tokens) + len(opening) - 1
            )
        return _RenderedPrompt(text, len(tokens) + len(opening))

    async def _generate(
        self, rendered: _RenderedPrompt, prompt: Prompt
    ) -> AsyncGenerator[Chunk, None]:
        max_output = prompt.max_output
        limits = await self._ask_limits()
        room = limits.total - rendered.tokens
        if rendered.tokens > limits.input or room < min(max_output, _SHORTEST_ANSWER):
            reason = f"{rendered.tokens} tokens of at most {limits.input}, {limits.total} in all"
            needed, window = rendered.tokens, limits.total
            raise ContextOverflow(model=self.name, reason=reason, needed=needed, window=window)
        # Each call of the client meets pydantic's former API; a filter set once may be reset.
        warnings.filterwarnings("ignore", "", PydanticDeprecatedSince20, "text_generation")
        client = AsyncClient(f"{self._url}generate_stream", self._headers)
        # Its own is for the whole stream, ten seconds.
        client.timeout = self._timeout
        answer = client.generate_stream(
            rendered.text, max_new_tokens=min(max_output, room), **_sampling(prompt.generation)
        )
        answer_filter = AnswerFilter(hold=rendered.text.rstrip().endswith("<think>"))
        async with aclosing(answer) as events:
            async for event in events:
                yield self._to_chunk(event, rendered, answer_filter)

    def _to_chunk(
        self, event: Any, rendered: _RenderedPrompt, answer_filter: AnswerFilter
    ) -> Chunk:
        before = answer_filter.thoughts
        text = answer_filter.feed("" if event.token.special else event.token.text)
        if event.details is None:
            return Chunk(text=text, thought=answer_filter.thoughts - before)
        reason = event.details.finish_reason.value
        return Chunk(
            text=text + answer_filter.finish(),
            finish="length" if reason == "length" else "stop",
            usage=Usage(self.name, rendered.tokens, event.details.generated_tokens),
            thought=answer_filter.thoughts - before,
        )

    async def _ask_limits(self) -> _Limits:
        if self._limits is None:
            info = await self._ask("GET", "info")
            letter = await self._ask("POST", "tokenize", {"inputs": "a"})
            # What the server adds comes from nowhere in the text.
            opening = tuple(token["id"] for token in letter if token["start"] == token["stop"])
            self._limits = _Limits(info["max_input_tokens"], info["max_total_tokens"], opening)
        return self._limits

    async def _ask(
        self, method: str, path: str, body: Any = None, *, optional: bool = False
    ) -> Any:
        """JSON from one of the plain routes; None where an optional one is not there."""
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=self._timeout) as session,
            session.request(method, self._url + path, json=body) as response,
        ):
            if optional and response.status == 404:
                return None
            if response.status != 200:
                text = _read_error(await response.text()) or f"HTTP {response.status}"
                raise map_error(self.name, response.status, self._readable(text))
            return await response.json()

    def _get_chat_api(self) -> OpenAI:
        """TGI's own /v1: it renders by itself, but the answer's length is not fitted."""
        if self._chat_api is None:
            address = {"openai_base_url": f"{self._url}v1", "openai_api_key": self._key}
            self._chat_api = OpenAI("tgi", self._settings.model_copy(update=address))
            self._chat_api.name = self.name
        return self._chat_api

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._limits = None  # it may be another server by now
            raise (error if isinstance(error, ModelError) else self._map(error)) from None

    def _map(self, error: Exception) -> ModelError:
        match error:
            case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
                return ModelUnavailable(model=self.name, reason="no connection")
            case TimeoutError():
                return ModelTimeout(model=self.name, seconds=f"{self._settings.read_timeout:g}")
            case aiohttp.ContentTypeError():
                reason = f"it answered HTTP {error.status} without JSON"
                return map_error(self.name, error.status, reason)
            case errors.IncompleteGenerationError() | aiohttp.ClientError():
                return IncompleteAnswer(model=self.name)
            case json.JSONDecodeError() | UnicodeDecodeError():
                return ModelError(model=self.name, reason="it sent what is no JSON")
            case _:
                reason = (
                    str(error) if type(error) in _STATUS else f"{type(error).__name__}: {error}"
                )
                return map_error(self.name, _STATUS.get(type(error)), self._readable(reason))

    def _readable(self, text: str) -> str:
        return make_readable(text, [self._key])


def _read_error(body: str) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, LookupError, TypeError):
        return body


def _sampling(generation: Generation) -> dict[str, Any]:
    """The same in TGI's names; where nothing is set, it samples as the model's authors meant."""
    greedy = generation.get("temperature") == 0
    top_p = generation.get("top_p")
    named = {
        "do_sample": not greedy,
        "temperature": None if greedy else generation.get("temperature"),
        "top_p": top_p if top_p and top_p < 1 else None,  # 1 is what it refuses
        "seed": generation.get("seed"),
        "stop_sequences": generation.get("stop"),
        "frequency_penalty": generation.get("frequency_penalty"),
    }
    return {name: value for name, value in named.items() if value is not None}
