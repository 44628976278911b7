"""Prompts that were tuned for a channel: applied whole, and taken back exactly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.sql_files import load

_SQL = load("tuned_prompts")

Texts = Mapping[str, str | None]
"""By part (persona, rules, summary); None where the general text holds."""


@dataclass(frozen=True, slots=True)
class Applied:
    """Prompts that were applied last, and what they took the place of."""

    number: int
    at: datetime
    applied: Texts
    former: Texts


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of each part."""

    former: Texts
    """What holds again."""
    kept: tuple[str, ...]
    """Parts that somebody has changed since: they stay as they are."""


def texts_of(state: ChannelState) -> dict[str, str | None]:
    """What a channel has of its own now."""
    return {
        "persona": state.persona,
        "rules": state.answer_style or None,
        "summary": state.summary_wanted or None,
    }


class TunedPrompts:
    """The prompts of channels, as an operator changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, channel_id: int, texts: Texts, *, seen: Texts) -> bool:
        """Set these parts, all or none; False where what was `seen` has changed meanwhile."""
        async with self._database.begin() as connection:
            now = await self._lock(connection, channel_id)
            if any(now[part] != seen[part] for part in texts):
                return False
            former = {part: now[part] for part in texts}
            await connection.execute(
                _SQL.add,
                {
                    "channel": channel_id,
                    "applied": json.dumps(dict(texts)),
                    "former": json.dumps(former),
                },
            )
            await self._set(connection, channel_id, {**now, **texts})
            return True

    async def newest(self, channel_id: int) -> Applied | None:
        """What was applied last and not taken back."""
        async with self._database.autocommit() as connection:
            return await self._newest(connection, channel_id)

    async def take_back(self, channel_id: int, number: int) -> TakenBack | None:
        """Undo what was applied last; None where that is not this number any more.

        A part that was changed since, as by /persona, is left alone.
        """
        async with self._database.begin() as connection:
            now = await self._lock(connection, channel_id)
            last = await self._newest(connection, channel_id)
            if last is None or last.number != number:
                return None
            kept = tuple(part for part, text in last.applied.items() if now[part] != text)
            back = {part: text for part, text in last.former.items() if part not in kept}
            values = {"channel": channel_id, "number": number}
            await connection.execute(_SQL.remove, values)
            if back:
                await self._set(connection, channel_id, {**now, **back})
            return TakenBack(back, kept)

    async def _lock(self, connection: AsyncConnection, channel_id: int) -> dict[str, str | None]:
        row = (await connection.execute(_SQL.lock, {"channel": channel_id})).mappings().one()
        return {part: text or None for part, text in row.items()}

    async def _newest(self, connection: AsyncConnection, channel_id: int) -> Applied | None:
        found = await connection.execute(_SQL.get_newest, {"channel": channel_id})
        row: Any = found.one_or_none()
        return row and Applied(row.number, row.at, row.applied, row.former)

    async def _set(self, connection: AsyncConnection, channel_id: int, texts: Texts) -> None:
        await connection.execute(_SQL.set, {"channel": channel_id, **texts})
