"""OpenAI, and every server that speaks its Chat Completions."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx2
import openai as sdk
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from bot.conversation import Chunk, Prompt, Usage
from bot.errors import (
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.llm.failures import readable, refused
from bot.ports import Model
from bot.settings import Settings

Answer = TypeVar("Answer")

_OPENAI = "https://api.openai.com/v1"
_STALE = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)
_CONNECT = 5.0
ASKING = 3.0  # seconds for a question whose answer is merely nice to have


class OpenAI(Model):
    """Chat Completions, streamed, at OPENAI_BASE_URL or at OpenAI itself."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not name:
            raise SettingsError(name="NELLIE_MODEL", reason="say which model: openai/<name>")
        self.name = f"openai/{name}"
        self._model = name
        self._url = web_address("OPENAI_BASE_URL", settings.openai_base_url or _OPENAI)
        self._official = f".{self._url.host}".endswith(".api.openai.com")
        self._key = settings.openai_api_key
        if self._key is None and self._official:
            raise SettingsError(
                name="OPENAI_API_KEY", reason="openai/<name> needs it, or else OPENAI_BASE_URL"
            )
        self._read_timeout = settings.read_timeout
        self._client = sdk.AsyncOpenAI(
            # Servers without keys take any; the SDK insists on one.
            api_key=self._key.get_secret_value() if self._key else "none",
            base_url=self._url,
            timeout=httpx2.Timeout(
                None, connect=_CONNECT, read=self._read_timeout, write=10, pool=5
            ),
            # A request that timed out goes on costing there; what to try next is Fallback's.
            max_retries=0,
        )

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._translated():
            silent = True
            async with await self._open(prompt) as events:
                if "html" in events.response.headers.get("content-type", ""):
                    raise ModelError(model=self.name, reason="it answered with a web page")
                async for event in events:
                    silent = False
                    yield self._chunk(event)
            if silent and not self._official:
                await self._ask_why(prompt)

    async def context_window(self) -> int | None:
        """What vLLM or llama.cpp say of themselves; OpenAI and most others do not."""
        if self._official:
            return None
        try:
            async with asyncio.timeout(ASKING):
                for model in (await self._get("models"))["data"]:
                    if model["id"] == self._model and model.get("max_model_len"):
                        return int(model["max_model_len"])
                return int((await self._get("../props"))["default_generation_settings"]["n_ctx"])
        except Exception:
            return None

    async def close(self) -> None:
        await self._client.close()

    async def _open(self, prompt: Prompt) -> sdk.AsyncStream[ChatCompletionChunk]:
        stream: sdk.AsyncStream[ChatCompletionChunk] = await _unless_stale(
            lambda: self._client.chat.completions.create(
                model=self._model,
                messages=_messages(prompt),
                stream=True,
                stream_options={"include_usage": True},
                **self._dialect(prompt),
            )
        )
        return stream

    async def _ask_why(self, prompt: Prompt) -> None:
        """llama-cpp-python loses its error where it streams (an overflow, most often)."""
        await _unless_stale(
            lambda: self._client.chat.completions.create(
                model=self._model, messages=_messages(prompt), max_tokens=1
            )
        )

    def _dialect(self, prompt: Prompt) -> dict[str, Any]:
        """OpenAI's newer models refuse max_tokens; the other servers know nothing else."""
        if not self._official:
            return {"max_tokens": prompt.max_output}
        key = {"prompt_cache_key": prompt.cache_key} if prompt.cache_key else {}
        return {"max_completion_tokens": prompt.max_output, **key}

    def _chunk(self, event: ChatCompletionChunk) -> Chunk:
        """A chunk for every event: one without text, as in reasoning, is still a sign of life."""
        usage = self._usage(event.usage)
        if not event.choices:
            return Chunk(usage=usage)
        choice = event.choices[0]
        text = (choice.delta.content or choice.delta.refusal or "") if choice.delta else ""
        return Chunk(text=text, finish=choice.finish_reason, usage=usage)

    def _usage(self, usage: CompletionUsage | None) -> Usage | None:
        # The SDK checks nothing: what a server leaves out is missing here.
        read = getattr(usage, "prompt_tokens", None)
        if not read:
            return None
        written = getattr(usage, "completion_tokens", None) or 0
        details = getattr(usage, "prompt_tokens_details", None)
        cached = getattr(details, "cached_tokens", None)
        return Usage(model=self.name, input=read, output=written, cached=cached)

    async def _get(self, path: str) -> Any:
        return await self._client.get(str(self._url.join(path)), cast_to=object)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ModelError:
            raise
        except Exception as error:
            # The original holds the request with its key: it is not chained.
            raise self._translate(error) from None

    def _translate(self, error: Exception) -> ModelError:
        match error:
            case sdk.APIConnectionError():
                return self._unconnected(error)
            case sdk.APIError():
                status = getattr(error, "status_code", None)
                body = error.body if isinstance(error.body, dict) else {}
                reason = str(body.get("message") or error.message)
                return refused(self.name, status, self._readable(reason), repr(error.body))
            case json.JSONDecodeError() | UnicodeDecodeError():
                return ModelError(model=self.name, reason="it sent what is no JSON")
            case _:
                reason = self._readable(f"{type(error).__name__}: {error}")
                return ModelError(model=self.name, reason=reason)

    def _unconnected(self, error: sdk.APIConnectionError) -> ModelError:
        match error.__cause__:
            case httpx2.ConnectError() | httpx2.ConnectTimeout():
                reason = f"no connection to {self._url.host}:{self._url.port or 443}"
                return ModelUnavailable(model=self.name, reason=reason)
            case httpx2.TimeoutException():
                return ModelTimeout(model=self.name, seconds=f"{self._read_timeout:g}")
            case _:
                return IncompleteAnswer(model=self.name)

    def _readable(self, said: str) -> str:
        return readable(said, [self._key])


async def _unless_stale(request: Callable[[], Awaitable[Answer]]) -> Answer:
    """Once more, when a kept-alive connection turns out to be closed before its first byte."""
    try:
        return await request()
    except sdk.APIConnectionError as error:
        if not isinstance(error.__cause__, _STALE):
            raise
    return await request()


def _messages(prompt: Prompt) -> Any:
    return [{"role": said.role, "content": said.text} for said in prompt.said]


def web_address(setting: str, value: str) -> httpx2.URL:
    """The address of a server, ending in "/". Raises SettingsError where it is none."""
    try:
        url = httpx2.URL(value.rstrip("/") + "/")
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(name=setting, reason="it must begin with http:// or https://")
    return url
