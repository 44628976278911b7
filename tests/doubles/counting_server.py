"""A server of tools that counts each call by its key: what it has done, whoever died meanwhile.

It can also hold whoever comes to a step of its work, so that this process can be killed just there.
"""

import asyncio
from collections import Counter, deque
from typing import Any, Literal

from aiohttp import web
from doubles.loopback_server import LoopbackServer

Trouble = Literal["hangs", "dies", "dies after", "fails", "breaks", "floods", "is late"]
TROUBLES: tuple[Trouble, ...] = (
    "hangs",
    "dies",
    "dies after",
    "fails",
    "breaks",
    "floods",
    "is late",
)
LATE = 1.5  # seconds
FLOOD = "\x00\ud800 the crane is red. " * 50_000

BEFORE_COUNTED = "before the server counted"
AFTER_COUNTED = "after the server counted"
BEFORE_WHOLE = "before its answer is whole"


class CountingServer(LoopbackServer):
    """`async with CountingServer() as server:` serves doubles.remote_tools at `server.url`."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        """By key, how often a call that changes something was carried out."""
        self.asked: list[tuple[str, str]] = []
        """The tool and the key of each call that came."""
        self.arguments: dict[str, str] = {}
        """By key, what each call was about."""
        self.steps: list[str] = []
        """All steps that somebody came to."""
        self.troubles: deque[Trouble] = deque()
        """What goes wrong with the next calls, one each."""
        self.hold = ""
        """Whoever comes to this step stays there, once."""
        self.reached = asyncio.Event()
        """Somebody is held."""
        self._released = asyncio.Event()
        self._working = set[asyncio.Task[web.StreamResponse]]()

    def release(self) -> None:
        """Let whoever is held go on, and nobody be held any more."""
        self.hold = ""
        self._released.set()

    def end_trouble(self) -> None:
        """From now on, all goes well; what hangs breaks off."""
        self.troubles.clear()
        self._released.set()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/step", self._step)
        router.add_post("/call", self._call)

    async def _step(self, request: web.Request) -> web.Response:
        await self._pass((await request.json())["name"])
        return web.json_response({})

    async def _pass(self, step: str) -> None:
        self.steps.append(step)
        if step == self.hold:
            self.hold = ""
            self.reached.set()
            await self._released.wait()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        # It goes on with what it was asked, also where whoever asked is no more.
        working = asyncio.create_task(self._carry_out(request, await request.json()))
        self._working.add(working)
        working.add_done_callback(self._done)
        return await asyncio.shield(working)

    def _done(self, working: asyncio.Task[web.StreamResponse]) -> None:
        self._working.discard(working)
        error = None if working.cancelled() else working.exception()
        assert error is None or isinstance(error, ConnectionError), error

    async def _carry_out(self, request: web.Request, call: dict[str, Any]) -> web.StreamResponse:
        trouble = self.troubles.popleft() if self.troubles else ""
        self.asked.append((call["tool"], call["key"]))
        self.arguments[call["key"]] = call["arguments"]
        await self._pass(BEFORE_COUNTED)
        if trouble in ("dies", "hangs"):
            return await self._go_away(request, waits=trouble == "hangs")
        if trouble == "fails":
            return web.json_response({"text": "The berth is closed.", "is_error": True})
        if trouble == "is late":
            await asyncio.sleep(LATE)
        if call["changes"]:
            self.counted[call["key"]] += 1
        await self._pass(AFTER_COUNTED)
        if trouble == "dies after":
            return await self._go_away(request)
        if trouble == "breaks":
            return web.Response(status=500, text="Internal Server Error")
        return await self._answer(request, FLOOD if trouble == "floods" else "It is done.")

    async def settled(self) -> None:
        """Return once nothing is under way in it."""
        while self._working:
            await asyncio.wait(self._working)

    async def _go_away(self, request: web.Request, *, waits: bool = False) -> web.Response:
        if waits:
            self._released.clear()
            await self._released.wait()
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _answer(self, request: web.Request, text: str) -> web.StreamResponse:
        whole = web.json_response({"text": text, "is_error": False}).body
        assert isinstance(whole, bytes)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(whole[:5])
        await self._pass(BEFORE_WHOLE)
        await response.write(whole[5:])
        await response.write_eof()
        return response
