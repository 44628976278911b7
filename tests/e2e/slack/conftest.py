"""Nellie in a Slack that others wrote."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from e2e.slack.local_slack import (
    LocalSlack,
    Server,
    Unavailable,
    install,
    new_server,
    open_local_slack,
)

from adapters.slack.adapter import SlackAdapter
from bot.bootstrap import Nellie, started
from bot.config.settings import load
from bot.domain.model import Author
from bot.domain.ports import TurnControl
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database
from bot.testing import ScriptedModel


class RecordingTurnControl:
    """Turn control that also keeps the ratings that reach it."""

    def __init__(self, turns: TurnControl) -> None:
        self._turns = turns
        self.ratings: tuple[tuple[int, str, bool], ...] = ()
        """Turn, person, and whether it was good."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._turns, name)

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> bool:
        self.ratings = (*self.ratings, (turn_id, person.id, good))
        return await self._turns.rate(turn_id, person, good=good)


@dataclass
class NellieOnLocalSlack:
    """A local-slack with Nellie in it."""

    slack: LocalSlack
    parts: Nellie
    turns: RecordingTurnControl
    model: ScriptedModel


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
async def nellie(local_slack: Server, database: Database) -> AsyncIterator[NellieOnLocalSlack]:
    """Nellie, in a workspace where nothing was said yet."""
    async with (
        open_local_slack(local_slack) as slack,
        running_on(slack, database) as nellie,
    ):
        yield nellie


@asynccontextmanager
async def running_on(slack: LocalSlack, database: Database) -> AsyncIterator[NellieOnLocalSlack]:
    """Nellie, connected, after it has introduced itself."""
    adapter = SlackAdapter.configured(slack.environ)
    assert adapter is not None
    chosen, model = load(), ScriptedModel()
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    async with started(chosen, database, models, [adapter]) as parts:
        turns = RecordingTurnControl(parts.turns)
        running = asyncio.create_task(adapter.run(parts.inbox, turns, parts.commands))
        try:
            await slack.until(lambda: _is_connected(slack))
            await slack.until(slack.messages)  # the introduction
            yield NellieOnLocalSlack(slack, parts, turns, model)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _is_connected(slack: LocalSlack) -> bool:
    if slack.server.mode == "socket":
        return await slack.connections() > 1
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", slack.server.nellie_port)
    except OSError:
        return False
    writer.close()
    return True
