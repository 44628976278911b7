"""Until an answer may be made: others are before it, quotas are looked at, memory is read."""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.core.gathered import Gathered
from bot.core.gathering import Gathering
from bot.core.turn_run import TurnRun
from bot.limits.quotas import Quotas
from bot.telemetry import metrics


@dataclass(frozen=True, slots=True)
class Admission:
    """Of one turn."""

    run: TurnRun
    gathering: Gathering
    quotas: Quotas

    async def gathered(self, stack: AsyncExitStack) -> Gathered | None:
        """What the answer is made from; None where it was stopped. The stack holds its place.

        What waits for a file that is still being read lets others ask meanwhile.
        """
        run, started = self.run, time.monotonic()
        if not await self._enter(stack):
            return None
        queued = time.monotonic() - started
        metrics.stages.observe("wait", run.turn.waited + queued)
        run.trace.add("queue", queued)
        await self.quotas.check_turn(run.lease.channel_id, run.turn)
        gathered = await self._gather()
        if not gathered.files.being_read:
            return gathered
        await stack.aclose()
        with run.trace.time("files"):
            await self.gathering.files.wait(run, gathered.files)
        return await self._gather() if await self._enter(stack) else None

    async def _gather(self) -> Gathered:
        with self.run.trace.time("gather"):
            return await self.gathering.gather(self.run)

    async def _enter(self, stack: AsyncExitStack) -> bool:
        """Take a place among the calls of models; False where the answer was stopped."""
        run = self.run
        if not run.stopped:
            slot = self.quotas.call_queue.slot(lambda ahead: _show_queue(run, ahead))
            await run.unless_stopped(stack.enter_async_context(slot))
        run.questions_ahead, run.status = None, "thinking"
        return not run.stopped


def _show_queue(run: TurnRun, ahead: int) -> None:
    """What a status line says while others' questions are ahead of this one."""
    run.questions_ahead = ahead
    run.status = f"waiting ({ahead:,} before you)" if ahead else "waiting (you are next)"
