"""Nellie at work in a loopback Slack."""

from collections.abc import AsyncIterator

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie, starting

from adapters.kit import late_duplicates
from bot.store.database import Database


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off in this machine has arrived sooner than over the internet."""
    monkeypatch.setattr(late_duplicates, "ARRIVED", 1.0)


@pytest.fixture
async def start_nellie(database: Database) -> AsyncIterator[StartNellie]:
    """Start Nellie with a model, a Slack or settings of the test's own."""
    async with starting(database) as start:
        yield start


@pytest.fixture
async def nellie(start_nellie: StartNellie) -> NellieOnSlack:
    """Nellie at work, without further wishes."""
    return await start_nellie()
