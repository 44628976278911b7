"""OpenAI, and every server that speaks its Chat Completions."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import openai as sdk
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from bot.conversation import Chunk, Prompt, Usage
from bot.errors import ModelError, SettingsError
from bot.llm.service import OPENAI, Service, unless_stale, web_address
from bot.ports import Model
from bot.settings import Settings

ASKING = 3.0  # seconds for a question whose answer is merely nice to have


class OpenAI(Model):
    """Chat Completions, streamed, at OPENAI_BASE_URL or at OpenAI itself."""

    def __init__(self, name: str, settings: Settings) -> None:
        if not name:
            raise SettingsError(name="NELLIE_MODEL", reason="say which model: openai/<name>")
        self.name = f"openai/{name}"
        self._model = name
        url = web_address("OPENAI_BASE_URL", settings.openai_base_url or OPENAI)
        self._service = Service(
            self.name, url, settings.openai_api_key, read_timeout=settings.read_timeout
        )
        self._client = self._service.client
        if settings.openai_api_key is None and self._service.official:
            raise SettingsError(
                name="OPENAI_API_KEY", reason="openai/<name> needs it, or else OPENAI_BASE_URL"
            )

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._service.translated():
            silent = True
            async with await self._open(prompt) as events:
                if "html" in events.response.headers.get("content-type", ""):
                    raise ModelError(model=self.name, reason="it answered with a web page")
                async for event in events:
                    silent = False
                    yield self._chunk(event)
            if silent and not self._service.official:
                await self._ask_why(prompt)

    async def context_window(self) -> int | None:
        """What vLLM or llama.cpp say of themselves; OpenAI and most others do not."""
        if self._service.official:
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
        stream: sdk.AsyncStream[ChatCompletionChunk] = await unless_stale(
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
        await unless_stale(
            lambda: self._client.chat.completions.create(
                model=self._model, messages=_messages(prompt), max_tokens=1
            )
        )

    def _dialect(self, prompt: Prompt) -> dict[str, Any]:
        """OpenAI's newer models refuse max_tokens; the other servers know nothing else."""
        if not self._service.official:
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
        return await self._client.get(str(self._service.url.join(path)), cast_to=object)


def _messages(prompt: Prompt) -> Any:
    return [{"role": said.role, "content": said.text} for said in prompt.said]
