"""Runs a command until its end or a signal; an error that people meet is one line."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.cli.socket_reads import make_less_room
from bot.config.settings import load
from bot.domain.errors import BackgroundTaskDied, NellieError
from bot.telemetry import logs
from bot.telemetry.logs import tell_operator

INTERRUPTED = 130  # the exit code of work that was broken off, as shells know it
DIED = 70  # the exit code when a part died that all others need: a supervisor starts it again

STOPPING = ("SIGTERM", "SIGHUP", "SIGBREAK")  # not every system has each of them

log = structlog.get_logger(__name__)


def run(work: Coroutine[None, None, int | None], *, serving: bool = False, level: str = "") -> int:
    """Run it; returns the exit code, its own where it has one.

    For work that is `serving`, a signal to stop is no failure. The log is configured by the
    settings, or by a `level` of its own.
    """
    try:
        if level:
            logs.configure(level, "auto")
        else:
            settings = load()
            logs.configure(settings.log_level, settings.log_format)
        make_less_room()
        return asyncio.run(_until_signalled(work)) or 0
    except NellieError as error:
        tell_operator(str(error))
        return DIED if isinstance(error, BackgroundTaskDied) else 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        if not serving:
            tell_operator("interrupted; what was done so far is kept")
            return INTERRUPTED
    finally:
        work.close()
    return 0


async def _until_signalled(work: Coroutine[None, None, int | None]) -> int | None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_unhandled)
    task = asyncio.ensure_future(work)
    _stop_at_signals(loop, task.cancel)
    return await task


def _stop_at_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    for name in STOPPING:
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) == signal.SIG_IGN:  # as under nohup
            continue
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # on Windows, loops hear of no signals
            signal.signal(number, lambda *given: loop.call_soon_threadsafe(stop))


@contextmanager
def interruptible() -> Iterator[None]:
    """Within it, work that never waits is broken off at once too: the loop could not do that."""
    numbers = [getattr(signal, name) for name in ("SIGINT", *STOPPING) if hasattr(signal, name)]
    former = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number, handler in former.items() if handler != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, former[number])


def _log_unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log in one line what a library's own task raised: its text may quote what people said."""
    error = context.get("exception")
    kind = type(error).__name__ if error else "none"
    what = str(context.get("message"))[:200]
    log.error("event_loop_unhandled_exception", what=what, error=kind)
    log.debug("event_loop_unhandled_exception", exc_info=error)
