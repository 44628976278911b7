"""A whole Nellie in a Slack: the double, the real adapter, the real core, and a scripted model."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from doubles.slack_server import NELLIE, Slack

from adapters.slack.adapter import SlackAdapter
from bot.bootstrap import Nellie, started
from bot.config.settings import load
from bot.domain.ports import Toolbox
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.store.introductions import TRIGGER
from bot.testing import ScriptedModel

StartNellie = Callable[..., Awaitable["NellieOnSlack"]]


@dataclass
class NellieOnSlack:
    """Slack, and Nellie at work in it."""

    slack: Slack
    parts: Nellie
    model: ScriptedModel
    adapter: SlackAdapter
    database: Database
    running: asyncio.Task[None]

    async def ask(
        self, text: str = "@nellie hello", *, person: str = "U1", channel: str = "C1", **more: Any
    ) -> list[str]:
        """Somebody writes this; returns Nellie's answers in its thread, once they are there."""
        ts = self.slack.say(person, channel, text, **more)
        await self.wait_until_idle()
        return self.slack.answers(channel, more.get("thread") or ts)

    async def wait_until_idle(self) -> None:
        """Until every event was acknowledged and every question answered."""
        await self.slack.settled()
        await self.parts.lanes.idle()

    async def crash(self) -> None:
        """Stop working at once, as a killed process does; another replica takes over."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.parts.lanes.close(seconds=0)
        await self.parts.lanes.leave()

    async def count_turns(self) -> dict[str, int]:
        """How many turns there are in each state, introductions apart."""
        rows = await self.query(
            "SELECT state, count(*) FROM turn WHERE lane <> :introduction GROUP BY state",
            introduction=f"session:{TRIGGER}",
        )
        return dict(map(tuple, rows))

    async def remembered(self) -> list[str]:
        """The texts of all messages, in the order in which they were accepted."""
        return [
            text
            for (text,) in await self.query(
                "SELECT text FROM message WHERE NOT deleted ORDER BY seq"
            )
        ]

    async def query(self, statement: str, **values: object) -> list[Any]:
        async with self.database.autocommit() as connection:
            return list(await connection.execute(sa.text(statement), values))


@asynccontextmanager
async def running_on(
    database: Database,
    slack: Slack,
    *,
    model: ScriptedModel | None = None,
    mode: str = "socket",
    environ: dict[str, str] | None = None,
    introduced: bool = True,
    toolbox: Toolbox | None = None,
    **settings: Any,
) -> AsyncIterator[NellieOnSlack]:
    """Nellie at work, over sockets or HTTP; with `introduced`, it has said hello everywhere."""
    model = model or ScriptedModel()
    given = {**slack.environ, "NELLIE_SLACK_MODE": mode, **(environ or {})}
    if mode == "http":
        port = free_port()
        given |= {"NELLIE_SLACK_HOST": "127.0.0.1", "NELLIE_SLACK_PORT": str(port)}
        slack.webhooks.url = f"http://127.0.0.1:{port}/slack/events"
    adapter = SlackAdapter.configured(given)
    assert adapter is not None
    chosen = load(**settings)
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    async with started(chosen, database, models, [adapter], toolbox=toolbox) as parts:
        sockets = len(slack.sockets.open)
        running = asyncio.create_task(adapter.run(parts.inbox, parts.turns, parts.commands))
        nellie = NellieOnSlack(slack, parts, model, adapter, database, running)
        try:
            await slack.until(lambda: running.done() or _is_listening(slack, mode, sockets))
            if introduced:
                await slack.until(lambda: running.done() or _is_introduced(slack))
            if running.done():
                await running
            yield nellie
            assert slack.unfurled == []
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _is_listening(slack: Slack, mode: str, sockets_before: int) -> bool:
    if mode == "socket":
        return len(slack.sockets.open) > sockets_before + 1
    return _accepts_connections(slack.webhooks.url)


def _is_introduced(slack: Slack) -> bool:
    rooms = [room for room in slack.rooms.values() if room.kind in ("channel", "group")]
    return all(slack.answers(room.id) for room in rooms if NELLIE in room.members)


def _accepts_connections(url: str) -> bool:
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def starting(database: Database) -> AsyncIterator[StartNellie]:
    """Start Nellie, as often as the test wishes; by default in a Slack of its own."""
    async with AsyncExitStack() as stack:

        async def start(slack: Slack | None = None, **given: Any) -> NellieOnSlack:
            slack = slack or await stack.enter_async_context(Slack())
            return await stack.enter_async_context(running_on(database, slack, **given))

        yield start
