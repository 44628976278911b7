"""What every stand-in for a model server shares: it listens on this machine while it is used."""

import ssl
from typing import Any, Self

from aiohttp import web

AT_ONCE = 0.01  # seconds that a server's end waits for answers under way; to aiohttp, 0 is no limit


class LoopbackServer:
    """`async with Server() as server:` serves the routes of `add_routes` at `server.port`."""

    root = ""
    address = ("127.0.0.1", 0)
    """Host and port to listen on; 0 is any."""
    tls: ssl.SSLContext | None = None
    """With a certificate, it speaks https."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """What the server answers to."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        self.add_routes(app.router)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=AT_ONCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self.address, ssl_context=self.tls).start()
        self.port: int = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}{self.root}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()


async def stream(
    request: web.Request, *pieces: bytes, headers: dict[str, Any] | None = None
) -> web.StreamResponse:
    """Answer with these pieces of a body, as they are."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **(headers or {})})
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response
