"""OpenAI, and every server that speaks its Chat Completions."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import openai as sdk
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from bot.config.settings import Settings
from bot.domain.errors import ModelError, SettingsError
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.llm.openai_client import OPENAI_URL, OpenAIEndpoint, parse_url, retry_if_stale

INFO_TIMEOUT = 3.0  # seconds for a question whose answer is merely nice to have


class OpenAI(Model):
    """Chat Completions, streamed, at OPENAI_BASE_URL or at OpenAI itself."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not name:
            raise SettingsError(name="NELLIE_MODEL", reason="say which model: openai/<name>")
        self.name = f"openai/{name}"
        self._model = name
        url = parse_url("OPENAI_BASE_URL", settings.openai_base_url or OPENAI_URL)
        self._endpoint = OpenAIEndpoint(
            self.name, url, settings.openai_api_key, read_timeout=settings.read_timeout
        )
        self._client = self._endpoint.client
        if settings.openai_api_key is None and self._endpoint.is_official:
            raise SettingsError(
                name="OPENAI_API_KEY", reason="openai/<name> needs it, or else OPENAI_BASE_URL"
            )

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._endpoint.mapped_errors():
            is_empty = True
            async with await self._open(prompt) as events:
                if "html" in events.response.headers.get("content-type", ""):
                    raise ModelError(model=self.name, reason="it answered with a web page")
                async for event in events:
                    is_empty = False
                    yield self._to_chunk(event)
            if is_empty and not self._endpoint.is_official:
                await self._raise_lost_error(prompt)

    async def context_window(self) -> int | None:
        """What vLLM or llama.cpp say of themselves; OpenAI and most others do not."""
        if self._endpoint.is_official:
            return None
        try:
            async with asyncio.timeout(INFO_TIMEOUT):
                for model in (await self._get("models"))["data"]:
                    if model["id"] == self._model and model.get("max_model_len"):
                        return int(model["max_model_len"])
                return int((await self._get("../props"))["default_generation_settings"]["n_ctx"])
        except Exception:
            return None

    async def close(self) -> None:
        await self._client.close()

    async def _open(self, prompt: Prompt) -> sdk.AsyncStream[ChatCompletionChunk]:
        stream: sdk.AsyncStream[ChatCompletionChunk] = await retry_if_stale(
            lambda: self._client.chat.completions.create(
                model=self._model,
                messages=_format_messages(prompt),
                stream=True,
                stream_options={"include_usage": True},
                **self._build_parameters(prompt),
            )
        )
        return stream

    async def _raise_lost_error(self, prompt: Prompt) -> None:
        """Ask once more, without streaming.

        llama-cpp-python loses its error where it streams; most often that is an overflow.
        """
        await retry_if_stale(
            lambda: self._client.chat.completions.create(
                model=self._model, messages=_format_messages(prompt), max_tokens=1
            )
        )

    def _build_parameters(self, prompt: Prompt) -> dict[str, Any]:
        """OpenAI's newer models refuse max_tokens; the other servers know nothing else."""
        if not self._endpoint.is_official:
            return {"max_tokens": prompt.max_output}
        key = {"prompt_cache_key": prompt.cache_key} if prompt.cache_key else {}
        return {"max_completion_tokens": prompt.max_output, **key}

    def _to_chunk(self, event: ChatCompletionChunk) -> Chunk:
        """A chunk for every event: one without text, as in reasoning, is still a sign of life."""
        usage = self._to_usage(event.usage)
        if not event.choices:
            return Chunk(usage=usage)
        choice = event.choices[0]
        text = (choice.delta.content or choice.delta.refusal or "") if choice.delta else ""
        return Chunk(text=text, finish=choice.finish_reason, usage=usage)

    def _to_usage(self, usage: CompletionUsage | None) -> Usage | None:
        # The SDK checks nothing: what a server leaves out is missing here.
        prompt_tokens = getattr(usage, "prompt_tokens", None)
        if not prompt_tokens:
            return None
        output = getattr(usage, "completion_tokens", None) or 0
        details = getattr(usage, "prompt_tokens_details", None)
        cached = getattr(details, "cached_tokens", None)
        return Usage(model=self.name, input=prompt_tokens, output=output, cached=cached)

    async def _get(self, path: str) -> Any:
        return await self._client.get(str(self._endpoint.url.join(path)), cast_to=object)


def _format_messages(prompt: Prompt) -> Any:
    return [{"role": message.role, "content": message.text} for message in prompt.messages]
