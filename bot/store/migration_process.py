"""Migrations in a process of their own: a server would keep what they load until it ends."""

import asyncio
import json
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from bot.domain import errors
from bot.domain.errors import MigrationFailed, NellieError
from bot.store import schema
from bot.store.database import Database
from bot.store.error_mapping import mapped_refusals

Say = Callable[[str], None]

GRACE = 10.0  # seconds for Postgres to call a statement back, before the process is killed

# It looks for modules where this process does, and nowhere else.
_START = (
    "import sys; sys.path[:] = sys.argv[1:];"
    "from bot.store import migration_process; migration_process.main()"
)


async def migrate_apart(database: Database, say: Say) -> None:
    """Bring the tables up to date as schema.migrate does, and load nothing for it here.

    Where no other process can be had, it is done in this one. Raises what schema.migrate raises,
    and MigrationFailed.
    """
    with mapped_refusals():
        if await schema.is_migrated(database, say):
            return
    try:
        process = await _start()
    except OSError:
        await schema.migrate(database, say)
        return
    _tell(await _run(process, database.url), say)


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _START, *sys.path),
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,  # a Ctrl-C is for us to hear
    )


async def _run(process: Process, url: str) -> dict[str, Any]:
    """What it reports. The address goes through a pipe: everybody reads command lines.

    The pipe stays open as long as this process lives.
    """
    stdin, stdout = cast(StreamWriter, process.stdin), cast(StreamReader, process.stdout)
    try:
        stdin.write(json.dumps(url).encode() + b"\n")
        report = await stdout.read()
        await process.wait()
    finally:
        if process.returncode is None:
            await _end(process)
    if process.returncode or not report:
        raise MigrationFailed(reason=_reason(process.returncode or 0))
    return dict(json.loads(report))


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(GRACE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _reason(code: int) -> str:
    if code >= 0:
        return "the lines above say why"
    return f"the process that did it was ended by {signal.Signals(-code).name}"


def _tell(report: dict[str, Any], say: Say) -> None:
    for sentence in report["said"]:
        say(sentence)
    if kind := report["error"]:
        raise getattr(errors, kind)(**report["details"])


def main() -> None:
    """That other process: reads an address, and reports on standard output."""
    output, sys.stdout = sys.stdout, sys.stderr  # nothing else is to stand in the report
    report: dict[str, Any] = {"said": [], "error": "", "details": {}}
    try:
        asyncio.run(_migrate(json.loads(sys.stdin.readline()), report["said"].append))
    except NellieError as error:
        report.update(error=type(error).__name__, details=error.details)
    except asyncio.CancelledError:
        sys.exit(1)
    json.dump(report, output, default=str)


async def _migrate(url: str, say: Say) -> None:
    _end_when_told(cast("asyncio.Task[None]", asyncio.current_task()))
    database = Database(url, pool=1)
    try:
        await schema.migrate(database, say)
    finally:
        await database.close()


def _end_when_told(task: asyncio.Task[None]) -> None:
    """By a signal, or by the end of the process that waits for it, which closes the pipe."""

    def end() -> None:
        loop.remove_reader(sys.stdin)
        if not task.cancelling():  # a second time would break off calling the statement back
            task.cancel()

    loop = task.get_loop()
    with suppress(NotImplementedError):  # as on Windows
        loop.add_signal_handler(signal.SIGTERM, end)
        loop.add_reader(sys.stdin, end)
