"""Commands run to their end, or until they are told to stop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from bot.conversation import Turn
from bot.errors import SettingsError
from bot.ports import Adapter, Door, Posts
from bot.running import INTERRUPTED, run, serve


class Shaky(Adapter):
    """A platform that fails a few times before it ends."""

    name = "shaky"

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.runs = 0

    async def run(self, door: Door) -> None:
        self.runs += 1
        if self.faults:
            raise self.faults.pop()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Nobody asks anything here."""


@pytest.fixture(autouse=True)
def log_again() -> Iterator[None]:
    """`run` has the log written to standard error, which is another one in every test."""
    yield
    structlog.reset_defaults()


async def _succeeds() -> None:
    await asyncio.sleep(0)


async def _fails() -> None:
    raise SettingsError(name="NELLIE_MODEL", reason="it is\x1b[2J wrong")


async def _is_told(told: signal.Signals, cleaned: list[str]) -> None:
    os.kill(os.getpid(), told)
    try:
        await asyncio.sleep(10)
    finally:
        cleaned.append("up")


def test_success_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_succeeds()) == 0
    assert capsys.readouterr() == ("", "")


def test_an_error_is_one_line_that_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(_fails()) == 1
    assert capsys.readouterr() == ("", "nellie: NELLIE_MODEL: it is[2J wrong\n")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_being_told_to_stop_ends_a_service_well_and_other_work_early(
    told: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    cleaned: list[str] = []
    ignored = signal.signal(told, signal.default_int_handler)  # a shell may have them ignored

    assert run(_is_told(told, cleaned), serving=True) == 0
    assert run(_is_told(told, cleaned)) == INTERRUPTED
    signal.signal(told, ignored)

    assert cleaned == ["up", "up"]
    assert capsys.readouterr().err == "nellie: interrupted; what was done so far is kept\n"


def test_the_log_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NELLIE_LOG_FORMAT", "console")
    monkeypatch.setenv("NELLIE_LOG_LEVEL", "debug")

    async def logs() -> None:
        fault = ValueError("\x1b[2Jgone")
        structlog.get_logger().warning("it broke", said="\x1b[2J", exc_info=fault)

    assert run(logs()) == 0

    logged = capsys.readouterr().err
    assert "it broke" in logged
    assert "ValueError: [2Jgone" in logged
    assert "\x1b" not in logged


async def test_an_adapter_that_fails_is_started_again_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.running.RESTART", 0)
    monkeypatch.setattr("bot.running.MENDED", 0)
    monkeypatch.setattr("bot.running.log", Silent())
    shaky = Shaky(OSError("no network"), SettingsError(name="TOKEN", reason="it is not accepted"))
    calm = Shaky()

    await serve([shaky, calm], None, _succeeds)  # type: ignore[arg-type]  # nobody knocks

    assert (shaky.runs, calm.runs) == (3, 1)


class Patient(Adapter):
    """A platform that is there until it is told to go."""

    name = "patient"

    def __init__(self) -> None:
        self.there = asyncio.Event()

    async def run(self, door: Door) -> None:
        self.there.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.there.clear()

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Nobody asks anything here."""


async def test_what_is_being_answered_ends_before_its_platform_goes() -> None:
    platform, seen = Patient(), []

    async def settle() -> None:
        seen.append(platform.there.is_set())

    serving = asyncio.create_task(serve([platform], None, settle))  # type: ignore[arg-type]  # nobody knocks
    await platform.there.wait()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)

    assert seen == [True]
    assert not platform.there.is_set()


class Silent:
    """A log that nobody reads."""

    def error(self, event: str, **details: object) -> None:
        """Nothing."""
