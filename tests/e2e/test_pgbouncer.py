"""Before a real PgBouncer: by sessions she works, by transactions she says what is wrong."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from doubles.sample_messages import ROOM

from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.store import open_database
from bot.store.channels import Channels
from bot.store.database import Database
from bot.testing.postgres import temporary_folder

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not PGBOUNCER, reason="needs pgbouncer (apt-get install pgbouncer)"),
]

Start = Callable[[str], Any]


@pytest.fixture
async def start(address: str) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:
        yield lambda mode: stack.enter_async_context(pgbouncer(address, mode))


@asynccontextmanager
async def pgbouncer(address: str, mode: str) -> AsyncIterator[str]:
    """The address of a PgBouncer before this Postgres."""
    port = free_port()
    with temporary_folder("nellie-pgbouncer-") as folder:
        parts = urlsplit(address)
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            "[databases]\n"
            f"* = host={parse_qs(parts.query)['host'][0]} user=postgres\n"
            "[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\nauth_type = any\n"
            f"listen_port = {port}\npool_mode = {mode}\nlogfile = {folder / 'log'}\n"
        )
        own_user(folder)
        assert PGBOUNCER
        command = [PGBOUNCER, "-q", "-u", folder.owner(), str(settings)]
        process = subprocess.Popen(command)  # noqa: ASYNC220, S603
        try:
            await answers(port)
            yield f"postgresql://postgres@127.0.0.1:{port}{parts.path}"
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def answers(port: int) -> None:
    """Return once somebody listens there."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return await writer.wait_closed()


def own_user(folder: Path) -> None:
    """PgBouncer does not run as root."""
    if folder.owner() == "root":
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "postgres")


@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_by_transactions_it_is_refused_in_one_line(start: Start, mode: str) -> None:
    database = Database(await start(mode))

    with pytest.raises(SettingsError, match="the direct address"):
        await database.wait(print)

    await database.close()


async def test_by_sessions_it_works(start: Start) -> None:
    url = await start("session")
    settings = Settings(DATABASE_URL=url)  # type: ignore[call-arg]

    async with open_database.migrated_database(settings) as database:
        assert await Channels(database).id(ROOM)
