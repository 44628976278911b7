"""The REST side's frame: who may ask, buckets, faults, and the note of every request."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from doubles.discord_server.faults import Fault, Faults
from doubles.discord_server.guild import JSON

ROOT = "/api/v10"
CODES = {"500": 500, "503": 503, "429": 429, "403": 403, "404": 404}


class Refusal(Exception):
    """How Discord says no."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code, **more}


def unknown(what: str, code: int) -> Refusal:
    return Refusal(404, code, f"Unknown {what}")


@dataclass(slots=True)
class Request:
    """One request as it came, and what it was answered."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status: int = 0

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class Buckets:
    """So many requests in so many seconds, for each kind of request in each channel."""

    limit: int
    window: float
    _used: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, name: str) -> dict[str, str]:
        """The headers of a request that still fits. Raises Refusal, a 429 with its headers."""
        now = time.monotonic()
        used = self._used.setdefault(name, deque())
        while used and used[0] <= now - self.window:
            used.popleft()
        full = len(used) >= self.limit
        if not full:
            used.append(now)
        left, after = self.limit - len(used), used[0] + self.window - now
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Bucket": name.partition(" ")[0],
        }
        if full:
            raise TooFast(after, headers)
        return headers


class TooFast(Refusal):
    """A 429, with the headers that come with one."""

    def __init__(self, after: float, headers: dict[str, str] | None = None) -> None:
        words = "You are being rate limited."
        super().__init__(429, 0, words, retry_after=round(after, 3), **{"global": False})
        self.headers = {
            **(
                headers or {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": f"{after:.3f}"}
            ),
            "Retry-After": f"{after:.3f}",
            "X-RateLimit-Scope": "user",
        }


Handler = Callable[..., Any]


class Rest:
    """Routes requests to handlers: `handler(request, **path_names)` gives the JSON or None."""

    def __init__(self, token: str, faults: Faults, buckets: Buckets) -> None:
        self.token = token
        self.faults = faults
        self.buckets = buckets
        self.requests: list[Request] = []
        self.changed = asyncio.Event()
        """Set whenever a request was answered."""
        self._routes: list[tuple[str, re.Pattern[str], Handler, bool]] = []

    def route(self, line: str, handler: Handler, *, own: bool = False) -> None:
        """Serve "METHOD /path/{name}"; where the path has its `own` token, no other is needed.

        Literal paths must come before those with a name in their place.
        """
        method, path = line.split()
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        self._routes.append((method, pattern, handler, own))

    async def serve(self, incoming: web.Request) -> web.StreamResponse:
        request = await _read(incoming)
        self.requests.append(request)
        fault = self.faults.next(request.line)
        if fault and fault.kind == "lost":
            return _cut(incoming)
        response = await self._answer(request, fault)
        request.status = response.status
        self.changed.set()
        return _cut(incoming) if fault and fault.kind == "cut" else response

    async def _answer(self, request: Request, fault: Fault | None) -> web.Response:
        headers: dict[str, str] = {}
        try:
            if fault:
                await _strike(fault)
            handler, names = self._find(request)
            major = names.get("channel_id") or names.get("token") or ""
            headers = self.buckets.take(f"{handler.__name__} {major}")
            done = handler(request, **names)
            status, body = 200, await done if isinstance(done, Awaitable) else done
            for pattern, spoil in self.faults.spoil.items():
                body = spoil(body) if re.search(pattern, request.line) else body
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
            headers = getattr(refusal, "headers", headers)
        return respond(body, 204 if body is None else status, headers)

    def _find(self, request: Request) -> tuple[Handler, dict[str, str]]:
        for method, pattern, handler, own in self._routes:
            if method == request.method and (found := pattern.fullmatch(request.path)):
                if not own and request.headers.get("Authorization") != f"Bot {self.token}":
                    raise Refusal(401, 0, "401: Unauthorized")
                return handler, found.groupdict()
        raise Refusal(404, 0, "404: Not Found")


def respond(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    """As Discord does: without a charset, which discord.py would stumble over."""
    headers = {"Via": "1.1 google", **headers}
    if body is None:
        return web.Response(status=204, headers=headers)
    headers["Content-Type"] = "application/json"
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


async def _strike(fault: Fault) -> None:
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "429":
        raise TooFast(fault.seconds)
    elif fault.kind in CODES:
        words = {"403": "Missing Permissions", "404": "Unknown"}.get(fault.kind, "Internal error")
        raise Refusal(CODES[fault.kind], fault.code, words)


async def _read(incoming: web.Request) -> Request:
    body: Any = None
    files: dict[str, bytes] = {}
    if incoming.content_type == "multipart/form-data":
        async for part in await incoming.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "payload_json":
                body = json.loads(await part.text())
            else:
                files[part.filename or ""] = bytes(await part.read())
    elif incoming.can_read_body:
        body = json.loads(await incoming.read())
    path = incoming.path.removeprefix(ROOT)
    query: JSON = dict(incoming.query)
    return Request(incoming.method, path, query, body, dict(incoming.headers), files)


def _cut(incoming: web.Request) -> web.StreamResponse:
    if incoming.transport:
        incoming.transport.abort()
    return web.Response()
