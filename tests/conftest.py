"""What all tests share: the kit's Postgres, and a log that no test leaves changed."""

import asyncio
import gc
import logging
import os
import socket
from collections.abc import AsyncIterator, Generator, Iterator

import hypothesis
import pytest
import structlog

from bot.telemetry.logs import LibraryLogHandler

# Tests start hundreds of processes: none compiles all of Nellie anew, which takes two seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest_plugins = ["bot.testing.pytest_plugin"]

hypothesis.settings.register_profile("nellie", deadline=None)  # no test is timed
hypothesis.settings.load_profile("nellie")

# Where no test has configured the log, structlog would draw tracebacks with the values of all
# variables: up to half a minute of computing for one error.
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """With --reruns each test writes to the main process twice, and then waits for its answer.

    Else the second of two small pieces waits until the first is acknowledged: 40 ms a test.
    """
    told = getattr(getattr(config, "failures_db", None), "sock", None)
    if isinstance(told, socket.socket):
        told.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made and stay: nobody looks among them for garbage, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No task outlives its test, though all of them share an event loop."""
    for item in items:
        marker = item.get_closest_marker("asyncio")
        if marker and not marker.kwargs and isinstance(item, pytest.Function):
            item.fixturenames.insert(0, "tasks_of_its_own")


@pytest.fixture
async def tasks_of_its_own() -> AsyncIterator[None]:
    """What a test leaves to the event loop ends after it, as with a loop of its own."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - {*before, asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    asyncio.get_running_loop().set_exception_handler(None)


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """What a test decides about the log ends with it: it may hold a stream that is closed."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [
        handler for handler in root.handlers if not isinstance(handler, LibraryLogHandler)
    ]
