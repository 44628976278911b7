"""The page before a Nellie on a fake platform, for each test anew."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import jinja2
import pytest
from doubles.page import PageUnderTest, StartPage, page_under_test
from jinja2.bccache import Bucket, BytecodeCache

from adapters.web import rendering
from bot.config.settings import variables
from bot.store.database import Database


class Compiled(BytecodeCache):
    """Templates that an earlier test has compiled."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for one."""
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja has compiled one."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture(autouse=True)
def compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page compiles all templates when it starts, which is half of what a test computes."""
    environment = partial(jinja2.Environment, bytecode_cache=COMPILED)
    monkeypatch.setattr(rendering, "Environment", environment)


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
