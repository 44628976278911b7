"""A model file on this machine, without a server: `local/PATH.gguf`, through llama.cpp."""

import importlib.util
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from bot.config.extras import how_to_install
from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    IncompleteAnswer,
    ModelError,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.model import Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.answers.pieces import Piece
from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.answers.room import with_room
from bot.llm.answers.thought_marks import opening_mark
from bot.llm.error_mapping import make_readable
from bot.llm.local.gguf import NotGGUF, read_head
from bot.llm.local.process import LocalProcess, Message, worker_command
from bot.llm.pictures import Sight, stream_with_pictures

# What llama.cpp says of a file that it does not load, and what people can do about it.
_FAILURES = (
    (r"not within the file bounds|corrupted|incomplete|end of file|failed to read|GGUF_TYPE",
     "its file is cut off or damaged; download it again"),
    (r"unknown (?:model architecture|pre-tokenizer)",
     "llama.cpp as it is installed does not know this model; run"
     " pip install --upgrade llama-cpp-python"),
    (r"alloc|out of memory|MemoryError|create llama_context",
     "there is too little memory for it; take a smaller model, or lower"
     " NELLIE_LOCAL_CONTEXT_WINDOW"),
    (r"ImportError|ModuleNotFoundError|shared library",
     "llama-cpp-python does not load; install it again: pip install --force-reinstall"
     " llama-cpp-python"),
)  # fmt: skip


class Local(Model):
    """A GGUF file, in a process of its own that is started with the first question."""

    filters_thoughts = True

    def __init__(
        self,
        name: str,
        settings: Settings,
        command: Callable[[Path, int], Sequence[str]] = worker_command,
    ) -> None:
        self.name = f"local/{name}"
        path = _find_file(name)
        try:
            length = read_head(path).context_length
        except (NotGGUF, OSError) as error:
            raise _wrong(f"{path}: {error}") from None
        if importlib.util.find_spec("llama_cpp") is None:
            raise _wrong(f"local/{name} needs llama.cpp: run {how_to_install('local')}")
        cap = settings.local_context_window
        self._window = min(length or cap, cap)
        self._process = LocalProcess.shared(
            self.name, command(path, self._window), silence=settings.read_timeout
        )
        self._sight = Sight(_can_see)
        self._is_open = True
        # Where the template opens the thoughts, the process says so: nothing need be held back.
        self._habits = ThinkingHabits(closes_alone=False)

    @property
    def process_id(self) -> int | None:
        """Of its process, while there is one."""
        return self._process.pid

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        if prompt.has_images:
            return stream_with_pictures(self._stream, prompt, self._sight, self.name)
        return self._stream(prompt)

    async def _stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        async with aclosing(self._process.order.take(urgent=prompt.purpose == "answer")) as waiting:
            async for _ in waiting:
                yield Chunk()  # it lives, and answers somebody else
        try:
            async with aclosing(self._answer(prompt)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._process.order.give_back()

    async def can_see(self) -> bool | None:
        return await self._sight.sees()

    async def context_window(self) -> int | None:
        return self._window

    async def close(self) -> None:
        if self._is_open:
            self._is_open = False
            await self._process.leave()

    def _answer(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        def ask(reading: AnswerReading, beside: int) -> AsyncGenerator[Chunk, None]:
            return self._read(prompt, reading, beside)

        return with_room(self.name, self._habits, prompt.generation.get("stop", ()), ask)

    async def _read(
        self, prompt: Prompt, reading: AnswerReading, beside: int
    ) -> AsyncGenerator[Chunk, None]:
        """The text as it comes; what is known at its end is noted in `reading`."""
        request = {
            "messages": [{"role": one.role, "content": one.text} for one in prompt.messages],
            "room": prompt.max_output + beside,
            "generation": dict(prompt.generation),
            "schema": dict(prompt.response_format.schema) if prompt.response_format else None,
        }
        has_begun = False
        try:
            async with aclosing(self._process.ask(request)) as messages:
                async for message in messages:
                    chunk = reading.read(self._piece(message))
                    has_begun = has_begun or bool(chunk.text)
                    yield chunk
        except ModelUnavailable as error:
            yield reading.finish()
            raise IncompleteAnswer(model=self.name) if has_begun else error from None
        except ModelError:
            yield reading.finish()
            raise
        yield reading.finish()

    def _piece(self, message: Message) -> Piece:
        """What one message of the process says. Raises ModelError."""
        if "failed" in message:
            raise ModelError(model=self.name, reason=_explain(str(message["failed"])))
        if "error" in message:
            raise ModelError(model=self.name, reason=make_readable(str(message["error"])))
        if "overflow" in message:
            needed, window = (message["overflow"][key] for key in ("needed", "window"))
            reason = f"{needed:,} tokens, and an answer, do not fit into {window:,}"
            raise ContextOverflow(model=self.name, reason=reason, needed=needed, window=window)
        if "begun" in message:  # a template may open the thoughts itself
            return Piece(text=opening_mark(str(message["begun"])))
        return Piece(
            text=str(message.get("text", "")),
            finish=str(message.get("end", "")),
            usage=_usage(message),
        )


def _usage(message: Message) -> object:
    """As servers of Chat Completions tell it."""
    usage = message.get("usage")
    if not isinstance(usage, dict):
        return None
    return {
        "prompt_tokens": usage.get("input"),
        "completion_tokens": usage.get("output"),
        "prompt_tokens_details": {"cached_tokens": usage.get("cached")},
    }


def _find_file(name: str) -> Path:
    if not name:
        raise _wrong("say which file: local/PATH.gguf")
    try:
        path = Path(name).expanduser().absolute()
        if path.is_dir():
            inside = ", ".join(sorted(one.name for one in path.glob("*.gguf"))[:3])
            raise _wrong(f"{path} is a folder; name the file in it ({inside or 'no .gguf there'})")
        if not path.exists():
            raise _wrong(f"there is no file {path}; correct the path, or download the model there")
    except (OSError, RuntimeError, ValueError) as error:
        raise _wrong(f"local/{name} is no path that can be read ({error})") from None
    if not path.is_file():
        raise _wrong(f"{path} is no file; name a .gguf file")
    return path


def _wrong(reason: str) -> SettingsError:
    return SettingsError(name="NELLIE_MODEL", reason=reason)


def _explain(words: str) -> str:
    """One sentence of what llama.cpp said when it did not load a file."""
    found = (what for pattern, what in _FAILURES if re.search(pattern, words, re.IGNORECASE))
    return next(found, f"its file does not load: {make_readable(words)}")


async def _can_see() -> bool:
    """The binding reads text; a model's eyes are a file of their own."""
    return False
