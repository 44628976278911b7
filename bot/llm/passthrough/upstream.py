"""One provider's models, asked with the bodies of callers: only `model` is another."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp

from bot.config.settings import Settings
from bot.domain.api import ApiError, Body
from bot.domain.errors import IncompleteAnswer
from bot.domain.model import Usage
from bot.llm.openai.context_windows import list_models
from bot.llm.openai.events import DONE, ServerError, are_events
from bot.llm.passthrough.answer import ModelAnswer
from bot.llm.passthrough.cache_marks import CacheMarks
from bot.llm.passthrough.chunks import ChunkReader, wants_usage, write
from bot.llm.passthrough.connection import Connection, read
from bot.llm.passthrough.estimates import estimate_input, estimate_texts
from bot.llm.passthrough.events import Event, EventSplitter
from bot.llm.passthrough.reading import Reader, read_on, with_first
from bot.llm.passthrough.refusals import BAD_ANSWER
from bot.llm.passthrough.response_events import ResponseReader
from bot.llm.passthrough.vectors import read_vectors
from bot.llm.providers.provider import Provider

_OURS = re.compile(r"stream_options|include_usage|prompt_cache|cache_control|breakpoint")
_REFUSALS = (400, 422)
_QUOTES = b' "\r\n'


class Upstream:
    """A provider. Everything raises ApiError and ModelError."""

    def __init__(self, provider: Provider, settings: Settings) -> None:
        self.provider = provider
        self._connection = Connection(provider)
        self._settings = settings
        self._marks = CacheMarks(provider)
        self._plain = set[str]()
        """Models that refuse what we ask for besides."""

    async def chat(self, model: str, body: Body, scope: str = "") -> ModelAnswer:
        """Chat Completions; `scope` tells apart whose prompts may share a cache."""
        with_usage = wants_usage(body)
        reader = ChunkReader(self.name_of(model), wants_usage=with_usage)
        plain = {**body, "model": model}
        sent = plain if model in self._plain else self._marks.add(model, plain, scope)
        if body.get("stream") and not with_usage and model not in self._plain:
            sent = _with_usage(sent)
        try:
            return await self._ask("chat/completions", sent, reader)
        except ApiError as error:
            if sent is plain or error.status not in _REFUSALS or not _OURS.search(str(error)):
                raise
        answer = await self._ask("chat/completions", plain, reader)
        self._plain.add(model)
        return answer

    async def responses(self, model: str, body: Body) -> ModelAnswer | None:
        """Responses, where the provider has them; else None."""
        if not self.provider.is_openai:
            return None
        reader = ResponseReader(self.name_of(model))
        return await self._ask("responses", {**body, "model": model}, reader)

    async def embeddings(self, model: str, body: Body) -> ModelAnswer:
        """Embeddings."""
        name, sent = self.name_of(model), {**body, "model": model}
        silence = self._settings.turn_timeout
        with self._connection.mapped_errors(name, silence):
            response = await self._connection.post("embeddings", write(sent), silence=silence)
            answer = await self._read(response)
            try:
                _, usage = read_vectors(name, answer)
            except ServerError as error:
                raise self._connection.refusals.of_event(error) from None
        usage = usage or Usage(name, estimate_input(sent), 0, estimated=True)
        return ModelAnswer(model=name, body=answer, usage=usage)

    async def list_models(self) -> list[str]:
        """The names of what the provider offers. Raises whatever goes wrong."""
        return sorted(await list_models(self._connection.get))

    def name_of(self, model: str) -> str:
        """The model as usage and prices have it."""
        return f"{self.provider.name}/{model}"

    async def close(self) -> None:
        """Close its connections."""
        await self._connection.close()

    async def _ask(self, path: str, sent: Body, reader: Reader) -> ModelAnswer:
        answer = ModelAnswer(model=self.name_of(str(sent["model"])))
        is_stream = bool(sent.get("stream"))
        settings = self._settings
        silence = settings.read_timeout if is_stream else settings.turn_timeout
        with self._connection.mapped_errors(answer.model, silence):
            response = await self._connection.post(path, write(sent), silence=silence)
            if is_stream:
                events = self._mapped(self._events(response, sent, reader), answer, sent, reader)
                first = await anext(events, None)
                if first is None:
                    raise IncompleteAnswer(model=answer.model)
                answer.events = with_first(first, events)
                return answer
            body = await self._read(response)
            try:
                answer.body = reader.read_whole(body)
            except ServerError as error:
                raise self._connection.refusals.of_event(error) from None
        answer.usage = reader.usage or _estimate(answer.model, sent, reader)
        return answer

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body of an answer; a connection that is not read to its end is closed."""
        try:
            self._check_kind(response)
            body = await read(response)
        except BaseException:
            response.close()
            raise
        self._connection.give_back(response)
        return body

    async def _mapped(
        self,
        events: AsyncGenerator[bytes, None],
        answer: ModelAnswer,
        sent: Body,
        reader: Reader,
    ) -> AsyncGenerator[bytes, None]:
        """The events, with errors as ours; whatever ends them, what they cost is noted then."""
        try:
            with self._connection.mapped_errors(answer.model, self._settings.read_timeout):
                async with aclosing(events):
                    async for event in events:
                        yield event
        except ServerError as error:
            raise self._connection.refusals.of_event(error) from None
        finally:
            answer.usage = reader.usage or _estimate(answer.model, sent, reader)

    async def _events(
        self, response: aiohttp.ClientResponse, sent: Body, reader: Reader
    ) -> AsyncGenerator[bytes, None]:
        """What is handed on of a stream, or of an answer that came whole in place of one."""
        is_whole = False
        try:
            self._check_kind(response)
            async with aclosing(self._source(response, sent, reader)) as events:
                async for event in events:
                    if event.data.strip(_QUOTES) == DONE.encode():
                        break
                    if found := reader.read(event):
                        yield found
                else:
                    if not reader.has_ended:
                        raise IncompleteAnswer(model=self.name_of(str(sent["model"])))
            is_whole = True
        finally:
            if is_whole:
                self._connection.give_back(response)
            else:
                response.close()

    async def _source(
        self, response: aiohttp.ClientResponse, sent: Body, reader: Reader
    ) -> AsyncGenerator[Event, None]:
        splitter = EventSplitter()
        if "application/json" in response.headers.get("Content-Type", ""):
            body = await read(response)
            if are_events(body):
                pieces = [*splitter.feed(body), *splitter.finish()]
            else:
                pieces = [Event(chunk) for chunk in reader.split_whole(body)]
            for event in pieces:
                yield event
            return
        async with aclosing(
            read_on(response, reader, is_single=sent.get("n") in (None, 1))
        ) as all_of_it:
            async for some in all_of_it:
                for event in splitter.feed(some):
                    yield event
        for event in splitter.finish():
            yield event

    def _check_kind(self, response: aiohttp.ClientResponse) -> None:
        if "html" in response.headers.get("Content-Type", ""):
            reason = f"{self.provider.name} answered with a web page"
            raise ApiError(reason, status=BAD_ANSWER, type="server_error")


def _with_usage(sent: Body) -> Body:
    """The same, so that the last chunk says what it cost; what is no object is not ours to mend."""
    options = sent.get("stream_options") or {}
    if not isinstance(options, dict):
        return sent
    return {**sent, "stream_options": {**options, "include_usage": True}}


def _estimate(model: str, sent: Body, reader: Reader) -> Usage:
    written = estimate_texts(reader.texts)
    return Usage(model, estimate_input(sent), written, estimated=True)
