"""A Postgres that is far away, or slow: what stands between it and Nellie."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

CHUNK = 2**16


class DelayingProxy:
    """Passes on what comes, in its order and late."""

    def __init__(self, socket: str, seconds: float) -> None:
        self._socket = socket
        self.seconds = seconds
        """That everything takes on its way, in each direction."""
        self._serving: set[asyncio.Task[None]] = set()

    def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """Break all connections off."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_unix_connection(self._socket)
        ways = {
            asyncio.create_task(self._pass_on(reader, to_there)),
            asyncio.create_task(self._pass_on(there, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, to_there):
                end.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await underway.get()
                if (wait := due - loop.time()) > 0:
                    await asyncio.sleep(wait)
                writer.write(data)

        delivering = asyncio.create_task(deliver())
        try:
            while data := await reader.read(CHUNK):
                underway.put_nowait((loop.time() + self.seconds, data))
        except ConnectionError:
            return
        finally:
            delivering.cancel()


@asynccontextmanager
async def far_away(url: str, seconds: float) -> AsyncIterator[tuple[DelayingProxy, str]]:
    """What delays, and the address at which the embedded Postgres of this address is so far."""
    parts = urlsplit(url)
    folder, port = parse_qs(parts.query)["host"][0], parse_qs(parts.query)["port"][0]
    proxy = DelayingProxy(f"{folder}/.s.PGSQL.{port}", seconds)
    server = await asyncio.start_server(proxy.connect, "127.0.0.1", 0)
    here = server.sockets[0].getsockname()[1]
    try:
        yield proxy, f"{parts.scheme}://{parts.username}@127.0.0.1:{here}{parts.path}"
    finally:
        server.close()
        await proxy.close()
