"""What Nellie is doing, shown in the thread until the answer is visible, and always cleared."""

import asyncio

from adapters.slack.rate_limits import RateLimits
from adapters.slack.web_api import WebApi
from bot.domain.ports import DeliveryLog

SHOW_AFTER = 0.3  # seconds in which most short answers have come: those need no status
CHECK_EVERY = 1.0  # seconds between looks at what Nellie is doing now
REFRESH = 45.0  # seconds after which Slack is told again; it forgets after 120


class Status:
    """The line under a question while it is answered, with Slack's own Stop button."""

    def __init__(
        self,
        *,
        api: WebApi,
        rate_limits: RateLimits,
        channel: str,
        thread: str,
        person: str,
        delivery_log: DeliveryLog,
    ) -> None:
        self._api = api
        self._rate_limits = rate_limits
        self._thread = {"channel_id": channel, "thread_ts": thread}
        self._person = person
        self._delivery_log = delivery_log
        self._visible = asyncio.Event()
        self._ended = asyncio.Event()

    def answer_visible(self) -> None:
        """Something of the answer can be seen: Slack itself took the line away."""
        self._visible.set()

    def end(self) -> None:
        """The answer has ended, however it did."""
        self._visible.set()
        self._ended.set()

    async def show(self) -> None:
        """Keep the line and the button up to date, and take both away at the end."""
        async with self._api.session():
            if await _is_set(self._visible, SHOW_AFTER) and await _is_set(self._ended, SHOW_AFTER):
                return
            has_session = await self._start_session()
            has_line = False
            try:
                has_line = await self._show_lines()
            finally:
                await self._ended.wait()
                # No hurry: Slack has taken the line away itself, and other answers go first.
                await asyncio.sleep(SHOW_AFTER)
                if has_session:
                    await self._set_session("active")
                if has_line:
                    await self._set_line("")

    async def _show_lines(self) -> bool:
        """Show what Nellie is doing until the answer is visible; returns whether Slack took any."""
        loop = asyncio.get_running_loop()
        shown, shown_at, accepted = "", 0.0, False
        while not self._visible.is_set():
            line = f"is {self._delivery_log.status or 'thinking'}..."
            if line != shown or loop.time() - shown_at > REFRESH:
                shown, shown_at = line, loop.time()
                accepted = await self._set_line(line) or accepted
            await _is_set(self._visible, CHECK_EVERY)
        return accepted

    async def _set_line(self, line: str) -> bool:
        return await self._api.try_write(
            "assistant.threads.setStatus",
            feature="line that says what Nellie is doing",
            status=line,
            **self._thread,
        )

    async def _start_session(self) -> bool:
        if not self._rate_limits.session_updates.take(reserve=5):
            return False
        return await self._set_session("processing")

    async def _set_session(self, status: str) -> bool:
        return await self._api.try_write(
            "agents.sessions.setStatus",
            feature="Stop button of Slack's own",
            status=status,
            initiator_user_id=self._person,
            **self._thread,
        )


async def _is_set(event: asyncio.Event, within: float) -> bool:
    """Whether it is set, or will be within so many seconds."""
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return False
    return True
