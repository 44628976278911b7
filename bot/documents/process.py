"""Reading a file in a process of its own, without secrets and within limits."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from bot.documents.limits import Limits
from bot.domain.documents import DocumentText, NotReadable, Passage

GRACE = 5.0  # seconds that the process has to end by itself, when its time is over
LONGEST_NAME = 500  # characters of a file's name that are told
LONGEST_LINE = 2**18  # bytes; a passage has some thousands
INDEXED = 3  # times as much, where the terms come with the passages
BYTES_A_CHARACTER = 6  # of what it may answer: with its overlaps, and names around it
_ALWAYS = 2**20  # bytes that it may answer
_PASSED_ON = ("PATH", "LANG", "PYTHONPATH", "PYTHONHOME")
_USUAL = Limits()
_TOO_SLOW = "it takes longer than {limits.seconds:.0f} s to read"
_DEATHS: dict[int, str] = {
    -signal.SIGALRM: _TOO_SLOW,
    -signal.SIGXCPU: "it takes more than {limits.computing} s of computing to read",
    -signal.SIGKILL: "reading it was stopped, as happens where memory runs out",
    -signal.SIGSEGV: "it is damaged: reading it broke off",
    -signal.SIGABRT: "it is damaged, or takes too much memory: reading it broke off",
    -signal.SIGILL: "it is damaged, or takes too much memory: reading it broke off",
    -signal.SIGTRAP: "it is damaged, or takes too much memory: reading it broke off",
    -signal.SIGBUS: "it is damaged: reading it broke off",
    -signal.SIGXFSZ: "it is damaged: reading it broke off",
}

Progress = Callable[[int, int], None]
Row = Mapping[str, object]
"""A passage with its postings (bot.language.indexing.to_row)."""

log = structlog.get_logger(__name__)


def child_command(order: str) -> Sequence[str]:
    """What runs the reader; -P keeps what lies in the working folder from passing for modules."""
    return (sys.executable, "-P", "-m", "bot.documents.child", order)


async def read_in_process(
    path: Path,
    name: str,
    media_type: str = "",
    *,
    limits: Limits = _USUAL,
    progress: Progress = lambda done, total: None,
    command: Callable[[str], Sequence[str]] = child_command,
    take: Callable[[Row], None] | None = None,
) -> DocumentText:
    """The text of a file that is called `name`.

    `progress` hears how many pages are read, and of how many (0: not known). `take` is given each
    passage with its postings, which none of this process's time is spent on; then no passage is
    kept here, however long the document is. The process ends with this call, also where the call
    is cancelled. Raises NotReadable, and OSError where no process can be started.
    """
    order = {
        "path": str(path),
        "name": name[-LONGEST_NAME:],
        "media_type": media_type,
        "limits": asdict(limits),
        "indexed": take is not None,
    }
    async with _started(command(json.dumps(order))) as process:
        try:
            async with asyncio.timeout(limits.seconds + GRACE):
                return await _Answer(limits, progress, take).read(process)
        except TimeoutError:
            raise NotReadable(_TOO_SLOW.format(limits=limits)) from None


@asynccontextmanager
async def _started(command: Sequence[str]) -> AsyncIterator[Process]:
    """A process that is gone afterwards, with all that it may have started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        start_new_session=True,
        limit=LONGEST_LINE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())


class _Answer:
    """What the process has said so far. It read what somebody else wrote: nothing is believed."""

    def __init__(
        self, limits: Limits, progress: Progress, take: Callable[[Row], None] | None
    ) -> None:
        self._limits = limits
        self._progress = progress
        self._take_row = take
        a_character = BYTES_A_CHARACTER * (1 if take is None else INDEXED)
        self._left = limits.characters * a_character + _ALWAYS
        self._count = 0
        self._passages: list[Passage] = []

    async def read(self, process: Process) -> DocumentText:
        """The whole answer. Raises NotReadable."""
        try:
            while line := await self._line(process):
                if document := self._take(json.loads(line)):
                    return document
                await asyncio.sleep(0)  # lines that are here already must keep nobody waiting
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("document_reader_garbled", error=type(error).__name__)
            raise NotReadable("reading it went wrong") from None
        raise NotReadable(await self._why_it_ended(process))

    async def _line(self, process: Process) -> bytes:
        """Raises ValueError for one without an end, and for more than can be."""
        if process.stdout is None:
            raise ValueError("it has no output")
        line = await process.stdout.readline()
        self._left -= len(line)
        if self._left < 0:
            raise ValueError("it does not end")
        return line

    def _take(self, message: Any) -> DocumentText | None:
        if not isinstance(message, dict):
            raise TypeError("it is no message")
        if "not_readable" in message:
            raise NotReadable(str(message["not_readable"])[:300])
        if "done" in message:
            self._progress(int(message["done"]), int(message["total"]))
        elif "passage" in message:
            self._count += 1
            passage = _to_passage(self._count, message["passage"])
            if self._take_row is None:
                self._passages.append(passage)
            else:
                self._take_row(_to_row(passage, message["passage"]))
        elif "end" in message:
            end = message["end"]
            return DocumentText(
                kind=str(end["kind"]),
                passages=tuple(self._passages),
                title=str(end["title"]),
                pages=int(end["pages"]),
                notes=tuple(map(str, end["notes"])),
            )
        return None

    async def _why_it_ended(self, process: Process) -> str:
        code = await process.wait()
        log.warning("document_reader_ended", code=code)
        return _DEATHS.get(code, "reading it broke off").format(limits=self._limits)


def _to_passage(number: int, fields: Mapping[str, Any]) -> Passage:
    return Passage(
        number=number,
        text=str(fields["text"]),
        heading=str(fields["heading"]),
        first_page=int(fields["first_page"]),
        last_page=int(fields["last_page"]),
    )


def _to_row(passage: Passage, fields: Mapping[str, Any]) -> Row:
    terms = {str(term): int(count) for term, count in fields["terms"].items()}
    indexed = {"tokens": int(fields["tokens"]), "length": int(fields["length"]), "terms": terms}
    return {**asdict(passage), **indexed}
