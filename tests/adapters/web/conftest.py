"""The page before a Nellie on a fake platform, for each test anew."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from doubles.page import PageUnderTest, StartPage, page_under_test

from bot.config.settings import variables
from bot.store.database import Database


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def start_page(database: Database) -> AsyncIterator[StartPage]:
    """Start a page with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**given: Any) -> PageUnderTest:
            return await stack.enter_async_context(page_under_test(database, **given))

        yield start


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """The page without further wishes."""
    return await start_page()
