"""Nellie by the names of models, for each test anew."""

from collections.abc import Callable

import pytest
from doubles.teammate import Teammate

from bot.store.database import Database


@pytest.fixture
def opening(database: Database) -> Callable[..., Teammate]:
    """Open a Nellie, with a model or settings of the test's own: `async with opening() as it`."""
    return lambda **given: Teammate(database, **given)
