"""Text Generation Inference in its own protocol: its template, its exact counts, its limits."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bot.config.settings import Settings
from bot.domain.errors import ContextOverflow, ModelError, ModelRejected, SettingsError
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.pieces import Piece
from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.answers.room import with_room
from bot.llm.answers.thought_marks import opening_mark
from bot.llm.message_content import break_up_pictures, format_content
from bot.llm.pictures import Sight, stream_with_pictures
from bot.llm.tgi.adapters import has_adapter
from bot.llm.tgi.connection import TGIConnection
from bot.llm.tgi.events import read_piece, whole_text
from bot.llm.tgi.parameters import build_parameters

INFO_TIMEOUT = 3.0  # seconds for a question whose answer is merely nice to have
_SHORTEST_ANSWER = 16  # tokens: a prompt that leaves less room is too long
_MOST_STOPS = 4  # where an old server does not say
_NO_PICTURE = "![](data:,)"  # refused where the model can see; text where it cannot
_REFUSED = 422
_TAIL = 60  # characters at the end of a prompt, by which it is seen whether it opens thoughts


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the server says of itself."""

    input: int
    """Tokens of a prompt."""
    total: int
    """Tokens of a prompt and its answer."""
    stops: int
    opening: tuple[int, ...]
    """The ids that it puts around every input by itself."""


@dataclass(frozen=True, slots=True)
class _RenderedPrompt:
    """A prompt in the model's own template, and what it takes, exactly."""

    text: str
    tokens: int


