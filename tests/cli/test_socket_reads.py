"""A command reads sockets in pieces that take no more room than they need."""

import asyncio
import socket
from asyncio import selector_events, sslproto

import pytest

from bot.cli import runner
from bot.cli.socket_reads import ROOM, make_less_room

SENT = bytes(range(256)) * 2_000
USUAL = 256 * 1024  # what asyncio asks for
READERS = (selector_events._SelectorSocketTransport, sslproto.SSLProtocol)


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in READERS:
        monkeypatch.setattr(reader, "max_size", USUAL)


class Reader(asyncio.Protocol):
    """Keeps what came, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)

    def eof_received(self) -> None:
        self.ended.set()


async def read() -> list[bytes]:
    """The pieces in which `SENT` comes."""
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * len(SENT))
    loop = asyncio.get_running_loop()
    _, reader = await loop.connect_accepted_socket(Reader, ours)

    def send() -> None:
        with theirs:
            theirs.sendall(SENT)

    async with asyncio.timeout(10):
        await asyncio.to_thread(send)
        await reader.ended.wait()
    return reader.pieces


def test_a_command_reads_all_in_pieces_of_that_size() -> None:
    found: list[bytes] = []

    async def work() -> None:
        found.extend(await read())

    assert runner.run(work(), level="info") == 0

    assert b"".join(found) == SENT
    assert max(map(len, found)) <= ROOM


def test_so_does_a_connection_with_tls() -> None:
    make_less_room()

    assert {reader.max_size for reader in READERS} == {ROOM}


def test_a_smaller_room_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in READERS:
        monkeypatch.setattr(reader, "max_size", 4_096)

    make_less_room()

    assert {reader.max_size for reader in READERS} == {4_096}


def test_a_python_that_names_it_otherwise_reads_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(selector_events, "_SelectorSocketTransport")

    make_less_room()

    assert sslproto.SSLProtocol.max_size == ROOM
