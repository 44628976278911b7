"""Replicas of Nellie, each a `nellie run`, started again whenever one ends."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from chaos.timeline import Timeline
from doubles.program import Program, running

PAUSE = 0.3  # seconds until a replica that ended is started again
ENDING = 30  # seconds that one may take to end once it was told to


@dataclass
class Fleet:
    """So many replicas; `async with` it."""

    environ: Mapping[str, str]
    timeline: Timeline
    code: Path | None = None
    """Where the code lies that is to run; None for ours."""
    programs: dict[int, Program] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    """What every process wrote, by its name."""
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)
    _frozen: set[Program] = field(default_factory=set)
    _told: dict[Program, float] = field(default_factory=dict)
    """When each was told to end."""

    def start(self, replicas: int, *, first: int = 0) -> None:
        """Start so many, numbered from `first`, and keep them up."""
        for number in range(first, first + replicas):
            self._keepers.append(asyncio.create_task(self._keep(number)))

    async def close(self) -> None:
        """End all of them as an operator would."""
        for program in list(self._frozen):
            self.thaw(program)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def log(self) -> str:
        """All that the replicas wrote, the running ones too."""
        now = {f"{number} (now)": one.words for number, one in self.programs.items()}
        return "\n".join(
            f"--- replica {name}\n{words}" for name, words in (self.words | now).items()
        )

    def kill(self, number: int) -> None:
        self._signal(number, signal.SIGKILL)

    def terminate(self, number: int) -> None:
        self._signal(number, signal.SIGTERM)
        if program := self.programs.get(number):
            self._told.setdefault(program, time.monotonic())

    def overdue(self) -> list[int]:
        """The replicas that were told to end long ago, and go on."""
        since = time.monotonic() - ENDING
        return [
            number
            for number, program in self.programs.items()
            if program.runs and self._told.get(program, since) < since
        ]

    def freeze(self, number: int) -> Program | None:
        """Nothing in it moves until it is thawed; None while another stands still."""
        program = self.programs.get(number)
        if program and program.runs and not self._frozen:
            self._signal(number, signal.SIGSTOP)
            self._frozen.add(program)
            return program
        return None

    def thaw(self, program: Program) -> None:
        self._frozen.discard(program)
        if program.runs:
            os.kill(program.process.pid, signal.SIGCONT)

    async def ended(self, number: int, former: Program | None) -> None:
        """Return once another process has taken the place of this one."""
        while self.programs.get(number) in (former, None):  # noqa: ASYNC110  # it happens elsewhere
            await asyncio.sleep(0.05)

    def _signal(self, number: int, what: signal.Signals) -> None:
        program = self.programs.get(number)
        if program and program.runs:
            self.timeline.note(f"{what.name} to replica {number} (pid {program.process.pid})")
            program.process.send_signal(what)

    async def _keep(self, number: int) -> None:
        for life in range(10_000):
            async with AsyncExitStack() as stack:
                program = await stack.enter_async_context(running(self.environ, self.code))
                stack.callback(self._part, program, f"{number}.{life}")
                self.programs[number] = program
                self.timeline.note(f"replica {number} starts (pid {program.process.pid})")
                await program.process.wait()
                self.timeline.note(f"replica {number} ended")
            await asyncio.sleep(PAUSE)

    def _part(self, program: Program, name: str) -> None:
        self._frozen.discard(program)
        self.words[name] = program.words
