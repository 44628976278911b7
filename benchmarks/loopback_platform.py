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

CHANNELS = 20
END = "∎"  # what a whole answer ends with


@dataclass
class Mention:
    """One mention: when it was said, and when which text was to be seen (time.monotonic())."""

    question: str
    at: float
    seen: list[tuple[float, str]] = field(default_factory=list)

    @property
    def first(self) -> float:
        """When the first text of the answer was there."""
        return min(at for at, text in self.seen if text)

    @property
    def whole(self) -> float:
        """When all of it was there."""
        return min(at for at, text in self.seen if END in text)


class LoopbackPlatform:
    """The platform's process, as this one speaks to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.environ: dict[str, str] = connection.recv()
        """The settings by which an adapter finds it."""

    def _request(self, *request: object) -> object:
        self._connection.send(request)
        return self._connection.recv()

    async def wait_until_connected(self) -> None:
        """Until somebody listens, and has read what there is."""
        await asyncio.to_thread(self._request, "connected")

    async def mention(
        self, number: int, tag: str, end: str = END, *, first: int = 0
    ) -> list[Mention]:
        """So many at once, each in a channel of its own; returns when all were answered.

        `first` is the number of the channel of the first of them.
        """
        mentions = await asyncio.to_thread(self._request, "mention", number, tag, end, first)
        assert isinstance(mentions, list)
        return mentions


@contextmanager
def loopback_platform(platform: str) -> Iterator[LoopbackPlatform]:
    """A "slack" or "discord", started and ended."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(platform, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield LoopbackPlatform(ours)
    finally:
        process.terminate()
        process.join()


def _serve(platform: str, parent: Connection) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # which are not installed
    asyncio.run({"slack": _slack, "discord": _discord}[platform](parent))


async def _slack(parent: Connection) -> None:
    from doubles.slack_server import Slack

    async with Slack() as slack:
        channels = [slack.channel(f"room{number}") for number in range(CHANNELS)]

        async def connected() -> None:
            await slack.until(lambda: slack.sockets.open)
            await slack.settled()

        async def mention(number: int, tag: str, end: str, first: int) -> list[Mention]:
            slack.seen.clear()
            asked: dict[str, tuple[str, Mention]] = {}
            for channel in channels[first : first + number]:
                said = Mention(f"question {tag} in {channel}", time.monotonic())
                asked[slack.say("U1", channel, f"@nellie {said.question}")] = (channel, said)
            await slack.until(
                lambda: all(
                    any(end in text for text in slack.answers(channel, ts) if text)
                    for ts, (channel, _) in asked.items()
                )
            )
            await slack.settled()
            thread = {
                post["ts"]: said
                for ts, (channel, said) in asked.items()
                for post in slack.posts(channel, ts)
            }
            for at, _, ts, text in slack.seen:
                if ts in thread:
                    thread[ts].seen.append((at, text))
            return [said for _, said in asked.values()]

        await _answer_requests(parent, slack.environ, connected, mention)


async def _discord(parent: Connection) -> None:
    from doubles.discord_server import Discord

    async with Discord(limit=5, window=5.0) as discord:  # as Discord's are observed to be
        channels = [discord.open(f"room{number}") for number in range(CHANNELS)]

        async def connected() -> None:
            await discord.until(lambda: discord.gateway.connected and discord.commands)

        async def mention(number: int, tag: str, end: str, first: int) -> list[Mention]:
            asked: dict[Any, Mention] = {}
            for channel in channels[first : first + number]:
                said = Mention(f"question {tag} in {channel.name}", time.monotonic())
                text = f"{discord.bot.mention} {said.question}"
                asked[discord.say(discord.ana, channel, text)] = said
            await discord.until(
                lambda: all(
                    any(
                        answer.text.endswith(end) for answer in discord.answers(post) if answer.text
                    )
                    for post in asked
                )
            )
            for post, said in asked.items():
                said.seen = [text for answer in discord.answers(post) for text in answer.versions]
            return list(asked.values())

        await _answer_requests(parent, discord.environ, connected, mention)


async def _answer_requests(
    parent: Connection,
    environ: dict[str, str],
    connected: Callable[[], Awaitable[None]],
    mention: Callable[[int, str, str, int], Awaitable[list[Mention]]],
) -> None:
    parent.send(environ)
    actions: dict[str, Callable[..., Awaitable[object]]] = {
        "connected": connected,
        "mention": mention,
    }
    while True:
        action, *arguments = await asyncio.to_thread(parent.recv)
        parent.send(await actions[action](*arguments))
