"""A whole Nellie on a stage, with a scripted model, as the engine's tests speak to her."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from doubles.model import Actor
from doubles.platform import Stage

from bot.conversation import Author, Channel, Command, Message, Received, Reply
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.settings import load
from bot.store.channels import ChannelState
from bot.store.database import Database

GENERAL = Channel("stage", "team", "C1", "general")
ANA, BOB, CARL = Author("U1", "ana"), Author("U2", "bob"), Author("U3", "carl")
Open = Callable[..., Awaitable["House"]]
SMALL = {"window_high": 400, "window_low": 100}
"""Settings of a house whose window is soon too long: for LINES, say."""
LINES = [f"talk number {n} about the harbour and its ships" for n in range(80)]
_NUMBERS = itertools.count(1)


def said(author: Author, text: str, **more: Any) -> Message:
    """A message with an id of its own, now, in #general."""
    given = {"channel": GENERAL, "id": f"m{next(_NUMBERS)}", "at": datetime.now(UTC), **more}
    return Message(author=author, text=text, **given)


@dataclass
class House:
    """The engine, and what stands around it."""

    engine: Engine
    model: Actor
    stage: Stage
    database: Database

    async def say(self, author: Author, text: str, **more: Any) -> Received:
        """Said, not to her."""
        return await self.engine.receive(said(author, text, **more))

    async def history(self, *texts: str, author: Author = BOB, **more: Any) -> None:
        """History that comes in, a minute between two messages."""
        start = datetime.now(UTC) - timedelta(days=2)
        past = (
            said(author, text, **{"at": start + timedelta(minutes=number), **more})
            for number, text in enumerate(texts)
        )
        await self.engine.remember([self.engine.checked(message) for message in past])

    async def begin(self, author: Author, text: str, **more: Any) -> int:
        """Said to her; the turn that it opened."""
        received = await self.say(author, text, addressed=True, **more)
        assert received.turn is not None
        return received.turn

    async def ask(self, author: Author, text: str, **more: Any) -> str:
        """Said to her; what she answered, once she has."""
        turn = await self.begin(author, text, **more)
        await self.engine.lanes.idle()
        return self.stage.shown.get(turn, "")

    async def command(self, line: str, author: Author = ANA, **more: Any) -> Reply:
        """A command as typed after the slash."""
        name, _, arguments = line.partition(" ")
        given = {"channel": GENERAL, "person": author, **more}
        return await self.engine.command(Command(name, arguments, **given))

    async def id(self, channel: Channel = GENERAL) -> int:
        return await self.engine.channels.id(channel)

    async def state(self, channel: Channel = GENERAL) -> ChannelState:
        return await self.engine.channels.state(await self.id(channel))

    async def compact(self, channel: Channel = GENERAL, **given: Any) -> int:
        return await self.engine.compaction.compact(await self.id(channel), **given)

    async def remembered(self, channel: Channel = GENERAL) -> list[Message]:
        """Every message, in order."""
        walk = self.engine.messages.walk(channel, await self.id(channel))
        return [message async for message in walk]

    async def texts(self, channel: Channel = GENERAL) -> list[str]:
        return [message.text for message in await self.remembered(channel)]

    async def covered(self, channel: Channel = GENERAL) -> None:
        """Segments and window hold every number once, without a gap and in order."""
        state = await self.state(channel)
        last = 0
        for segment, _ in await self.engine.summaries.segments(state.id):
            assert segment.first == last + 1
            assert segment.first <= segment.last
            within = range(segment.first, segment.last + 1)
            assert all(seq in within for one in segment.statements for seq in one.sources)
            last = segment.last
        assert last == state.watermark
        window = [one for one in await self.remembered(channel) if one.seq > last]
        assert state.window_tokens == sum(one.tokens for one in window)
        numbers = await self.rows("SELECT seq FROM message WHERE channel_id = :id", id=state.id)
        assert sorted(seq for (seq,) in numbers) == list(range(1, state.seq + 1))

    async def rows(self, statement: str, **values: object) -> list[Any]:
        async with self.database.single() as connection:
            return list(await connection.execute(sa.text(statement), values))

    async def rows_changed(self, statement: str) -> None:
        """What time or another program would have done."""
        async with self.database.single() as connection:
            await connection.execute(sa.text(statement))

    async def traces(self, needle: str) -> list[str]:
        """The tables and columns where this still stands, whatever their type."""
        columns = await self.rows(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        found = []
        for table, column in columns:
            query = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE :needle'  # noqa: S608  # names from the catalogue
            [[count]] = await self.rows(query, needle=f"%{needle}%")
            if count:
                found.append(f"{table}.{column}")
        return found


@asynccontextmanager
async def opened(
    database: Database, *, model: Actor | None = None, stage: Stage | None = None, **settings: Any
) -> AsyncIterator[House]:
    """A running house; its model stands behind the fallback, as every real one does."""
    model, stage = model or Actor(), stage or Stage()
    chosen = load(**settings)
    models = Models(chosen, loader=lambda names, given: Fallback([model], given))
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(Engine(chosen, database, models, [stage]))
        yield House(engine, model, stage, database)
