"""What runs as long as the process, in one task group: a task that dies ends the process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.core.inbox import Inbox
from bot.core.jobs import Jobs
from bot.core.lanes import Lanes
from bot.core.takeover import Takeover
from bot.core.turn_control import TurnControl
from bot.documents.queue import ReadingQueue
from bot.domain.errors import BackgroundTaskDied, NellieError, SettingsError
from bot.domain.ports import Adapter, Commands

ENDING = 8  # seconds that running answers have to end when the process is told to stop
RESTART = 5  # seconds to wait before an adapter that failed is started again
MISCONFIGURED = 300  # the same, for an adapter that stopped because of a wrong setting

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """Runs the heartbeat, the takeover of orphans, the jobs, what reads files, and the adapters."""

    lanes: Lanes
    takeover: Takeover
    inbox: Inbox
    turns: TurnControl
    commands: Commands
    reading_queue: ReadingQueue

    @asynccontextmanager
    async def at_work(self, jobs: Jobs | None) -> AsyncIterator[None]:
        """Renew leases, take over orphans, do jobs and read files, as long as the block lasts.

        Answers that run at its end may end too. Raises BackgroundTaskDied, having cancelled the
        block, when one of these tasks dies.
        """
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "heartbeat": self.lanes.renew_leases,
            "takeover": self.takeover.run,
        }
        if jobs:
            work |= {"jobs": jobs.run, "reading queue": self.reading_queue.run}
        async with _unwrapped(), asyncio.TaskGroup() as group:
            tasks = [group.create_task(_unending(*one)) for one in work.items()]
            try:
                yield
            finally:
                await self.lanes.close(seconds=ENDING)
                for task in tasks:
                    task.cancel()

    async def serve(self, adapters: Collection[Adapter]) -> None:
        """Run every adapter until each has ended; one that fails is started again.

        Told to stop, it lets answers end first, on platforms that are still connected. Raises
        SettingsError where programs cannot be let in and there is nothing else to do.
        """
        ends = len(adapters) == 1
        async with _unwrapped(), asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._restarting(adapter, ends=ends and not adapter.hears))
                for adapter in adapters
            ]
            try:
                await asyncio.wait(tasks)
            finally:
                await self.lanes.close(seconds=ENDING)
                for task in tasks:
                    task.cancel()

    async def _restarting(self, adapter: Adapter, *, ends: bool) -> None:
        """Run one adapter; while it fails, the others go on. A wrong setting `ends` it."""
        while True:
            pause: float = RESTART
            try:
                await adapter.run(self.inbox, self.turns, self.commands)
                return
            except SettingsError as error:  # it will be as wrong until somebody corrects it
                if ends:
                    raise
                log.error("adapter_misconfigured", adapter=adapter.name, reason=str(error))
                pause = MISCONFIGURED
            except NellieError as error:
                log.error("adapter_failed", adapter=adapter.name, reason=str(error))
            except Exception as error:  # whatever a platform's library raises
                log.error("adapter_failed", adapter=adapter.name, exc_info=error)
            await asyncio.sleep(pause)


async def _unending(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Work that ends only when it is cancelled. Raises BackgroundTaskDied."""
    try:
        await work()
        reason = "it ended"
    except Exception as error:  # whatever it was: without this task, nothing here can be trusted
        log.error("background_task_died", task=name, exc_info=error)
        reason = type(error).__name__
    raise BackgroundTaskDied(task=name, reason=reason)


@asynccontextmanager
async def _unwrapped() -> AsyncIterator[None]:
    """The error of a task group's block or task, as it was raised, without its group."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
