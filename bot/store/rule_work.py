"""What rules do: what is behind their cursors, and what becomes of it, in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.channels import ChannelState, to_state
from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.rules import Rule, to_rule
from bot.store.sql_files import load

_SQL = load("rule_work")

DUE = 100  # rules of one look, at most
TELLS = 5  # messages of an hour of which a rule tells one by one; those beyond are summed up


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that a rule has not passed yet."""

    seq: int
    said_at: datetime
    meant: bool
    """The rule is about it."""
    text: str
    edited_at: datetime | None
    """When it was given these words, where they are not its first."""


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """What a model made of a message."""

    read: Arrived
    label: str | None
    confidence: float


class RuleWork:
    """The progress of rules, and the labels that they gave."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, platforms: Sequence[str]) -> list[tuple[ChannelState, Rule]]:
        """The rules with something to look at on these platforms, the longest due first."""
        async with self._database.autocommit() as connection:
            values = {"platforms": list(platforms), "limit": DUE}
            rows = (await connection.execute(_SQL.find_due, values)).all()
        return [(to_state(row), to_rule(row)) for row in rows]

    async def read(self, rule: Rule, *, limit: int) -> list[Arrived]:
        """What is behind a rule's cursor, in order."""
        values = {"channel": rule.channel_id, "rule": rule.id, "cursor": rule.cursor}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.read, {**values, "limit": limit})
            return [
                Arrived(row.seq, row.said_at, row.meant, row.text, row.edited_at) for row in rows
            ]

    async def keep(
        self, rule: Rule, labels: Sequence[GivenLabel], *, to: int, passed: int = 0
    ) -> bool:
        """Move on to a message, with the labels up to there and whom they are told to.

        False, having changed nothing, where the rule was changed meanwhile, here or elsewhere.
        """
        key = {"channel": rule.channel_id, "rule": rule.id}
        moved = {"from": rule.cursor, "to": to, "passed": passed, "labelled": len(labels)}
        rows = [
            {
                "seq": one.read.seq,
                "label": one.label,
                "confidence": one.confidence,
                "edited": one.read.edited_at and one.read.edited_at.isoformat(),
            }
            for one in labels
        ]
        async with self._database.begin() as connection:
            await lock_channel(connection, rule.channel_id)
            if not (await connection.execute(_SQL.move_on, {**key, **moved})).rowcount:
                return False
            if rows:
                values = {**key, "rows": json.dumps(rows)}
                found = (await connection.execute(_SQL.add_labels, values)).all()
                await _owe(connection, key, [(row.seq, row.label) for row in found])
        return True

    async def wait(self, rule: Rule, until: datetime, trouble: str, *, failures: int = 0) -> None:
        """Look at it again at that time, and say why until then."""
        values = {
            "channel": rule.channel_id,
            "rule": rule.id,
            "from": rule.cursor,
            "until": until,
            "trouble": trouble,
            "failures": failures,
        }
        async with self._database.begin() as connection:
            await connection.execute(_SQL.wait, values)


async def _owe(
    connection: AsyncConnection, key: dict[str, int], told: Sequence[tuple[int, str]]
) -> None:
    """Owe what somebody is told of: one by one, and what is too much for an hour summed up."""
    if not told:
        return
    room = max(TELLS - int(await connection.scalar(_SQL.count_tells, key) or 0), 0)
    for seq, label in told[:room]:
        await connection.execute(_SQL.owe, {**key, "seq": seq, "label": label})
    for label, rest in groupby(sorted(told[room:], key=lambda one: one[1]), lambda one: one[1]):
        seqs = [seq for seq, _ in rest]
        await connection.execute(_SQL.sum_up, {**key, "seqs": seqs, "label": label})
