"""A loopback platform in a process of its own, so that its work is not taken for Nellie's."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
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
        """Until somebody listens, and has read what there is."""
        await asyncio.to_thread(self._tell, "connected")

    async def mentions(self, number: int, tag: str, end: str = END) -> list[Shown]:
        """So many at once, each in a channel of its own; returns when all were answered."""
        shown = await asyncio.to_thread(self._tell, "mentions", number, tag, end)
        assert isinstance(shown, list)
        return shown


@contextmanager
def loopback(platform: str) -> Iterator[Loopback]:
    """The one of "slack" or "discord", started and ended."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(platform, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Loopback(ours)
    finally:
        process.terminate()
        process.join()


def _serve(platform: str, told: Connection) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # which are not installed
    asyncio.run({"slack": _slack, "discord": _discord}[platform](told))


async def _slack(told: Connection) -> None:
    from doubles.slack import Slack

    async with Slack() as slack:
        rooms = [slack.channel(f"room{number}") for number in range(ROOMS)]

        async def connected() -> None:
            await slack.until(lambda: slack.sockets.open)
            await slack.settled()

        async def mentions(number: int, tag: str, end: str) -> list[Shown]:
            slack.seen.clear()
            asked: dict[str, tuple[str, Shown]] = {}
            for room in rooms[:number]:
                shown = Shown(f"question {tag} in {room}", time.monotonic())
                asked[slack.say("U1", room, f"@nellie {shown.question}")] = (room, shown)
            await slack.until(
                lambda: all(
                    any(end in one for one in slack.answers(room, ts) if one)
                    for ts, (room, _) in asked.items()
                )
            )
            await slack.settled()
            thread = {
                post["ts"]: shown
                for ts, (room, shown) in asked.items()
                for post in slack.posts(room, ts)
            }
            for at, _, ts, text in slack.seen:
                if ts in thread:
                    thread[ts].seen.append((at, text))
            return [shown for _, shown in asked.values()]

        await _obey(told, slack.environ, connected, mentions)


async def _discord(told: Connection) -> None:
    from doubles.discord import Discord

    async with Discord(limit=5, window=5.0) as discord:  # as Discord's are observed to be
        rooms = [discord.open(f"room{number}") for number in range(ROOMS)]

        async def connected() -> None:
            await discord.until(lambda: discord.gateway.connected and discord.commands)

        async def mentions(number: int, tag: str, end: str) -> list[Shown]:
            asked: dict[Any, Shown] = {}
            for room in rooms[:number]:
                shown = Shown(f"question {tag} in {room.name}", time.monotonic())
                words = f"{discord.bot.mention} {shown.question}"
                asked[discord.say(discord.ana, room, words)] = shown
            await discord.until(
                lambda: all(
                    any(one.text.endswith(end) for one in discord.answers(post) if one.text)
                    for post in asked
                )
            )
            for post, shown in asked.items():
                shown.seen = [text for answer in discord.answers(post) for text in answer.grown]
            return list(asked.values())

        await _obey(told, discord.environ, connected, mentions)


async def _obey(
    told: Connection,
    environ: dict[str, str],
    connected: Callable[[], Awaitable[None]],
    mentions: Callable[[int, str, str], Awaitable[list[Shown]]],
) -> None:
    told.send(environ)
    while True:
        what, *given = await asyncio.to_thread(told.recv)
        told.send(await connected() if what == "connected" else await mentions(*given))
