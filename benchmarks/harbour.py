"""The loopback Discord in a process of its own, so that its work is not taken for Nellie's."""

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


class Harbour:
    """The other process, as this one speaks to it."""

    def __init__(self, told: Connection) -> None:
        self._told = told
        self.environ: dict[str, str] = told.recv()
        """What tells an adapter of it."""

    def _tell(self, *words: object) -> object:
        self._told.send(words)
        return self._told.recv()

    async def connected(self) -> None:
        """Until somebody listens, and has read what there is."""
        await asyncio.to_thread(self._tell, "connected")

    async def mentions(self, number: int, tag: str, end: str = END) -> list[Shown]:
        """So many at once, each in a channel of its own; returns when all were answered."""
        shown = await asyncio.to_thread(self._tell, "mentions", number, tag, end)
        assert isinstance(shown, list)
        return shown


@contextmanager
def harbour() -> Iterator[Harbour]:
    """One, started and ended."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Harbour(ours)
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    asyncio.run(_play(told))


async def _play(told: Connection) -> None:
    from doubles.discord import Discord  # of the tests, which are not installed

    async with Discord(limit=5, window=5.0) as discord:  # as Discord's are observed to be
        rooms = [discord.open(f"room{number}") for number in range(ROOMS)]
        told.send(discord.environ)
        while True:
            what, *given = await asyncio.to_thread(told.recv)
            if what == "connected":
                await discord.until(lambda: discord.gateway.connected and discord.commands)
                told.send(None)
            else:
                told.send(await _mentions(discord, rooms, *given))


async def _mentions(discord: Any, rooms: list[Any], number: int, tag: str, end: str) -> list[Shown]:
    asked: dict[Any, Shown] = {}
    for room in rooms[:number]:
        question = f"question {tag} in {room.name}"
        at = time.monotonic()
        post = discord.say(discord.ana, room, f"{discord.bot.mention} {question}")
        asked[post] = Shown(question, at)
    await discord.until(lambda: all(_ended(discord, post, end) for post in asked))
    for post, shown in asked.items():
        shown.seen = [text for answer in discord.answers(post) for text in answer.grown]
    return list(asked.values())


def _ended(discord: Any, post: Any, end: str) -> bool:
    return any(answer.text.endswith(end) for answer in discord.answers(post) if answer.text)
