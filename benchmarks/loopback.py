"""The loopback Slack in a process of its own, so that its work is not taken for Nellie's."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOMS = 20
END = "∎"  # what a whole answer ends with


@dataclass
class Shown:
    """One mention: when it was said, and when which text was to be seen (time.monotonic())."""

    question: str
    said: float
    seen: list[tuple[float, str]] = field(default_factory=list)

    @property
    def first(self) -> float:
        """When the first text of the answer was there."""
        return min(at for at, text in self.seen if text)

    @property
    def whole(self) -> float:
        """When all of it was there."""
        return min(at for at, text in self.seen if END in text)


class Loopback:
    """The other process, as this one speaks to it."""

    def __init__(self, told: Connection) -> None:
        self._told = told
        self.environ: dict[str, str] = told.recv()
        """What tells an adapter of it."""

    def _tell(self, *words: object) -> object:
        self._told.send(words)
        return self._told.recv()

    async def connected(self) -> None:
        """Until somebody listens."""
        await asyncio.to_thread(self._tell, "connected")

    async def mentions(self, number: int, tag: str, end: str = END) -> list[Shown]:
        """So many at once, each in a channel of its own; returns when all were answered."""
        shown = await asyncio.to_thread(self._tell, "mentions", number, tag, end)
        assert isinstance(shown, list)
        return shown


@contextmanager
def loopback() -> Iterator[Loopback]:
    """One, started and ended."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Loopback(ours)
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    asyncio.run(_play(told))


async def _play(told: Connection) -> None:
    from doubles.slack import Slack  # of the tests, which are not installed

    async with Slack() as slack:
        rooms = [slack.channel(f"room{number}") for number in range(ROOMS)]
        told.send(slack.environ)
        while True:
            what, *given = await asyncio.to_thread(told.recv)
            if what == "connected":
                await slack.until(lambda: slack.sockets.open)
                await slack.settled()
                told.send(None)
            else:
                told.send(await _mentions(slack, rooms, *given))


async def _mentions(slack: Any, rooms: list[str], number: int, tag: str, end: str) -> list[Shown]:
    slack.seen.clear()
    asked = {}
    for room in rooms[:number]:
        question = f"question {tag} in {room}"
        at = time.monotonic()
        ts = slack.say("U1", room, f"@nellie {question}")
        asked[ts] = (room, Shown(question, at))
    await slack.until(lambda: all(_ended(slack, room, ts, end) for ts, (room, _) in asked.items()))
    await slack.settled()
    thread = {
        post["ts"]: shown for ts, (room, shown) in asked.items() for post in slack.posts(room, ts)
    }
    for at, _, ts, text in slack.seen:
        if ts in thread:
            thread[ts].seen.append((at, text))
    return [shown for _, shown in asked.values()]


def _ended(slack: Any, room: str, ts: str, end: str) -> bool:
    return any(end in one for one in slack.answers(room, ts) if one)
