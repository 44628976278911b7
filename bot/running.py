"""Running a command: to its end, or until it is told to stop; errors for people in one line."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from bot import house, logs
from bot.errors import NellieError, SettingsError
from bot.ports import Adapter, Door
from bot.settings import load

INTERRUPTED = 130  # the exit code of work that was broken off, as shells know it
MENDED = 300  # seconds before an adapter is tried again that something set wrongly has stopped
RESTART = 5  # seconds before an adapter that failed is started again

log = structlog.get_logger(__name__)


def run(work: Coroutine[None, None, None], *, serving: bool = False, level: str = "") -> int:
    """Run it; returns the exit code. Being told to stop is how `serving` ends well.

    Without a `level` of its own, it logs as the settings say.
    """
    try:
        if level:
            logs.begin(level, "auto")
        else:
            settings = load()
            logs.begin(settings.log_level, settings.log_format)
        asyncio.run(_until_told(work))
    except NellieError as error:
        house.complain(str(error))
        return 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        if not serving:
            house.complain("interrupted; what was done so far is kept")
            return INTERRUPTED
    finally:
        work.close()
    return 0


async def serve(
    adapters: Sequence[Adapter], door: Door, settle: Callable[[], Awaitable[None]]
) -> None:
    """Run adapters for good: one that fails is started again, the others go on meanwhile.

    Told to stop, it settles first: answers end on platforms that are still there.
    """
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_supervised(adapter, door)) for adapter in adapters]
        try:
            await asyncio.wait(running)
        finally:
            await settle()
            for task in running:
                task.cancel()


async def _supervised(adapter: Adapter, door: Door) -> None:
    while True:
        try:
            await adapter.run(door)
            return
        except SettingsError as error:  # it will be as wrong until somebody mends it
            log.error("adapter not served", name=adapter.name, reason=str(error))
            await asyncio.sleep(MENDED)
        except NellieError as error:
            log.error("adapter failed", name=adapter.name, reason=str(error))
        except Exception as error:  # whatever a platform's library raises
            log.error("adapter failed", name=adapter.name, exc_info=error)
        await asyncio.sleep(RESTART)


async def _until_told(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().set_exception_handler(_unseen)
    for told in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(told) != signal.SIG_IGN:  # as under nohup
            asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    await task


def _unseen(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
    """What a library's own task raised, in one line: its words may quote what people said."""
    error = about.get("exception")
    kind = type(error).__name__ if error else "none"
    log.error("unseen by anybody", what=str(about.get("message"))[:200], error=kind)
    log.debug("unseen by anybody", exc_info=error)
