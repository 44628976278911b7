"""The platform of the kill tests: delivers until acknowledged, and keeps all that it is shown."""

import asyncio
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

REDELIVER = 1.5  # seconds without an acknowledgement after which an event is delivered again
SLOW = 0.012  # seconds that a request may take
PATIENCE = 40  # seconds that anything may take


@dataclass(frozen=True)
class Sent:
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

    @property
    def lane(self) -> str:
        """The lane of its turn."""
        return f"thread:{self.thread}" if self.thread else f"author:{self.author}"


@dataclass(frozen=True)
class Post:
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


@dataclass
class SocketPlatform:
    """One platform with several workers behind it. A turn's post is replaced in place."""

    rng: random.Random
    sent: list[Sent] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    workers: dict[str, asyncio.StreamWriter] = field(default_factory=dict)
    """By name, the connections of the workers that are there."""
    withheld: asyncio.Future[Post] | None = None
    """Set it to have the reply to the next replacement of an unfinished post wait for `release`."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    _something_happened: asyncio.Event = field(default_factory=asyncio.Event)
    _events: list[tuple[float, str, str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _unacknowledged: dict[int, tuple[str, asyncio.Future[bool]]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _start: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Listen as long as the block lasts, at this port; then hang up on everybody."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in self.workers.values():
                writer.close()
            await self.until(lambda: not self.workers)
            await server.wait_closed()

    def note(self, event: str, lane: str = "") -> None:
        """Something happened, in one lane or to all."""
        self._events.append((time.monotonic() - self._start, lane, event))
        self._something_happened.set()

    async def send(self, message: Sent, *, times: int = 1) -> None:
        """Deliver a message until it is acknowledged, and that so often."""
        self.sent.append(message)
        await asyncio.gather(*(self._deliver(message) for _ in range(times)))

    async def until(self, true: Callable[[], bool]) -> None:
        """Return once it is true of the workers or of what they posted."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._something_happened.clear()
                await self._something_happened.wait()

    async def _deliver(self, message: Sent) -> None:
        while not await self._is_acknowledged(message):  # noqa: ASYNC110  # by another process
            await asyncio.sleep(0.02)

    async def _is_acknowledged(self, message: Sent) -> bool:
        """Deliver it to one worker; whether that acknowledges it in time."""
        if not self.workers:
            return False
        worker, number = self.rng.choice(list(self.workers)), next(self._numbers)
        acknowledged: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._unacknowledged[number] = (worker, acknowledged)
        self._send(worker, deliver=number, message=vars(message))
        try:
            async with asyncio.timeout(REDELIVER):
                return await acknowledged
        except TimeoutError:
            return False
        finally:
            del self._unacknowledged[number]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker = json.loads(await reader.readline())["hello"]
        self.workers[worker] = writer
        self.note(f"{worker} is here")
        try:
            while raw := await reader.readline():
                self._take(worker, json.loads(raw))
        except OSError:  # killed in the middle of a line
            pass
        finally:
            del self.workers[worker]
            self.note(f"{worker} is gone")
            for other, acknowledged in self._unacknowledged.values():
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
        _, acknowledged = self._unacknowledged.get(number, (worker, None))
        if acknowledged and not acknowledged.done():
            acknowledged.set_result("acknowledged" in line)

    async def _reply(self, worker: str, line: dict[str, Any]) -> None:
        number = line.pop("request")
        if "look" in line:
            is_posted = any(post.turn == line["look"] for post in self.posts)
            self._send(worker, reply=number, found=[f"post-{line['look']}"] * is_posted)
            return
        post = Post(worker, line.pop("post"), **line)
        replaces = any(former.turn == post.turn for former in self.posts)
        self.posts.append(post)
        what = "the end" if post.final else f"{len(post.text)} characters"
        self.note(f"{worker}: turn {post.turn} epoch {post.epoch}: {what}", post.lane)
        await asyncio.sleep(self.rng.random() * SLOW)
        if self.withheld and not self.withheld.done() and replaces and not post.final:
            self.withheld.set_result(post)
            await self.release.wait()
        self._send(worker, reply=number, id=f"post-{post.turn}")

    def _send(self, worker: str, **line: Any) -> None:
        if worker in self.workers:
            self.workers[worker].write(json.dumps(line).encode() + b"\n")

    def find_faults(self) -> Iterator[str]:
        """What the people in the channels would complain about."""
        by_trigger, by_lane = defaultdict(list), defaultdict(list)
        for post in sorted(self.posts, key=lambda post: post.sent):
            by_trigger[post.trigger].append(post)
            by_lane[post.lane].append(post)
        for message in self.sent:
            yield from _check_answer(message, by_trigger.pop(message.id, []))
        yield from (f"{trigger}: answered unasked" for trigger in by_trigger)
        for lane, posts in by_lane.items():
            yield from _check_order(lane, posts)

    def events_of(self, text: str) -> str:
        """What happened in the lanes that a text names, and to everybody."""
        return "\n".join(
            f"{at:8.3f} {lane:24} {event}"
            for at, lane, event in self._events
            if not lane or lane in text
        )


def _check_answer(message: Sent, posts: list[Post]) -> Iterator[str]:
    where = f"{message.id} ({message.channel} {message.lane})"
    if not message.addressed:
        if posts:
            yield f"{where}: answered unasked"
    elif not posts:
        yield f"{where}: never answered"
    elif len({post.turn for post in posts}) > 1:
        yield f"{where}: answered twice"
    elif not posts[-1].final or posts[-1].text != message.answer:
        yield f"{where}: the answer is left at {posts[-1].text!r}"


def _check_order(lane: str, posts: list[Post]) -> Iterator[str]:
    turns = [turn for turn, _ in groupby(post.turn for post in posts)]
    if len(turns) > len(set(turns)):
        yield f"{lane}: answers in disorder: {turns}"
    for before, after in pairwise(posts):
        if after.epoch < before.epoch:
            yield f"{lane}: {after.worker} posted turn {after.turn} after {before.worker} took over"
