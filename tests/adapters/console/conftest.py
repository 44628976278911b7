"""Nellie in a terminal, as a person opens one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.terminal import Open, Terminal


@pytest.fixture
def open_chat(address: str, tmp_path: Path) -> Iterator[Open]:
    """Opens `nellie chat` in a terminal; all of one test share a database and a data folder."""
    with ExitStack() as stack:

        def open_one(*arguments: str, **given: object) -> Terminal:
            environ = {"DATABASE_URL": address, "NELLIE_HOME": str(tmp_path / "home"), **given}
            terminal = Terminal("chat", *arguments, **environ)  # type: ignore[arg-type]  # a test's own
            return stack.enter_context(terminal)

        yield open_one


@pytest.fixture
async def slow_model() -> AsyncIterator[OpenAIServer]:
    """A model that says a word and then hangs, until it is told to answer otherwise."""
    async with OpenAIServer() as server:
        server.default_response = CannedResponse(text="Well, let me see", ending="stall")
        yield server
