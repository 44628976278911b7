"""A server of Chat Completions that sends bytes as it was told to, in pieces of any size."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from aiohttp import web


class RawStreamServer:
    """`async with RawStreamServer(b"data: ...") as server:` plays it at `server.url`."""

    def __init__(
        self,
        body: bytes,
        *,
        content_type: str = "text/event-stream",
        pieces: Sequence[int] = (),
        refusals: Sequence[tuple[int, Any]] = (),
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        """The bodies of all requests."""
        self.queries: list[dict[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self._body = body
        self._content_type = content_type
        self._pieces = pieces
        self._refusals = list(refusals)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._chat)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.queries.append(dict(request.query))
        self.headers.append(request.headers)
        if self._refusals:
            status, body = self._refusals.pop(0)
            return web.Response(
                status=status, text=json.dumps(body), content_type="application/json"
            )
        response = web.StreamResponse(headers={"Content-Type": self._content_type})
        await response.prepare(request)
        ends = sorted({*(min(end, len(self._body)) for end in self._pieces), len(self._body)})
        start = 0
        for end in ends:
            await response.write(self._body[start:end])
            start = end
        await response.write_eof()
        return response
