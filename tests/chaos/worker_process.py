"""A replica to be killed: Nellie with an instant model, and a platform behind a socket."""

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
from chaos.tool_steps import PlanningModel, held_at_each_step

from bot.bootstrap import started
from bot.config.settings import load
from bot.core.turn_run import TurnRun
from bot.domain.errors import NellieError
from bot.domain.model import Author, Channel, Chunk, Message, Prompt, Turn, Usage
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, Model, TurnControl
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.database import Database


@dataclass(frozen=True)
class WorkerSettings:
    """Who this replica is, and where its platform and its database are."""

    name: str
    port: int
    database: str
    lease: float
    log: str
    tools: str = ""
    """Where its tools are (chaos.tool_steps); it has none without."""


class InstantModel(Model):
    """Answers at once, in pieces, in words that the platform can foresee."""

    name = "instant"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        assert prompt.trigger
        for words in ("You asked: ", prompt.trigger.text, " That is", " all."):
            yield Chunk(words)
        yield Chunk("", "stop", Usage(self.name, prompt.tokens, 10))


class SocketAdapter(Adapter):
    """A platform that is reached with one line of JSON a request, and answers with one."""

    name = "socket"
    finds_posts = True

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._settings.port)
        self._send(hello=self._settings.name)
        async with asyncio.TaskGroup() as group:
            while raw := await reader.readline():
                line = json.loads(raw)
                if "reply" in line:
                    waiting = self._replies.pop(line["reply"])
                    if not waiting.done():  # whoever asked may be fenced by now
                        waiting.set_result(line)
                else:
                    group.create_task(self._receive(inbox, line))

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        assert isinstance(delivery_log, TurnRun)
        shown = ""
        async for piece in text:
            shown += piece
            await self._post(turn, shown, delivery_log, final=False)
        await self._post(turn, shown, delivery_log, final=True)

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        found: list[str] = (await self._request(look=turn.id))["found"]
        return tuple(found)

    async def _post(self, turn: Turn, text: str, run: TurnRun, *, final: bool) -> None:
        # Taken before the question: who is frozen after it is refused, or had asked in time.
        sent = time.monotonic()
        run.require_lease()
        reply = await self._request(
            post=turn.id,
            lane=f"{turn.channel.id} {turn.lane}",
            trigger=turn.trigger.id,
            text=text,
            final=final,
            epoch=run.lease.epoch,
            owner=run.lease.owner,
            sent=sent,
        )
        await run.add(reply["id"])

    async def _receive(self, inbox: Inbox, line: dict[str, Any]) -> None:
        try:
            await inbox.receive(_to_message(line["message"]))
        except NellieError as error:
            self._send(refused=line["deliver"], reason=str(error))
        else:
            self._send(acknowledged=line["deliver"])

    async def _request(self, **request: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._replies[number] = asyncio.get_running_loop().create_future()
        self._send(request=number, **request)
        return await self._replies[number]

    def _send(self, **line: Any) -> None:
        assert self._writer, "it is not connected"
        self._writer.write(json.dumps(line).encode() + b"\n")


def _to_message(fields: dict[str, Any]) -> Message:
    """A message as the platform writes it."""
    return Message(
        Channel("socket", "home", fields["channel"]),
        fields["id"],
        Author(fields["author"], fields["author"]),
        fields["text"],
        datetime.now(UTC),
        fields["thread"],
        addressed=fields["addressed"],
    )


def main(settings: WorkerSettings) -> None:
    """Work until the platform hangs up."""
    sys.stderr = open(settings.log, "w", buffering=1, encoding="utf-8")  # noqa: SIM115  # to the end
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper("%H:%M:%S.%f", utc=False),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(_work(settings))


async def _work(settings: WorkerSettings) -> None:
    chosen = load(lease=settings.lease)
    database, adapter = Database(settings.database), SocketAdapter(settings)
    model: Model = PlanningModel(settings.tools) if settings.tools else InstantModel()
    toolbox = held_at_each_step(settings.tools) if settings.tools else None
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    async with started(chosen, database, models, [adapter], toolbox=toolbox) as nellie:
        await adapter.run(nellie.inbox, nellie.turns, nellie.commands)
    await database.close()
