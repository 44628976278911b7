"""A pooler before Postgres, as PgBouncer is one: by session, or by transaction."""

import asyncio
import secrets
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

Mode = Literal["session", "transaction", "statement"]

_START, _NO_TLS = 196608, (80877103, 80877104)


@dataclass
class Session:
    """A connection to Postgres, and what is prepared there."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: list[tuple[bytes, bytes]]
    prepared: set[bytes] = field(default_factory=set)


class Pooler:
    """`async with Pooler(address, mode) as pooler:` stands before the Postgres at the address.

    With `carries_statements`, as since PgBouncer 1.21, a statement that was prepared in one session
    is prepared in the next one too.
    """

    def __init__(self, address: str, mode: Mode, *, carries_statements: bool = False) -> None:
        parts = urlsplit(address)
        self._socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._database = parts.path.lstrip("/")
        self._mode = mode
        self._carries_statements = carries_statements
        self._idle: list[Session] = []
        self._tasks = set[asyncio.Task[None]]()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}/{self._database}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in self._idle:
            session.writer.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        client = Client(self, reader, writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await client.serve()
        finally:
            writer.close()
            if client.session:  # Postgres ends it, and the pump with it
                client.session.writer.close()
                await asyncio.gather(client.pump, return_exceptions=True)
            self._tasks.discard(task)

    async def take(self) -> Session:
        """A session that nobody uses: the one that was used last, or a new one."""
        if self._idle:
            return self._idle.pop()
        reader, writer = await asyncio.open_unix_connection(self._socket)
        names = b"user\0postgres\0database\0" + self._database.encode() + b"\0\0"
        writer.write(struct.pack("!ii", len(names) + 8, _START) + names)
        greeting = []
        while (message := await read_message(reader))[0] != b"Z":
            greeting.append(message)
        return Session(reader, writer, greeting)

    def give_back(self, session: Session) -> None:
        """The next one may have it."""
        self._idle.append(session)

    @property
    def by_transaction(self) -> bool:
        return self._mode != "session"

    @property
    def refuses_transactions(self) -> bool:
        return self._mode == "statement"

    @property
    def carries_statements(self) -> bool:
        return self._carries_statements


class Client:
    """One who connected to the pooler."""

    def __init__(
        self, pooler: Pooler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._pooler, self._reader, self._writer = pooler, reader, writer
        self.session: Session | None = None
        self._statements: dict[bytes, bytes] = {}
        self._owed = 0
        """Ends of statements that Postgres has not told yet."""
        self._unseen = 0
        """Answers to come to what the pooler itself prepared."""

    async def serve(self) -> None:
        """Until the client leaves."""
        if not await self._greet():
            return
        while (message := await read_message(self._reader))[0] != b"X":
            await self._forward(*message)

    async def _greet(self) -> bool:
        code = _NO_TLS[0]
        while code in _NO_TLS:
            length, code = struct.unpack("!ii", await self._reader.readexactly(8))
            parameters = await self._reader.readexactly(length - 8)
            if code in _NO_TLS:
                self._writer.write(b"N")
        if code != _START:  # somebody cancels a statement
            return False
        if b"\0options\0" in b"\0" + parameters:
            self._refuse("unsupported startup parameter: options")
            return False
        session = await self._pooler.take()
        for kind, body in session.greeting:
            # The number of a session that no session has, as poolers make them up.
            self._send(kind, secrets.token_bytes(8) if kind == b"K" else body)
        self._send(b"Z", b"I")
        self._pooler.give_back(session)
        return True

    async def _forward(self, kind: bytes, body: bytes) -> None:
        if self._pooler.refuses_transactions and kind in b"QP" and b"BEGIN" in body:
            self._refuse("transaction blocks not allowed in statement pooling mode")
            raise ConnectionError
        if self.session is None:
            self.session = await self._pooler.take()
            self.pump = asyncio.create_task(self._send_back(self.session))
        self._unseen += self._carry(self.session, kind, body)
        self._owed += kind in (b"Q", b"S")
        self.session.writer.write(_message(kind, body))

    async def _send_back(self, session: Session) -> None:
        """What Postgres says, until the session is the next one's."""
        while True:
            kind, body = await read_message(session.reader)
            if kind == b"1" and self._unseen:
                self._unseen -= 1
                continue
            self._send(kind, body)
            self._owed -= kind == b"Z"
            if kind == b"Z" and body == b"I" and not self._owed and self._pooler.by_transaction:
                self.session = None
                self._pooler.give_back(session)
                return

    def _carry(self, session: Session, kind: bytes, body: bytes) -> int:
        """Prepare there what was prepared elsewhere; how many answers the client must not see."""
        if not self._pooler.carries_statements:
            return 0
        if kind == b"P":
            name = body.partition(b"\0")[0]
            self._statements[name] = body
            session.prepared.add(name)
            return 0
        name = b""
        if kind == b"B":
            name = body.split(b"\0", 2)[1]
        elif kind == b"D" and body[:1] == b"S":
            name = body[1:].partition(b"\0")[0]
        if not name or name in session.prepared:
            return 0
        session.prepared.add(name)
        session.writer.write(_message(b"P", self._statements[name]))
        return 1

    def _refuse(self, words: str) -> None:
        self._send(b"E", b"SFATAL\0VFATAL\0C08P01\0M" + words.encode() + b"\0\0")

    def _send(self, kind: bytes, body: bytes) -> None:
        self._writer.write(_message(kind, body))


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """(kind, body) of the next one."""
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    return kind, await reader.readexactly(length - 4)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
