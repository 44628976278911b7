"""A server behind an address that misbehaves with calls, each time in one way."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

JSON = {"Content-Type": "application/json"}


@dataclass
class HostileHttp:
    """What it does with a call, and what it saw."""

    way: str
    elsewhere: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)
    sessions: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(dict(request.headers))
        if request.method == "DELETE" and self.way == "hangs-at-the-end":
            await asyncio.sleep(600)
        if request.method != "POST":
            return web.Response(status=405)
        asked = await request.json()
        if "id" not in asked:
            return web.Response(status=202)
        result = self._answer(asked["method"])
        is_call = asked["method"] == "tools/call"
        if is_call and (answer := await self._misbehave(request, asked)):
            return answer
        if result is None:
            error = {"code": -32601, "message": "Method not found"}
            return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "error": error})
        if asked["method"] == "initialize":
            self.sessions += 1
        body = {"jsonrpc": "2.0", "id": asked["id"], "result": result}
        return web.json_response(body, headers={"Mcp-Session-Id": f"s{self.sessions}"})

    def _answer(self, method: str) -> dict[str, Any] | None:
        info = {"name": "hostile", "version": "1"}
        tool = {"name": "ok", "inputSchema": {"type": "object"}}
        return {
            "initialize": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": info,
            },
            "tools/list": {"tools": [tool]},
            "tools/call": {"content": [{"type": "text", "text": "fine"}]},
        }.get(method)

    async def _misbehave(
        self, request: web.Request, asked: dict[str, Any]
    ) -> web.StreamResponse | None:
        match self.way:
            case "packed":
                text = {"content": [{"type": "text", "text": "x" * 50_000_000}]}
                body = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": text}).encode()
                packed = gzip.compress(body, 1)
                return web.Response(body=packed, headers={**JSON, "Content-Encoding": "gzip"})
            case "endless":
                return await self._endless(request, "application/json")
            case "endless-lie":
                return await self._endless(request, "application/json; x=text/event-stream")
            case "endless-event":
                return await self._endless(request, "text/event-stream")
            case "sends-on":
                return web.Response(status=307, headers={"Location": self.elsewhere})
            case "another-kind":
                return web.Response(text="<html>sesame", content_type="text/html")
            case "forgets" if self.sessions == 1:
                return web.Response(status=404)
        return None

    async def _endless(self, request: web.Request, kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        try:
            for _ in range(1_000):
                await response.write(b"x" * 100_000)
        except ConnectionError:
            pass
        return response


@asynccontextmanager
async def hostile_on_http(way: str, elsewhere: str = "") -> AsyncIterator[tuple[str, HostileHttp]]:
    """Its address, and the server itself."""
    server = HostileHttp(way, elsewhere)
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/mcp", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/mcp", server
    finally:
        await runner.cleanup()
