"""Faults to order, for the Web API."""

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ALWAYS = 10**9


@dataclass
class _Fault:
    times: int
    status: int = 200
    error: str = ""
    retry_after: float = 0
    delay: float = 0
    cut: bool = False


@dataclass
class Faults:
    """What goes wrong with the calls of a method ("*" for any), until it was taken `times`."""

    count: Counter[str] = field(default_factory=Counter)
    """How often each kind of fault has struck: "limited", "cut", "failed", "refused"."""
    spoil: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    """By method: what is made of each of its answers."""
    _next: dict[str, list[_Fault]] = field(default_factory=dict)
    _cuts: dict[str, int] = field(default_factory=dict)
    _paces: dict[str, tuple[int, float, deque[float]]] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def limit(self, *methods: str, retry_after: float = 1, times: int = 1) -> None:
        """429 with this Retry-After, in seconds; nothing was carried out."""
        self._order(methods, lambda: _Fault(times, 429, "ratelimited", retry_after))

    def fail(self, *methods: str, status: int = 500, times: int = 1) -> None:
        """A server error with a page instead of JSON; nothing was carried out."""
        self._order(methods, lambda: _Fault(times, status))

    def refuse(self, *methods: str, error: str = "fatal_error", times: int = 1) -> None:
        """Slack's own error code; nothing was carried out."""
        self._order(methods, lambda: _Fault(times, error=error))

    def slow(self, *methods: str, seconds: float, times: int = ALWAYS) -> None:
        """Carried out, then answered this late."""
        self._order(methods, lambda: _Fault(times, delay=seconds))

    def limit_rate(self, *methods: str, calls: int, seconds: float) -> None:
        """Slack's own limit: more calls than these in so many seconds get a 429."""
        self._paces.update({method: (calls, seconds, deque()) for method in methods})

    def cut(self, *methods: str, every: int) -> None:
        """The connection breaks AFTER each n-th call was carried out: nobody hears the answer."""
        self._cuts.update(dict.fromkeys(methods, every))

    def break_off(self, *methods: str, times: int = 1) -> None:
        """The connection breaks after the next calls were carried out."""
        self._order(methods, lambda: _Fault(times, cut=True))

    def clear(self) -> None:
        """From now on, all goes well."""
        self.spoil.clear()
        self._next.clear()
        self._paces.clear()
        self._cuts.clear()

    def _order(self, methods: tuple[str, ...], make: Callable[[], _Fault]) -> None:
        for method in methods:
            self._next.setdefault(method, []).append(make())

    def answer_instead(self, method: str) -> web.Response | None:
        """The answer that stands in for the method's own, if there is one to stand in."""
        fault = self._take(method, lambda one: not (one.delay or one.cut)) or self._too_fast(method)
        if fault is None:
            return None
        if fault.status == 429:
            self.count["limited"] += 1
            headers = {"Retry-After": f"{fault.retry_after:g}"}
            return web.json_response(
                {"ok": False, "error": fault.error}, status=429, headers=headers
            )
        if fault.status >= 500:
            self.count["failed"] += 1
            return web.Response(status=fault.status, text="<html>Something went wrong.</html>")
        self.count["refused"] += 1
        return web.json_response({"ok": False, "error": fault.error})

    async def after_call(self, method: str, request: web.Request) -> None:
        """What happens between the write and the answer."""
        if late := self._take(method, lambda one: bool(one.delay)):
            await asyncio.sleep(late.delay)
        self._calls[method] += 1
        every = self._cuts.get(method)
        now = every and self._calls[method] % every == 0
        if (self._take(method, lambda one: one.cut) or now) and request.transport is not None:
            self.count["cut"] += 1
            request.transport.abort()

    def _too_fast(self, method: str) -> _Fault | None:
        if method not in self._paces:
            return None
        calls, seconds, times = self._paces[method]
        now = time.monotonic()
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) < calls:
            times.append(now)
            return None
        return _Fault(1, 429, "ratelimited", math.ceil(times[0] + seconds - now))

    def _take(self, method: str, fits: Callable[[_Fault], bool]) -> _Fault | None:
        for name in (method, "*"):
            for fault in self._next.get(name, ()):
                if fault.times > 0 and fits(fault):
                    fault.times -= 1
                    return fault
        return None
