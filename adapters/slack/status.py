"""What she is doing, shown in the thread until something of the answer is; always cleared."""

import asyncio
from dataclasses import dataclass, field

from adapters.slack.api import Api
from adapters.slack.limits import Rates
from bot.ports import Posts

SOON = 0.3  # seconds in which most short answers have come: those need no status
LOOK = 1.0  # seconds between looks at what she is doing now
REFRESH = 45.0  # seconds after which Slack is told again; it forgets after 120


@dataclass
class Status:
    """The line under a question while it is answered, with Slack's own Stop button."""

    api: Api
    rates: Rates
    channel: str
    thread: str
    person: str
    posts: Posts
    _visible: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def visible(self) -> None:
        """Something of the answer can be seen: Slack took the line away, and so it stays."""
        self._visible.set()

    def over(self) -> None:
        """The answer has ended, however it did."""
        self._visible.set()
        self._over.set()

    async def show(self) -> None:
        """Keep the line and the button up to date, and take both away at the end."""
        async with self.api.open():
            if await _within(self._visible, SOON) and await _within(self._over, SOON):
                return
            session = await self._session("processing")
            shown = False
            try:
                shown = await self._lines()
            finally:
                await self._over.wait()
                await asyncio.sleep(SOON)  # other answers first: Slack took the line away itself
                if session:
                    await self._session("active")
                if shown:
                    await self._say("")

    async def _lines(self) -> bool:
        """Whether Slack was ever given a line."""
        loop = asyncio.get_running_loop()
        told, at, shown = "", 0.0, False
        while not self._visible.is_set():
            doing = f"is {self.posts.doing or 'thinking'}..."
            if doing != told or loop.time() - at > REFRESH:
                told, at = doing, loop.time()
                shown = await self._say(doing) or shown
            await _within(self._visible, LOOK)
        return shown

    async def _say(self, line: str) -> bool:
        return await self.api.offer(
            "assistant.threads.setStatus", "line that says what she is doing",
            channel_id=self.channel, thread_ts=self.thread, status=line,
        )  # fmt: skip

    async def _session(self, status: str) -> bool:
        if status == "processing" and not self.rates.sessions.take(reserve=5):
            return False
        return await self.api.offer(
            "agents.sessions.setStatus", "Stop button of Slack's own",
            channel_id=self.channel, thread_ts=self.thread, status=status,
            initiator_user_id=self.person,
        )  # fmt: skip


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
