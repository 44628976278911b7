"""OpenAI, and every server that speaks its Chat Completions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import httpx2

from bot.config.settings import Settings
from bot.domain.errors import ModelError, ModelRejected, SettingsError
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.endings import ending_soon
from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.answers.room import with_room
from bot.llm.answers.silences import SILENCE, telling_silences
from bot.llm.message_content import break_up_pictures
from bot.llm.openai.client import OpenAIEndpoint, retry_if_stale
from bot.llm.openai.context_windows import find_window, name_at_sglang
from bot.llm.openai.event_stream import EventDecoder
from bot.llm.openai.events import (
    DONE,
    Piece,
    are_events,
    parse_event,
    read_json,
    read_piece,
)
from bot.llm.openai.posting import drain
from bot.llm.openai.quirks import Parameters
from bot.llm.openai.requests import Requests
from bot.llm.openai.vision import can_see
from bot.llm.pictures import Sight, stream_with_pictures
from bot.llm.providers.finding import openai_provider
from bot.llm.providers.provider import Provider

INFO_TIMEOUT = 3.0  # seconds for a question whose answer is merely nice to have
MOST_REFUSALS = 4  # parameters that one call may learn to leave out
CHAT = "/chat/completions"
RESPONSES = "/responses"


class OpenAI(Model):
    """Chat Completions, streamed, at OpenAI or at any other provider."""

    filters_thoughts = True
    calls_tools = True

    def __init__(self, name: str, settings: Settings, provider: Provider | None = None) -> None:
        """Without a provider: OpenAI itself, or the server at OPENAI_BASE_URL."""
        kind = provider.name if provider else "openai"
        if not name:
            raise SettingsError(name="NELLIE_MODEL", reason=f"say which model: {kind}/<name>")
        self.name = f"{kind}/{name}"
        self._listed = name
        """What the server lists."""
        self._is_named = kind != "sglang"
        self._provider = provider or openai_provider(settings)
        self._endpoint = OpenAIEndpoint(
            self.name, self._provider, read_timeout=settings.read_timeout
        )
        self._client = self._endpoint.client
        self._ask: Any = self._client.post
        self._sight = Sight(self._can_see, settings.sees(self.name))
        # OpenAI sends no thoughts; of others one whole answer shows it.
        self._habits = ThinkingHabits.by_name(name)
        if self._provider.is_openai:
            self._habits.closes_alone = False
        self._requests = Requests(self.name, self._provider, kind, name, self._habits)
        self.tool_support = self._requests.tools
        """What its server has said of tools so far."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        if not self._provider.is_openai:  # any other address may turn out to be a server of TGI
            prompt = replace(prompt, messages=break_up_pictures(prompt.messages))
        if prompt.has_images:
            return stream_with_pictures(self._stream, prompt, self._sight, self.name)
        return self._stream(prompt)

    async def _stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        requests = self._requests
        with self._endpoint.mapped_errors(prompt):
            for sent in requests.prefill.prompts(prompt, thinks=self._habits.thinks):
                is_last, begun = sent is prompt, False
                try:
                    async with aclosing(self._answer(sent)) as chunks:
                        async for chunk in chunks:
                            begun = begun or bool(chunk.text or chunk.calls)
                            if begun or is_last or not chunk.finish:
                                note = requests.tools.take_note() if chunk.finish else ""
                                yield replace(chunk, note=note) if note else chunk
                except ModelRejected:
                    if begun or is_last:
                        raise
                    requests.prefill.is_refused = True
                if begun:
                    return

    async def can_see(self) -> bool | None:
        return await self._sight.sees()

    async def context_window(self) -> int | None:
        """What the server says of itself; OpenAI and some others do not."""
        if self._provider.is_openai:
            return None
        try:
            async with asyncio.timeout(INFO_TIMEOUT):
                return await find_window(
                    self._endpoint.get, self._listed, is_local=self._provider.is_local
                )
        except Exception:
            return None

    async def _can_see(self) -> bool | None:
        if self._provider.is_openai:
            return None
        try:
            async with asyncio.timeout(INFO_TIMEOUT):
                return await can_see(
                    self._endpoint, self._requests.model, is_local=self._provider.is_local
                )
        except Exception:
            return None

    async def close(self) -> None:
        await self._client.close()

    def _answer(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        def ask(reading: AnswerReading, beside: int) -> AsyncGenerator[Chunk, None]:
            return self._read(prompt, reading, room=prompt.max_output + beside)

        stops, tools = prompt.generation.get("stop", ()), [tool.name for tool in prompt.tools]
        return with_room(self.name, self._habits, stops, ask, tools)

    async def _read(
        self, prompt: Prompt, reading: AnswerReading, *, room: int
    ) -> AsyncGenerator[Chunk, None]:
        """The text as it comes; what is known at its end is noted in `reading`."""
        tools = self._requests.tools
        async with aclosing(self._read_once(prompt, reading, room)) as chunks:
            async for chunk in chunks:
                yield chunk
        if reading.is_empty and not self._provider.is_openai:
            if tools.ask_whole(prompt):
                try:
                    async with aclosing(self._read_once(prompt, reading, room)) as chunks:
                        async for chunk in chunks:
                            yield chunk
                finally:
                    if reading.is_empty:
                        tools.ask_whole(prompt, whole=False)
            if reading.is_empty:
                await self._raise_lost_error(prompt)
        if rest := reading.finish().text:
            yield Chunk(rest)

    async def _read_once(
        self, prompt: Prompt, reading: AnswerReading, room: int
    ) -> AsyncGenerator[Chunk, None]:
        stream: AsyncGenerator[Piece | None, None] = self._pieces(prompt, room)
        if reading.holds_back:
            stream = telling_silences(stream, SILENCE)
        try:
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    yield reading.read(piece)
        except ModelError:
            yield reading.finish()
            raise

    async def _pieces(self, prompt: Prompt, room: int) -> AsyncGenerator[Piece | None, None]:
        response = await self._open(prompt, room)
        with self._endpoint.mapped_errors(prompt):
            async with aclosing(ending_soon(self._read_stream(response))) as pieces:
                async for piece in pieces:
                    yield piece

    async def _read_stream(self, response: httpx2.Response) -> AsyncGenerator[Piece, None]:
        read = read_piece
        if response.url.path.endswith(RESPONSES):
            from bot.llm.openai.responses import ResponseEvents  # only where tools are offered

            read = ResponseEvents().read
        try:
            kind = response.headers.get("content-type", "")
            if "html" in kind:
                raise ModelError(model=self.name, reason="it answered with a web page")
            if "application/json" in kind:
                body = await response.aread()
                if not are_events(body):
                    whole = read(read_json(body))
                    says = whole.text or whole.calls
                    yield replace(whole, finish=whole.finish or ("stop" if says else ""))
                    return
            as_sent = not (response.is_stream_consumed or "content-encoding" in response.headers)
            raw: Any = response.stream if as_sent else response.aiter_bytes()
            async for event in EventDecoder().read(raw):
                if event and event.data.strip().strip('"').upper() == DONE:
                    yield Piece(finish=DONE)
                    await drain(response)
                    return
                yield read(parse_event(event)) if event else Piece()
        finally:
            await response.aclose()

    async def _open(self, prompt: Prompt, room: int) -> httpx2.Response:
        if not self._is_named:
            await self._find_name()
        requests = self._requests
        for _ in range(MOST_REFUSALS):
            fitting = requests.tools.fit(prompt)
            sent = requests.build(fitting, room)
            try:
                with self._endpoint.mapped_errors(prompt):
                    return await self._request(sent)
            except ModelError as error:
                if not requests.learn(fitting, sent, error):
                    raise
        return await self._request(requests.build(requests.tools.fit(prompt), room))

    async def _find_name(self) -> None:
        """SGLang takes an adapter's own name for its base model, and says nothing."""
        with suppress(Exception):  # whatever is wrong, the request itself will say
            async with asyncio.timeout(INFO_TIMEOUT):
                self._requests.model = await name_at_sglang(self._endpoint.get, self._listed)
                self._is_named = True

    async def _request(self, sent: Parameters) -> httpx2.Response:
        path = RESPONSES if "input" in sent else CHAT
        body = {**sent, **sent.get("extra_body", {})}
        body.pop("extra_body", None)
        return await retry_if_stale(lambda: self._endpoint.posting.post(path, body))

    async def _raise_lost_error(self, prompt: Prompt) -> None:
        """Ask once more, without streaming.

        llama-cpp-python loses its error where it streams; most often that is an overflow.
        """
        body = {"model": self._requests.model, "messages": self._requests.messages(prompt)}
        await retry_if_stale(
            lambda: self._ask(CHAT, body={**body, "max_tokens": 1}, cast_to=object)
        )
