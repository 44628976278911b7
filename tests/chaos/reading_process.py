"""A replica that reads files, and stands still at any step if it is told to."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import structlog

from bot.documents.fetching import Sources
from bot.documents.process import read_in_process
from bot.documents.queue import ReadingQueue
from bot.domain.documents import DocumentText, PostedFile
from bot.domain.model import Channel
from bot.domain.ports import Adapter, Commands, Inbox, TurnControl
from bot.store.database import Database
from bot.store.documents import Documents
from bot.store.file_claims import ClaimedFile, FileClaims
from bot.store.stores import Stores

LEASE = 1.0  # seconds
CLAIMED = "claimed"
FETCHING = "half of it fetched"
FETCHED = "fetched"
READING = "half of it read"
READ = "read"
STORING = "half of it stored"
STORED = "stored"
STEPS = (CLAIMED, FETCHING, FETCHED, READING, READ, STORING, STORED)

Pass = Callable[[str], None]


def text() -> bytes:
    """A file of many passages, each with a word of its own."""
    parts = (f"# Part {n}\n\nIn part{n} it says: {'the crane is red. ' * 60}" for n in range(120))
    return "\n\n".join(parts).encode()


class Holder(Adapter):
    """A platform that hands over one file."""

    name = "fake"

    def __init__(self, pass_: Pass) -> None:
        self._pass = pass_

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Nobody says anything here."""

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        whole = text()
        half = len(whole) // 2
        yield whole[:half]
        self._pass(FETCHING)
        yield whole[half:]


def main(address: str, folder: str, steps: Connection, hold: str) -> None:
    """Read until killed; tell each step, and stay at one until something is answered."""
    tempfile.tempdir = folder
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

    def pass_(step: str) -> None:
        steps.send(step)
        if step == hold:
            steps.recv()

    asyncio.run(_work(address, pass_))


async def _work(address: str, pass_: Pass) -> None:
    database = Database(address)
    stores = Stores.on(database, lease=LEASE)
    await stores.heartbeat.register()
    queue = ReadingQueue.on(
        replace(stores, file_claims=_Claims(database, pass_), documents=_Stored(database, pass_)),
        Sources(adapters={"fake": Holder(pass_)}, fetch_link=_no_link, uploads=stores.uploads),
        readers=1,
    )
    read_one = replace(queue.read_one, read=_reads(pass_))
    await replace(queue, lease=LEASE, look=0.1, read_one=read_one).run()


class _Claims(FileClaims):
    def __init__(self, database: Database, pass_: Pass) -> None:
        super().__init__(database)
        self._pass = pass_

    async def claim(self, *given: Any, **more: Any) -> ClaimedFile | None:
        claimed = await super().claim(*given, **more)
        if claimed:
            self._pass(CLAIMED)
        return claimed


class _Stored(Documents):
    def __init__(self, database: Database, pass_: Pass) -> None:
        super().__init__(database)
        self._pass = pass_

    async def point_to_known(self, claimed: ClaimedFile, sha256: str) -> bool:
        self._pass(FETCHED)
        return await super().point_to_known(claimed, sha256)

    async def put(
        self, claimed: ClaimedFile, sha256: str, document: DocumentText, rows: Iterable[str]
    ) -> bool:
        self._pass(READ)
        done = await super().put(claimed, sha256, document, _Held(rows, self._pass))
        self._pass(STORED)
        return done


class _Held:
    """Rows that stop half-way."""

    def __init__(self, rows: Iterable[str], pass_: Pass) -> None:
        self._rows = rows
        self._pass = pass_

    def __iter__(self) -> Iterator[str]:
        for number, row in enumerate(self._rows):
            if number == 60:
                self._pass(STORING)
            yield row


def _reads(pass_: Pass) -> Callable[..., Awaitable[DocumentText]]:
    async def read(*given: Any, take: Callable[[Any], None], **more: Any) -> DocumentText:
        taken = 0

        def held(row: Any) -> None:
            nonlocal taken
            taken += 1
            if taken == 60:
                pass_(READING)
            take(row)

        return await read_in_process(*given, take=held, **more)

    return read


async def _no_link(*_: object) -> None:
    raise AssertionError("no link was added")
