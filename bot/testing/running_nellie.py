"""A running Nellie for tests: on a fake platform, with a scripted model and a real Postgres."""

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.bootstrap import Nellie, started
from bot.config.settings import load
from bot.core.message_checks import checked
from bot.domain.model import Author, Channel, Command, Message, Received, Reply
from bot.domain.ports import Adapter, Model, Toolbox
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.testing.fake_platform import FakePlatform
from bot.testing.postgres import temporary_database
from bot.testing.scripted_model import ScriptedModel

GENERAL = Channel("fake", "team", "C1", "general")
ANA, BOB, CARL = Author("U1", "ana"), Author("U2", "bob"), Author("U3", "carl")
_NUMBERS = itertools.count(1)


def new_message(author: Author, text: str, **fields: Any) -> Message:
    """A message with an id of its own, now, in #general unless `fields` say otherwise."""
    given = {"channel": GENERAL, "id": f"m{next(_NUMBERS)}", "at": datetime.now(UTC), **fields}
    return Message(author=author, text=text, **given)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunningNellie:
    """All parts of a running Nellie, and what stands around them.

    Without a repr: asyncio asks for that of each task's result, and this one's holds everything.
    """

    parts: Nellie
    model: Any
    """The model that it was given, a ScriptedModel by default; it stands behind the fallback."""
    platform: FakePlatform
    database: Database
    _stack: AsyncExitStack

    async def serve(self) -> None:
        """Run the adapters, as `nellie run` does; returns once each of them has ended."""
        await self.parts.supervisor.serve(self.parts.adapters.values())

    async def close(self) -> None:
        """End as at SIGTERM, before the block does."""
        await self._stack.aclose()

    async def crash(self) -> None:
        """End as a killed process does: what it was working on is left to another replica."""
        for task in list(self.parts.lanes._tasks.values()):
            task.cancel()
        await self.close()

    async def say(self, author: Author, text: str, **fields: Any) -> Received:
        """Somebody says this, to nobody in particular."""
        return await self.parts.inbox.receive(new_message(author, text, **fields))

    async def open_turn(self, author: Author, text: str, **fields: Any) -> int:
        """Somebody asks Nellie; the id of the turn, which may still run."""
        received = await self.say(author, text, addressed=True, **fields)
        assert received.turn is not None, "it opened no turn"
        return received.turn

    async def ask(self, author: Author, text: str, **fields: Any) -> str:
        """Somebody asks Nellie; the answer as the fake platform shows it, once it is whole."""
        turn = await self.open_turn(author, text, **fields)
        await self.parts.lanes.idle()
        return self.platform.shown.get(turn, "")

    async def run_command(self, line: str, author: Author = ANA, **fields: Any) -> Reply:
        """A command, as it is typed after the slash."""
        name, _, arguments = line.partition(" ")
        given = {"channel": GENERAL, "person": author, **fields}
        return await self.parts.commands.run(Command(name, arguments, **given))

    async def add_history(self, *texts: str, author: Author = BOB, **fields: Any) -> None:
        """Messages of two days ago, a minute between one and the next."""
        start = datetime.now(UTC) - timedelta(days=2)
        messages = (
            new_message(author, text, **{"at": start + timedelta(minutes=number), **fields})
            for number, text in enumerate(texts)
        )
        await self.parts.acceptance.remember([checked(message) for message in messages])

    async def channel_id(self, channel: Channel = GENERAL) -> int:
        """The channel's id in the database."""
        return await self.parts.stores.channels.id(channel)

    async def channel_state(self, channel: Channel = GENERAL) -> ChannelState:
        """What is kept of a channel."""
        return await self.parts.stores.channels.state(await self.channel_id(channel))

    async def compact(self, channel: Channel = GENERAL, **options: Any) -> int:
        """Compact a channel now; returns how many segments were made."""
        return await self.parts.compaction.compact(await self.channel_id(channel), **options)

    async def messages(self, channel: Channel = GENERAL) -> list[Message]:
        """Everything that is remembered of a channel, in order."""
        walk = self.parts.stores.messages.read_in_order(channel, await self.channel_id(channel))
        return [message async for message in walk]

    async def texts(self, channel: Channel = GENERAL) -> list[str]:
        """The texts of everything that is remembered of a channel, in order."""
        return [message.text for message in await self.messages(channel)]

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """What a statement finds in the database."""
        async with self.database.autocommit() as connection:
            found = await connection.execute(sa.text(sql), values)
            return list(found) if found.returns_rows else []

    async def find_traces(self, needle: str) -> list[str]:
        """The tables and columns where this text stands, whatever their type."""
        columns = await self.rows(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
            " WHERE relnamespace = CAST('public' AS regnamespace) AND relkind = 'r'"
            " AND attnum > 0 AND NOT attisdropped AND pg_relation_size(pg_class.oid) > 0"
        )
        names: dict[str, list[str]] = {}
        for table, column in columns:
            names.setdefault(table, []).append(column)
        # One statement for all: a test looks often, and there are hundreds of columns.
        looks = " UNION ALL ".join(_look_through(table, of) for table, of in names.items())
        sql = f"SELECT place FROM ({looks}) AS look WHERE place IS NOT NULL"  # noqa: S608  # names of our own tables
        return sorted(place for (place,) in await self.rows(sql, needle=needle))


@asynccontextmanager
async def running_nellie(
    database: Database | None = None,
    *,
    model: Model | None = None,
    platform: FakePlatform | None = None,
    adapters: Iterable[Adapter] = (),
    toolbox: Toolbox | None = None,
    **settings: Any,
) -> AsyncIterator[RunningNellie]:
    """A Nellie that runs as long as the block, without scheduled jobs.

    Without a database it makes one, on a Postgres of its own; without a model it has a
    ScriptedModel, without a platform a FakePlatform. Other adapters run once `serve` is called.
    `settings` are those of bot.config.settings.Settings.
    """
    model, platform = model or ScriptedModel(), platform or FakePlatform()
    chosen = load(**settings)
    models = ModelRegistry(chosen, loader=lambda names, given: Fallback([model], given))
    async with AsyncExitStack() as stack:
        if database is None:
            database = await stack.enter_async_context(temporary_database())
        stack.push_async_callback(models.close)
        nellie = started(chosen, database, models, [platform, *adapters], toolbox=toolbox)
        parts = await stack.enter_async_context(nellie)
        yield RunningNellie(
            parts=parts, model=model, platform=platform, database=database, _stack=stack
        )


def _look_through(table: str, columns: Iterable[str]) -> str:
    """SQL for the places in a table where `:needle` stands."""
    looks = (
        f'CASE WHEN bool_or(strpos(lower(CAST("{column}" AS text)), lower(:needle)) > 0)'
        f" THEN '{table}.{column}' END"
        for column in columns
    )
    return f'SELECT unnest(ARRAY[{", ".join(looks)}]) AS place FROM "{table}"'  # noqa: S608  # the same
