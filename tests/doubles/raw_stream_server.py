"""A server of Chat Completions that sends bytes as it was told to, in pieces of any size."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from doubles.loopback_server import LoopbackServer, stream


class RawStreamServer(LoopbackServer):
    """`async with RawStreamServer(b"data: ...") as server:` plays it at `server.url`."""

    root = "/v1"

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

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/{path:.*}", self._chat)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.queries.append(dict(request.query))
        self.headers.append(request.headers)
        if self._refusals:
            status, body = self._refusals.pop(0)
            return web.Response(
                status=status, text=json.dumps(body), content_type="application/json"
            )
        ends = sorted({*(min(end, len(self._body)) for end in self._pieces), len(self._body)})
        pieces = (self._body[start:end] for start, end in zip([0, *ends], ends, strict=False))
        return await stream(request, *pieces, headers={"Content-Type": self._content_type})
