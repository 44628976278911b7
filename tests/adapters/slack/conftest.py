"""Nellie at work in a loopback Slack."""

from collections.abc import AsyncIterator

import pytest
from doubles.office import Move, Office, moving

from bot.store.database import Database


@pytest.fixture
async def move_in(database: Database) -> AsyncIterator[Move]:
    """Move her in with a model, a Slack or settings of the test's own."""
    async with moving(database) as move:
        yield move


@pytest.fixture
async def office(move_in: Move) -> Office:
    """Nellie at work, without further wishes."""
    return await move_in()
