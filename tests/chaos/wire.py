"""The platform of the chaos tests: delivers until acknowledged, and writes down all it is shown."""

import asyncio
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

REDELIVER = 1.5  # seconds without an acknowledgement after which an event is delivered again
SLOW = 0.012  # seconds that a request may take
PATIENCE = 40  # seconds that anything may take


@dataclass(frozen=True)
class Said:
    """A message of a person's."""

    id: str
    channel: str
    author: str
    thread: str
    text: str
    addressed: bool

    @property
    def answer(self) -> str:
        """What the model says to it."""
        return f"You asked: {self.text} That is all."


@dataclass(frozen=True)
class Shown:
    """A post, or its replacement, as a worker sent it."""

    worker: str
    turn: int
    lane: str
    trigger: str
    text: str
    final: bool
    owner: int
    epoch: int
    sent: float


class Platform:
    """One platform with several workers behind it. A turn's post is replaced in place."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.said: list[Said] = []
        self.shown: list[Shown] = []
        self.lines: dict[str, asyncio.StreamWriter] = {}
        self.held: asyncio.Future[Shown] | None = None
        """Set it to have the next replacement of an unfinished post wait for `release`."""
        self.release = asyncio.Event()
        self._news = asyncio.Event()
        self._story: list[tuple[float, str, str]] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[str, asyncio.Future[bool]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = time.monotonic()

    async def open(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for line in self.lines.values():
            line.close()
        await self.until(lambda: not self.lines)
        await self._server.wait_closed()

    def note(self, what: str, lane: str = "") -> None:
        """Something happened, in one lane or to all."""
        self._story.append((time.monotonic() - self._began, lane, what))
        self._news.set()

    async def say(self, said: Said, *, times: int = 1) -> None:
        """Deliver a message until it is acknowledged, and that so often."""
        self.said.append(said)
        await asyncio.gather(*(self._deliver(said) for _ in range(times)))

    async def until(self, so: Callable[[], bool]) -> None:
        """Return once it is so: who is here, and what was shown."""
        async with asyncio.timeout(PATIENCE):
            while not so():
                self._news.clear()
                await self._news.wait()

    async def _deliver(self, said: Said) -> None:
        while True:
            if await self._delivered(said):
                return
            await asyncio.sleep(0.02)

    async def _delivered(self, said: Said) -> bool:
        if not self.lines:
            return False
        worker, number = self.dice.choice(list(self.lines)), next(self._numbers)
        acknowledged: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (worker, acknowledged)
        self._send(worker, deliver=number, message=vars(said))
        try:
            async with asyncio.timeout(REDELIVER):
                return await acknowledged
        except TimeoutError:
            return False
        finally:
            del self._waiting[number]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker = json.loads(await reader.readline())["hello"]
        self.lines[worker] = writer
        self.note(f"{worker} is here")
        try:
            while raw := await reader.readline():
                self._take(worker, json.loads(raw))
        except OSError:  # killed in the middle of a line
            pass
        finally:
            del self.lines[worker]
            self.note(f"{worker} is gone")
            for other, acknowledged in self._waiting.values():
                if other == worker and not acknowledged.done():
                    acknowledged.set_result(False)
            writer.close()

    def _take(self, worker: str, line: dict[str, Any]) -> None:
        if "request" in line:
            task = asyncio.create_task(self._reply(worker, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        number = line.get("acknowledged") or line["refused"]
        _, acknowledged = self._waiting.get(number, (worker, None))
        if acknowledged and not acknowledged.done():
            acknowledged.set_result("acknowledged" in line)

    async def _reply(self, worker: str, line: dict[str, Any]) -> None:
        number = line.pop("request")
        if "look" in line:
            found = [f"post-{line['look']}"] * any(one.turn == line["look"] for one in self.shown)
            self._send(worker, reply=number, found=found)
            return
        shown = Shown(worker, line.pop("post"), **line)
        replaces = any(one.turn == shown.turn for one in self.shown)
        self.shown.append(shown)
        what = "the end" if shown.final else f"{len(shown.text)} characters"
        self.note(f"{worker}: turn {shown.turn} epoch {shown.epoch}: {what}", shown.lane)
        await asyncio.sleep(self.dice.random() * SLOW)
        if self.held and not self.held.done() and replaces and not shown.final:
            self.held.set_result(shown)
            await self.release.wait()
        self._send(worker, reply=number, id=f"post-{shown.turn}")

    def _send(self, worker: str, **line: Any) -> None:
        if worker in self.lines:
            self.lines[worker].write(json.dumps(line).encode() + b"\n")

    def faults(self) -> Iterator[str]:
        """What the people in the channels would complain about."""
        by_trigger, by_lane = defaultdict(list), defaultdict(list)
        for one in sorted(self.shown, key=lambda one: one.sent):
            by_trigger[one.trigger].append(one)
            by_lane[one.lane].append(one)
        for said in self.said:
            yield from _answered(said, by_trigger.pop(said.id, []))
        yield from (f"{trigger}: answered unasked" for trigger in by_trigger)
        for lane, shown in by_lane.items():
            yield from _in_order(lane, shown)

    def story(self, told: str) -> str:
        """What happened in the lanes that are spoken of, and to everybody."""
        return "\n".join(
            f"{at:8.3f} {lane:24} {what}"
            for at, lane, what in self._story
            if not lane or lane in told
        )


def _answered(said: Said, shown: list[Shown]) -> Iterator[str]:
    where = f"{said.id} ({said.channel} {lane(said)})"
    if not said.addressed:
        if shown:
            yield f"{where}: answered unasked"
    elif not shown:
        yield f"{where}: never answered"
    elif len({one.turn for one in shown}) > 1:
        yield f"{where}: answered twice"
    elif not shown[-1].final or shown[-1].text != said.answer:
        yield f"{where}: the answer is left at {shown[-1].text!r}"


def _in_order(lane: str, shown: list[Shown]) -> Iterator[str]:
    turns = [turn for turn, _ in groupby(one.turn for one in shown)]
    if len(turns) > len(set(turns)):
        yield f"{lane}: answers in disorder: {turns}"
    for before, after in pairwise(shown):
        if after.epoch < before.epoch:
            yield f"{lane}: {after.worker} posted turn {after.turn} after {before.worker} took over"


def lane(said: Said) -> str:
    """The lane of a message's turn."""
    return f"thread:{said.thread}" if said.thread else f"author:{said.author}"
