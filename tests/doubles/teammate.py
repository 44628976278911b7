"""Nellie as programs meet her, without a server between: her models, and who calls."""

import json
from contextlib import AsyncExitStack
from typing import Any, Self

from bot.domain.api import Caller, read_body
from bot.domain.model import Author, Channel
from bot.gateway.teammate.models import TeammateParts
from bot.gateway.teammate.rights import Rights
from bot.gateway.teammate.source import TeammateModels
from bot.store.database import Database
from bot.testing import RunningNellie, running_nellie
from bot.testing.fake_platform import FakePlatform


def caller_of(person: Author, *, platform: str = "fake", key: int = 1) -> Caller:
    """A key of somebody."""
    return Caller(
        key_id=key,
        platform=platform,
        workspace="team",
        person_id=person.id,
        name=person.name,
        team="",
    )


class Teammate:
    """One replica; `clock` stands in for time."""

    def __init__(self, database: Database, **given: Any) -> None:
        self.platform = given.pop("platform", None) or FakePlatform()
        self.now = 0.0
        self.pauses: list[float] = []
        """How long refusals were held back."""
        self._database, self._given = database, given
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        running = running_nellie(self._database, platform=self.platform, **self._given)
        self.nellie: RunningNellie = await self._stack.enter_async_context(running)
        parts = self.nellie.parts
        self.rights = Rights(parts.adapters, lambda: self.now)
        self.models = TeammateModels(
            TeammateParts.on(
                parts.stores,
                gathering=parts.gathering,
                call_queue=parts.call_queue,
                commands=parts.commands,
            ),
            parts.stores.channels,
            self.rights,
            lambda: self.now,
            self._pause,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def let_in(self, channel: Channel, *people: Author) -> None:
        """These people, and no others, are in a channel."""
        self.platform.readers[channel.id] = {one.id for one in people}

    async def names(self, person: Author, **who: Any) -> list[str]:
        """The models that somebody is offered."""
        return [one.id for one in await self.models.offer(caller_of(person, **who))]

    async def ask(
        self, person: Author, text: str, *, model: str = "nellie", who: Any = None, **more: Any
    ) -> str:
        """What somebody's key is answered. Raises LookupError for a model that is not theirs."""
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        caller = caller_of(person, **(who or {}))
        found = await self.models.find(caller, model)
        if found is None:
            raise LookupError(model)
        answer = await found.chat(caller, body)
        if answer.events is None:
            assert answer.body is not None
            return str(read_body(answer.body)["choices"][0]["message"]["content"])
        chunks = [read_body(event) async for event in answer.events]
        deltas = [one["choices"][0]["delta"] for one in chunks if one["choices"]]
        return "".join(delta.get("content") or "" for delta in deltas)

    async def everything(self) -> str:
        """All rows of all tables, as one text."""
        names = [
            name
            for (name,) in await self.nellie.rows(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            )
        ]
        rows = {
            name: [
                row
                for (row,) in await self.nellie.rows(f'SELECT t::text FROM "{name}" t ORDER BY 1')  # noqa: S608  # its own names
            ]
            for name in names
            if name != "replica"  # its heartbeat
        }
        return json.dumps(rows, indent=1)
