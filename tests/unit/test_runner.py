"""Commands run to their end, or until they are told to stop."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
import structlog

from bot.cli.runner import INTERRUPTED, run
from bot.domain.errors import SettingsError


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


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_system_without_sighup_and_loops_without_signals_is_served(
    told: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise NotImplementedError

    monkeypatch.delattr(signal, "SIGHUP")
    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    cleaned: list[str] = []
    before = signal.signal(told, signal.default_int_handler)
    try:
        assert run(_is_told(told, cleaned), serving=True) == 0
        assert run(_is_told(told, cleaned)) == INTERRUPTED
    finally:
        signal.signal(told, before)

    assert cleaned == ["up", "up"]
