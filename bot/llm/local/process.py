"""The process that a model file is loaded in: started when it is asked, anew when it has died."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Any, ClassVar
from weakref import WeakValueDictionary

import structlog

from bot.domain.errors import ModelError, ModelTimeout, ModelUnavailable
from bot.llm.error_mapping import make_readable
from bot.llm.local.call_order import CallOrder
from bot.llm.local.cpu_cores import count_cores

WORKER = Path(__file__).with_name("worker.py")
GRACE = 5.0  # seconds of silence in which an answer that was stopped must end
LONGEST_LINE = 1 << 20  # bytes
_LAST = frozenset({"end", "error", "overflow", "failed"})
# What a program needs to run and to find its libraries and devices, and no more: no secrets.
_PASSED_ON = re.compile(
    r"PATH|HOME|LANG|TZ|TMPDIR|TEMP|SYSTEMROOT|PYTHONPATH|PYTHONHOME"
    r"|(?:LC|LD|DYLD|OMP|OPENBLAS|GGML|CUDA|HIP|ROCR|VK)_.*"
)
_DEATHS = {
    "SIGKILL": "it was killed, as happens where memory runs out: take a smaller model, or lower"
    " NELLIE_LOCAL_CONTEXT_WINDOW",
    "SIGILL": "llama-cpp-python was built for another processor: install it again with"
    " CMAKE_ARGS=-DGGML_NATIVE=OFF",
}
_WORDS_KEPT = 2000  # bytes

Message = Mapping[str, Any]

log = structlog.get_logger(__name__)


def worker_command(path: Path, window: int) -> tuple[str, ...]:
    """What runs the worker; -P keeps our own modules from passing for libraries there."""
    threads = max(1, count_cores() - 1)  # one is left for Nellie and her database
    return (sys.executable, "-P", str(WORKER), str(path), str(window), str(threads))


class LocalProcess:
    """One process, and the calls that wait for it: `order` says whose turn it is.

    `name` is the model's, for errors.
    """

    _shared: ClassVar[WeakValueDictionary[tuple[str, ...], "LocalProcess"]] = WeakValueDictionary()

    def __init__(self, name: str, command: Sequence[str], *, silence: float) -> None:
        self.order = CallOrder()
        self._name = name
        self._command = tuple(command)
        self._silence = silence
        self._users = 0
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None
        self._number = 0
        self._stopping = 0
        """The call that was stopped and has not ended yet."""

    @classmethod
    def shared(cls, name: str, command: Sequence[str], *, silence: float) -> "LocalProcess":
        """The one of this command: a file is loaded once, however many name it."""
        key = tuple(command)
        found = cls._shared.get(key) or cls(name, command, silence=silence)
        cls._shared[key] = found
        found._users += 1
        return found

    @property
    def pid(self) -> int | None:
        """Its process id, while there is one."""
        return self._process.pid if self._process else None

    async def ask(self, request: Message) -> AsyncGenerator[Message, None]:
        """What it says, up to the last message. Closing stops it at once. Raises ModelError.

        To be used by one at a time.
        """
        heard = False
        while True:
            was_there = await self._make_ready()
            try:
                async with aclosing(self._exchange(request)) as messages:
                    async for message in messages:
                        heard = heard or "id" in message
                        yield message
                return
            except ModelUnavailable:
                # It had died since its last answer, which shows only when it is asked.
                if heard or not was_there:
                    raise

    async def leave(self) -> None:
        """One user less; with the last one it ends."""
        self._users -= 1
        if self._users <= 0:
            await self.kill()

    async def kill(self) -> None:
        """End the process. The next call starts another one."""
        process, self._process, self._stopping = self._process, None, 0
        if self._log:
            self._log.close()
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        stdin, stdout = _pipes(process)
        stdin.close()
        with suppress(OSError):
            while await stdout.read(LONGEST_LINE):
                pass
        await process.wait()

    async def _make_ready(self) -> bool:
        """Whether it was there already."""
        if self._process and self._process.returncode is None:
            return True
        await self.kill()
        await self._start()
        return False

    async def _start(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=self._log,
                env={name: os.environ[name] for name in filter(_PASSED_ON.fullmatch, os.environ)},
                start_new_session=True,  # a Ctrl-C is for us to hear
                limit=LONGEST_LINE,
            )
        except OSError as error:
            raise ModelUnavailable(model=self._name, reason=f"no process for it: {error}") from None

    async def _exchange(self, request: Message) -> AsyncGenerator[Message, None]:
        self._number += 1
        number, has_ended = self._number, False
        try:
            await self._send({"id": number, **request})
            while not has_ended:
                message = await self._read()
                is_last = not _LAST.isdisjoint(message)
                if message.get("id", number) != number:  # of the call that was stopped
                    self._stopping = 0 if is_last else self._stopping
                    yield {}
                    continue
                has_ended = is_last
                yield message
        finally:
            if not has_ended and self._process:
                self._stopping = number
                self._write({"stop": number})

    async def _send(self, message: Message) -> None:
        with suppress(ConnectionError):  # reading says why
            async with self._limited(self._silence):
                await self._write(message).drain()

    def _write(self, message: Message) -> asyncio.StreamWriter:
        stdin, _ = _pipes(self._process)
        stdin.write(json.dumps(message).encode() + b"\n")
        return stdin

    async def _read(self) -> dict[str, Any]:
        """Its next message. Raises ModelError; the process has ended then."""
        _, stdout = _pipes(self._process)
        try:
            async with self._limited(GRACE if self._stopping else self._silence):
                line = await stdout.readline()
            message = json.loads(line) if line else None
        except ValueError:  # no JSON, or a line without an end
            message = ""
        if message is None:
            raise ModelUnavailable(model=self._name, reason=await self._bury())
        if not isinstance(message, dict):
            await self.kill()
            raise ModelError(model=self._name, reason="its process sent what is no JSON")
        if "failed" in message:
            await self.kill()
        return message

    @asynccontextmanager
    async def _limited(self, seconds: float) -> AsyncIterator[None]:
        """A process that is silent for longer has ended after this. Raises ModelError."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            was_stopping = self._stopping
            await self.kill()
            if was_stopping:  # it does not stop; that is nothing of the call after it
                raise ModelUnavailable(model=self._name, reason="it did not stop") from None
            raise ModelTimeout(model=self._name, seconds=f"{seconds:g}") from None

    async def _bury(self) -> str:
        """Why it ended, for people."""
        process, words = self._process, self._last_words()
        if process:  # killing what is dead already would hide how it died
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
        await self.kill()
        code = process.returncode if process else None
        ended = signal.Signals(-code).name if code and code < 0 else f"code {code}"
        log.warning("local_model_died", model=self._name, ended=ended)
        return f"its process ended: {_DEATHS.get(ended) or words or ended}"

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read()[-_WORDS_KEPT:].decode("utf-8", "replace").split("\n")
        return make_readable(next(filter(str.strip, reversed(lines)), ""))


def _pipes(
    process: asyncio.subprocess.Process | None,
) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    """Its standard input and output."""
    if process is None or process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")  # it was started with them
    return process.stdin, process.stdout
