"""Nellie at work in a Slack that others wrote."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from doubles.model import Actor
from e2e.slack.local_slack import LocalSlack, Server, Unavailable, install, new_server

from adapters.slack.adapter import SlackAdapter
from bot.conversation import Author
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.database import Database


class Attentive(Engine):
    """An engine that also notes the opinions that reach it."""

    opinions: tuple[tuple[int, str, bool], ...] = ()
    """Turn, person, and whether it was good."""

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> None:
        await super().rate(turn_id, person, good=good)
        self.opinions = (*self.opinions, (turn_id, person.id, good))


@dataclass
class Scene:
    """A Slack with Nellie in it."""

    slack: LocalSlack
    engine: Attentive
    model: Actor


@pytest.fixture(scope="session", params=["socket", "events"])
def local_slack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A local-slack that delivers by sockets, then one that delivers by HTTP."""
    try:
        install()
    except Unavailable as reason:
        pytest.skip(str(reason))
    running = new_server(tmp_path_factory.mktemp("local-slack"), request.param)
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def scene(local_slack: Server, database: Database) -> AsyncIterator[Scene]:
    """Nellie at work in it, in a workspace where nothing was said yet."""
    async with LocalSlack(local_slack) as slack, at_work(slack, database) as scene:
        yield scene


@asynccontextmanager
async def at_work(slack: LocalSlack, database: Database) -> AsyncIterator[Scene]:
    adapter = SlackAdapter.configured(slack.environ)
    assert adapter is not None
    chosen, model = load(), Actor()
    models = Models(chosen, loader=lambda names, given: Fallback([model], given))
    async with Attentive(chosen, database, models, [adapter]) as engine:
        running = asyncio.create_task(adapter.run(engine))
        try:
            await slack.until(lambda: _there(slack))
            await slack.until(slack.messages)  # her introduction
            yield Scene(slack, engine, model)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _there(slack: LocalSlack) -> bool:
    if slack.server.mode == "socket":
        return await slack.connections() > 1
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", slack.server.nellie_port)
    except OSError:
        return False
    writer.close()
    return True
