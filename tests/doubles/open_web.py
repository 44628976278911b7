"""The open web: a real server that stands in for every site, and the names that lead there.

What is connected to is written down as an address in numbers, before the connection goes to the
server on this machine. A request to an address that is not public would show there.
"""

import asyncio
import gzip
import socket
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from doubles.loopback_server import LoopbackServer

from bot.tools.web.fetching import Fetcher

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:2800:220:1::1"
BOMB = 64 * 2**20  # bytes, once it is unpacked
Answer = Callable[[web.Request], Any]


class _Diverted(socket.socket):
    """A socket that writes down where it was to go, and goes to the server."""

    web: "OpenWeb"

    def connect(self, address: Any) -> None:
        self.web.connected.append((address[0], address[1]))
        self.web.before_connecting(address)
        here = "127.0.0.1" if self.family == socket.AF_INET else "::ffff:127.0.0.1"
        super().connect((here, self.web.port))


class OpenWeb(LoopbackServer):
    """Each site is a name in `names`; what its server says, the path of the request decides."""

    def __init__(self) -> None:
        self.names: dict[str, deque[Sequence[str]]] = {}
        """By name, its addresses at each look-up; the last ones stay."""
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.asked: list[tuple[str, str]] = []
        """(Host, path) of each request that has arrived."""
        self.sent = 0
        """Bytes of bodies that were handed to the connection."""
        self.page = "<title>Harbour</title><main><p>The crane is red.</p></main>"
        """What stands at every other path."""
        self.redirects: dict[str, str] = {}
        """By path, where it leads on."""
        self.before_connecting: Callable[[Any], None] = lambda address: None

    def site(self, name: str, *answers: Sequence[str]) -> None:
        """A name, with what each look-up of it answers."""
        self.names[name] = deque(answers or ([PUBLIC],))

    async def resolve(self, host: str) -> Sequence[str]:
        """What a look-up answers now. Raises OSError."""
        self.looked_up.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        return answers.popleft() if len(answers) > 1 else answers[0]

    def fetcher(self, **options: Any) -> Fetcher:
        """What opens pages here."""

        def divert(info: Any) -> socket.socket:
            diverted = _Diverted(info[0], socket.SOCK_STREAM)
            diverted.setblocking(False)
            diverted.web = self
            return diverted

        given = {"resolve": self.resolve, "socket_factory": divert, "proxy": lambda url: None}
        return Fetcher(**given | options)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.host, request.path_qs))
        path = request.path.removeprefix("/")
        if path in self.redirects:
            return web.Response(status=302, headers={"Location": self.redirects[path]})
        stream = getattr(self, f"_{path}", None)
        if stream is not None:
            return await stream(request)
        return web.Response(text=self.page, content_type="text/html")

    async def _huge(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {}, b"The crane is red. " * 4_000, 200)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {}, b"The crane is red. " * 4_000, 10**9)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {}, b".", 10**9, pause=0.05)

    async def _silent(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async def _bomb(self, request: web.Request) -> web.StreamResponse:
        packed = gzip.compress(b"a" * BOMB)
        return await self._send(request, {"Content-Encoding": "gzip"}, packed, 1)

    async def _deflated_bomb(self, request: web.Request) -> web.StreamResponse:
        packed = zlib.compress(b"a" * BOMB)
        return await self._send(request, {"Content-Encoding": "deflate"}, packed, 1)

    async def _raw_deflate(self, request: web.Request) -> web.StreamResponse:
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(b"The crane is raw.") + packer.flush()
        return await self._send(request, {"Content-Encoding": "deflate"}, packed, 1)

    async def _packed_twice(self, request: web.Request) -> web.StreamResponse:
        packed = gzip.compress(gzip.compress(b"The crane is red."))
        return await self._send(request, {"Content-Encoding": "gzip, gzip"}, packed, 1)

    async def _wrongly_packed(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {"Content-Encoding": "gzip"}, b"no gzip", 1)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {"Content-Type": "image/png"}, b"\x89PNG" * 1000, 100)

    async def _archive(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "application/zip"}
        return await self._send(request, headers, b"PK" * 1000, 100)

    async def _kindless(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {"Content-Type": ""}, b"?", 1)

    async def _many_headers(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, {"X-Long": "x" * 200_000}, b"x", 1)

    async def _missing(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=404, text="nothing")

    async def _cookie(self, request: web.Request) -> web.StreamResponse:
        response = web.Response(status=302, headers={"Location": "/shows_headers"})
        response.set_cookie("who", "nellie")
        return response

    async def _shows_headers(self, request: web.Request) -> web.StreamResponse:
        shown = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        return web.Response(text=shown)

    async def _send(
        self,
        request: web.Request,
        headers: dict[str, str],
        piece: bytes,
        times: int,
        *,
        pause: float = 0,
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain", **headers})
        await response.prepare(request)
        for _ in range(times):
            await response.write(piece)
            self.sent += len(piece)
            if pause:
                await asyncio.sleep(pause)
        return response
