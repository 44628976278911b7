"""Replicas of Nellie, each a `nellie run`, started again whenever one ends."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from chaos.timeline import Timeline
from doubles.nellie_process import NellieProcess, running

PAUSE = 0.3  # seconds until a replica that ended is started again
STOPPING = 30  # seconds that one may take to end once it was told to


@dataclass
class Replicas:
    """Numbered replicas; `close` ends all of them."""

    environ: Mapping[str, str]
    timeline: Timeline
    running: dict[int, NellieProcess] = field(default_factory=dict)
    """By number, the process of each replica."""
    outputs: dict[str, str] = field(default_factory=dict)
    """What each process that has ended wrote, by its name."""
    _supervisors: list[asyncio.Task[None]] = field(default_factory=list)
    _frozen: set[NellieProcess] = field(default_factory=set)
    _told_to_stop: dict[NellieProcess, float] = field(default_factory=dict)
    """When each was told to end."""

    def start(self, count: int, *, first: int = 0) -> None:
        """Start so many, numbered from `first`, and keep them running."""
        for number in range(first, first + count):
            self._supervisors.append(asyncio.create_task(self._keep_running(number)))

    async def close(self) -> None:
        """End all of them as an operator would."""
        for process in list(self._frozen):
            self.thaw(process)
        for supervisor in self._supervisors:
            supervisor.cancel()
        await asyncio.gather(*self._supervisors, return_exceptions=True)

    def log(self) -> str:
        """All that the replicas wrote, the running ones too."""
        now = {f"{number} (now)": process.output for number, process in self.running.items()}
        return "\n".join(
            f"--- replica {name}\n{output}" for name, output in (self.outputs | now).items()
        )

    def kill(self, number: int) -> None:
        """SIGKILL, as a crash."""
        self._signal(number, signal.SIGKILL)

    def terminate(self, number: int) -> None:
        """SIGTERM, as an operator."""
        self._signal(number, signal.SIGTERM)
        if process := self.running.get(number):
            self._told_to_stop.setdefault(process, time.monotonic())

    def overdue(self) -> list[int]:
        """The replicas that were told to end long ago, and go on."""
        since = time.monotonic() - STOPPING
        return [
            number
            for number, process in self.running.items()
            if process.is_running and self._told_to_stop.get(process, since) < since
        ]

    def freeze(self, number: int) -> NellieProcess | None:
        """Nothing in it moves until it is thawed; None while another one is frozen."""
        process = self.running.get(number)
        if process and process.is_running and not self._frozen:
            self._signal(number, signal.SIGSTOP)
            self._frozen.add(process)
            return process
        return None

    def thaw(self, process: NellieProcess) -> None:
        """Let a frozen replica go on."""
        self._frozen.discard(process)
        if process.is_running:
            os.kill(process.process.pid, signal.SIGCONT)

    async def wait_until_replaced(self, number: int, former: NellieProcess | None) -> None:
        """Return once another process has taken the place of this one."""
        while self.running.get(number) in (former, None):  # noqa: ASYNC110  # it happens elsewhere
            await asyncio.sleep(0.05)

    def _signal(self, number: int, what: signal.Signals) -> None:
        process = self.running.get(number)
        if process and process.is_running:
            self.timeline.note(f"{what.name} to replica {number} (pid {process.process.pid})")
            process.process.send_signal(what)

    async def _keep_running(self, number: int) -> None:
        for life in range(10_000):
            async with AsyncExitStack() as stack:
                process = await stack.enter_async_context(running(self.environ))
                stack.callback(self._keep_output, process, f"{number}.{life}")
                self.running[number] = process
                self.timeline.note(f"replica {number} starts (pid {process.process.pid})")
                await process.wait()
                self.timeline.note(f"replica {number} ended")
            await asyncio.sleep(PAUSE)

    def _keep_output(self, process: NellieProcess, name: str) -> None:
        self._frozen.discard(process)
        self.outputs[name] = process.output
