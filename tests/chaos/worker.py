"""A replica to be killed: the engine with an instant model, and a platform behind a socket."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.conversation import Author, Channel, Chunk, Message, Prompt, Turn, Usage
from bot.engine import Engine
from bot.errors import NellieError
from bot.llm.models import Models
from bot.ports import Adapter, Door, Model, Posts
from bot.settings import load
from bot.store.database import Database
from bot.turns import Run


@dataclass(frozen=True)
class Job:
    """Who this replica is, and where its platform and its database are."""

    name: str
    port: int
    database: str
    lease: float
    log: str


class Instant(Model):
    """Answers at once, in pieces, in words that the platform can foresee."""

    name = "instant"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        assert prompt.trigger
        for word in ("You asked: ", prompt.trigger.text, " That is", " all."):
            yield Chunk(word)
        yield Chunk("", "stop", Usage("instant", prompt.tokens, 10))


class Wire(Adapter):
    """A platform that is reached with one line of JSON a request, and answers with one."""

    name = "wire"

    def __init__(self, job: Job) -> None:
        self.job = job
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def run(self, door: Door) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self.job.port)
        self._send(hello=self.job.name)
        async with asyncio.TaskGroup() as group:
            while raw := await reader.readline():
                line = json.loads(raw)
                if "reply" in line:
                    waiting = self._replies.pop(line["reply"])
                    if not waiting.done():  # who asked may be fenced by now
                        waiting.set_result(line)
                else:
                    group.create_task(self._receive(door, line))

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        assert isinstance(posts, Run)
        shown = ""
        async for piece in text:
            shown += piece
            await self._post(turn, shown, posts, final=False)
        await self._post(turn, shown, posts, final=True)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        found: list[str] = (await self._ask(look=turn.id))["found"]
        return tuple(found)

    async def _post(self, turn: Turn, text: str, posts: Run, *, final: bool) -> None:
        # Taken before the question: who is frozen after it is refused, or had asked in time.
        sent = time.monotonic()
        posts.allow()
        reply = await self._ask(
            post=turn.id, lane=f"{turn.channel.id} {turn.lane}", trigger=turn.trigger.id,
            text=text, final=final, epoch=posts.lease.epoch, owner=posts.lease.owner, sent=sent,
        )  # fmt: skip
        await posts.add(reply["id"])

    async def _receive(self, door: Door, line: dict[str, Any]) -> None:
        try:
            await door.receive(message(line["message"]))
        except NellieError as error:
            self._send(refused=line["deliver"], reason=str(error))
        else:
            self._send(acknowledged=line["deliver"])

    async def _ask(self, **request: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._replies[number] = asyncio.get_running_loop().create_future()
        self._send(request=number, **request)
        return await self._replies[number]

    def _send(self, **line: Any) -> None:
        self._writer.write(json.dumps(line).encode() + b"\n")


def message(said: dict[str, Any]) -> Message:
    """A message as the platform writes it."""
    return Message(
        Channel("wire", "home", said["channel"]), said["id"],
        Author(said["author"], said["author"]), said["text"], datetime.now(UTC),
        said["thread"], addressed=said["addressed"],
    )  # fmt: skip


def main(job: Job) -> None:
    """Work until the platform hangs up."""
    sys.stderr = open(job.log, "w", buffering=1, encoding="utf-8")  # noqa: SIM115  # to the end
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper("%H:%M:%S.%f", utc=False),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(_work(job))


async def _work(job: Job) -> None:
    settings = load(lease=job.lease)
    database, wire = Database(job.database), Wire(job)
    models = Models(settings, loader=lambda names, given: Instant())
    async with Engine(settings, database, models, [wire]) as engine:
        await wire.run(engine)
    await database.close()