class TGI(Model):
    """`/chat_tokenize` renders the prompt, `/generate_stream` answers it.

    `tgi/<adapter>` answers with that LoRA adapter of the server.
    """

    filters_thoughts = True

    def __init__(self, name: str, settings: Settings) -> None:
        if not settings.tgi_url:
            raise SettingsError(name="NELLIE_TGI_URL", reason="the model tgi needs it")
        self.name = f"tgi/{name}" if name else "tgi"
        self._adapter = name
        self._settings = settings
        self._server = TGIConnection(self.name, settings)
        self._limits: _Limits | None = None
        self._grammar = True
        """The server holds answers to a format; it may be started without that."""
        self._sight = Sight(self._can_see, settings.sees(self.name))
        # Where the template opens the thoughts, the prompt ends so: nothing need be held back.
        self._habits = ThinkingHabits(closes_alone=False)
        self._chat_api: Model | None = None

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        prompt = replace(prompt, messages=break_up_pictures(prompt.messages))
        if prompt.has_images:
            return stream_with_pictures(self._stream, prompt, self._sight, self.name)
        return self._stream(prompt)

    async def can_see(self) -> bool | None:
        return await self._sight.sees()

    async def context_window(self) -> int | None:
        try:
            with self._mapped_errors():
                async with asyncio.timeout(INFO_TIMEOUT):
                    limits = await self._ask_limits()
        except ModelError:
            return None
        return min(limits.total, limits.input + self._settings.max_answer)

    async def has_its_adapter(self) -> bool | None:
        """Whether the server has it; None where that is not seen, or there is none to have."""
        with self._mapped_errors():
            return await has_adapter(self._server, self._adapter) if self._adapter else None

    async def close(self) -> None:
        await self._server.close()
        if self._chat_api:
            await self._chat_api.close()

    async def _stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        with self._mapped_errors():
            rendered = await self._render(prompt)
            answer = (
                self._answer(rendered, prompt) if rendered else self._get_chat_api().stream(prompt)
            )
            async with aclosing(answer) as chunks:  # type: ignore[type-var]  # generators close
                async for chunk in chunks:
                    yield chunk

    async def _render(self, prompt: Prompt) -> _RenderedPrompt | None:
        """None where the server has no tokenizer of its own to render with."""
        shown = prompt.messages[:-2] if prompt.goes_on else prompt.messages
        body = {"messages": [{"role": one.role, "content": format_content(one)} for one in shown]}
        try:
            answer = await self._server.ask("POST", "chat_tokenize", body)
        except ModelRejected as error:
            if error.details.get("status") == 404:
                return None
            raise
        text, tokens = answer["templated_text"], answer["tokenize_response"]
        opening = (await self._ask_limits()).opening
        added = 0  # before 2.3 it puts them around a rendered text too
        while added < len(tokens) and _is_added(tokens[added]) and tokens[added]["id"] in opening:
            added += 1
        own = tokens[added:]
        if not own or all(map(_is_added, own)):
            return None  # a slow tokenizer: nothing is said of what it puts where
        if own[0]["id"] in opening:
            # The template writes the opening token itself; twice would disturb the model.
            text = text.removeprefix(own[0]["text"])
            return await self._in_place(text, len(own) + len(opening) - 1, prompt)
        return await self._in_place(text, len(own) + len(opening), prompt)

    async def _in_place(self, text: str, tokens: int, prompt: Prompt) -> _RenderedPrompt:
        """With what was said so far, where the answer goes on: it is continued as it stands."""
        if not prompt.goes_on:
            return _RenderedPrompt(text, tokens)
        closing = "\n</think>\n\n" if text.rstrip().endswith("<think>") else ""
        so_far = f"{closing}{prompt.messages[-2].text}"
        more = await self._server.ask("POST", "tokenize", {"inputs": so_far})
        return _RenderedPrompt(text + so_far, tokens + len(more))

    def _answer(self, rendered: _RenderedPrompt, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        def ask(reading: AnswerReading, beside: int) -> AsyncGenerator[Chunk, None]:
            return self._generate(rendered, prompt, reading, beside)

        return with_room(self.name, self._habits, prompt.generation.get("stop", ()), ask)

    async def _generate(
        self, rendered: _RenderedPrompt, prompt: Prompt, reading: AnswerReading, beside: int
    ) -> AsyncGenerator[Chunk, None]:
        limits = await self._ask_limits()
        room = limits.total - rendered.tokens
        if rendered.tokens > limits.input or room < min(prompt.max_output, _SHORTEST_ANSWER):
            reason = f"{rendered.tokens} tokens of at most {limits.input}, {limits.total} in all"
            needed, window = rendered.tokens, limits.total
            raise ContextOverflow(model=self.name, reason=reason, needed=needed, window=window)
        parameters = build_parameters(
            prompt,
            max_new_tokens=min(prompt.max_output + beside, room),
            adapter=self._adapter,
            most_stops=limits.stops,
            grammar=self._grammar,
        )
        try:
            async with aclosing(self._read(rendered, parameters, reading)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except ModelRejected as error:
            if "grammar" not in parameters or not _is_about_grammar(error):
                raise
            self._grammar = "not supported" not in str(error)
        # What was asked for cannot be had here: in free words, then.
        del parameters["grammar"]
        async with aclosing(self._read(rendered, parameters, reading)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _read(
        self, rendered: _RenderedPrompt, parameters: dict[str, Any], reading: AnswerReading
    ) -> AsyncGenerator[Chunk, None]:
        """The text as it comes; a template may have opened the thoughts itself."""
        reading.read(Piece(opening_mark(rendered.text[-_TAIL:])))
        try:
            async with aclosing(self._server.generate(rendered.text, parameters)) as events:
                async for event in events:
                    piece = read_piece(event, rendered.tokens) if event else Piece()
                    if event and piece.finish and not (piece.text or reading.has_begun):
                        piece = replace(piece, text=whole_text(event))  # it came in one
                    yield reading.read(piece)
                    if piece.finish:  # some proxies keep the connection open
                        break
        except ModelError:
            yield reading.finish()
            raise
        yield reading.finish()

    async def _ask_limits(self) -> _Limits:
        if self._limits is None:
            info = await self._server.ask("GET", "info")
            letter = await self._server.ask("POST", "tokenize", {"inputs": "a"})
            self._limits = _Limits(
                info.get("max_input_tokens") or info["max_input_length"],  # before 2.1
                info["max_total_tokens"],
                info.get("max_stop_sequences", _MOST_STOPS),
                # What the server adds comes from nowhere in the text.
                tuple(token["id"] for token in letter if _is_added(token)),
            )
        return self._limits

    async def _can_see(self) -> bool | None:
        """A server whose model can see looks for pictures in every text."""
        try:
            with self._server.mapped_errors():
                await self._server.ask("POST", "tokenize", {"inputs": _NO_PICTURE})
        except ModelError as error:
            return True if error.details.get("status") == _REFUSED else None
        return False

    def _get_chat_api(self) -> Model:
        """TGI's own /v1: it renders by itself, but the answer's length is not fitted."""
        if self._chat_api is None:
            from bot.llm.tgi.chat import open_chat  # only here: OpenAI's library is behind it

            self._chat_api = open_chat(self.name, self._adapter, self._settings)
        return self._chat_api

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            with self._server.mapped_errors():
                yield
        except ModelError:
            self._limits = None  # it may be another server by now
            self._sight.forget()
            raise


def _is_added(token: Mapping[str, Any]) -> bool:
    return bool(token["start"] == token["stop"])


def _is_about_grammar(error: ModelError) -> bool:
    words = str(error).casefold()
    return "grammar" in words or "regex" in words or "schema" in words
