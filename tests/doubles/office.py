"""A whole Nellie in a Slack: the double, the real adapter, a real engine, and a scripted model."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from doubles.model import Actor
from doubles.slack import NELLIE, Slack

from adapters.slack.adapter import SlackAdapter
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.database import Database

Move = Callable[..., Awaitable["Office"]]


@dataclass
class Office:
    """Slack, and Nellie at work in it."""

    slack: Slack
    engine: Engine
    model: Actor
    adapter: SlackAdapter
    database: Database
    running: asyncio.Task[None]

    async def ask(
        self, text: str = "@nellie hello", *, person: str = "U1", channel: str = "C1", **more: Any
    ) -> list[str]:
        """Somebody says this, and Nellie's answers in its thread once she has answered."""
        ts = self.slack.say(person, channel, text, **more)
        await self.quiet()
        return self.slack.answers(channel, more.get("thread") or ts)

    async def quiet(self) -> None:
        """Until everything told was acknowledged and everything owed was answered."""
        await self.slack.settled()
        await self.engine.lanes.idle()

    async def turns(self) -> dict[str, int]:
        """How many turns there are in each state."""
        rows = await self.rows("SELECT state, count(*) FROM turn GROUP BY state")
        return dict(map(tuple, rows))

    async def remembered(self) -> list[str]:
        """All texts, in the order in which they were accepted."""
        return [text for (text,) in await self.rows("SELECT text FROM message ORDER BY seq")]

    async def rows(self, statement: str, **values: object) -> list[Any]:
        async with self.database.single() as connection:
            return list(await connection.execute(sa.text(statement), values))


@asynccontextmanager
async def opened(
    database: Database,
    slack: Slack,
    *,
    model: Actor | None = None,
    mode: str = "socket",
    environ: dict[str, str] | None = None,
    introduced: bool = True,
    **settings: Any,
) -> AsyncIterator[Office]:
    """Nellie at work, by `mode` through sockets or by HTTP; `introduced` in all her channels."""
    model, own = model or Actor(), {**slack.environ, "NELLIE_SLACK_MODE": mode, **(environ or {})}
    if mode == "http":
        port = free_port()
        own |= {"NELLIE_SLACK_HOST": "127.0.0.1", "NELLIE_SLACK_PORT": str(port)}
        slack.webhooks.url = f"http://127.0.0.1:{port}/slack/events"
    adapter = SlackAdapter.configured(own)
    assert adapter is not None
    chosen = load(**settings)
    models = Models(chosen, loader=lambda names, given: Fallback([model], given))
    async with Engine(chosen, database, models, [adapter]) as engine:
        running = asyncio.create_task(adapter.run(engine))
        office = Office(slack, engine, model, adapter, database, running)
        try:
            await slack.until(lambda: running.done() or _present(slack, mode))
            if introduced:
                await slack.until(lambda: running.done() or _introduced(slack))
            if running.done():
                await running
            yield office
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _present(slack: Slack, mode: str) -> bool:
    return len(slack.sockets.open) > 1 if mode == "socket" else _listens(slack.webhooks.url)


def _introduced(slack: Slack) -> bool:
    rooms = [one for one in slack.rooms.values() if one.kind in ("channel", "group")]
    return all(slack.answers(one.id) for one in rooms if NELLIE in one.members)


def _listens(url: str) -> bool:
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def moving(database: Database) -> AsyncIterator[Move]:
    """Move Nellie in, as often as the test wishes; by default into a Slack of her own."""
    async with AsyncExitStack() as stack:

        async def move(slack: Slack | None = None, **given: Any) -> Office:
            place = slack or await stack.enter_async_context(Slack())
            return await stack.enter_async_context(opened(database, place, **given))

        yield move
