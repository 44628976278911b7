"""Rules on arrival: what messages of a channel are labelled by, and what is done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.pings import Ping
from bot.store.database import Database
from bot.store.message_inserts import lock_channel
from bot.store.sql_files import load

_SQL = load("rules")

MOST_RULES = 10  # of a channel
MOST_A_DAY = 1_000  # messages of a rule, unless it says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, as read at one moment."""

    channel_id: int
    id: int
    name: str
    labels: tuple[str, ...]
    label_set: str
    """The kept set that it takes its labels from, where they are not its own."""
    enabled: bool
    since: datetime
    """What was said before is not labelled."""
    cursor: int
    """Up to which message it has come."""
    most: int
    """Messages a day."""
    today: int
    """Messages that it has labelled today, in UTC."""
    passed: int
    """Messages that waited for too long, and were not labelled."""
    due_at: datetime
    failures: int
    trouble: str
    """Why it waits, in words of ours."""
    recap: str | None
    recap_at: datetime | None
    recap_since: datetime | None

    @property
    def left_today(self) -> int:
        """Messages that it may still label today."""
        return max(self.most - self.today, 0)


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How often a rule gave a label; None is what the model abstained from."""

    label: str | None
    total: int
    lately: int


class Rules:
    """The rule table, with whom rules tell."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, channel_id: int) -> list[Rule]:
        """The rules of a channel, by name."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_all, {"channel": channel_id})
            return [to_rule(row) for row in rows]

    async def find(self, channel_id: int, name: str) -> Rule | None:
        """The rule of this name."""
        return await self._one(_SQL.find, {"channel": channel_id, "name": name})

    async def get(self, channel_id: int, rule_id: int) -> Rule | None:
        """The rule of this number."""
        return await self._one(_SQL.get, {"channel": channel_id, "rule": rule_id})

    async def add(
        self, channel_id: int, name: str, labels: Sequence[str], *, label_set: str = ""
    ) -> Rule | None:
        """Label what is said from now on; None where the channel has too many, or this one."""
        new = {"name": name, "labels": list(labels), "label_set": label_set, "most": MOST_A_DAY}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            count = await connection.scalar(_SQL.count, {"channel": channel_id})
            if int(count or 0) >= MOST_RULES:
                return None
            row = (await connection.execute(_SQL.add, {"channel": channel_id, **new})).one_or_none()
        return None if row is None else to_rule(row)

    async def switch(self, rule: Rule, *, on: bool) -> None:
        """Stop labelling; or begin again, with what is said from now on."""
        async with self._database.begin() as connection:
            await lock_channel(connection, rule.channel_id)
            await connection.execute(_SQL.switch, {**_key(rule), "enabled": on})

    async def set_most(self, rule: Rule, most: int) -> None:
        """Label at most so many messages a day."""
        await self._do(_SQL.set_most, rule, most=most)

    async def set_recap(self, rule: Rule, rhythm: str | None, next_at: datetime | None) -> None:
        """Post a recap in this rhythm, or none; the first one tells what comes from now on."""
        await self._do(_SQL.set_recap, rule, recap=rhythm, next=next_at)

    async def tell(self, rule: Rule, label: str, ping: Ping) -> bool:
        """Tell somebody of a label from now on; False where they have opted out."""
        target = {"kind": ping.kind, "target_id": ping.id, "target_name": ping.name}
        async with self._database.begin() as connection:
            await lock_channel(connection, rule.channel_id)  # whoever opts out holds it, too
            values = {**_key(rule), "label": label, **target}
            return (await connection.execute(_SQL.set_ping, values)).rowcount == 1

    async def tell_nobody(self, rule: Rule, label: str) -> None:
        """Tell nobody of a label from now on."""
        await self._do(_SQL.remove_ping, rule, label=label)

    async def pings(self, rule: Rule) -> Mapping[str, Ping]:
        """By label, whom a rule tells."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.get_pings, _key(rule))
            return {row.label: to_ping(row) for row in rows}

    async def remove(self, rule: Rule) -> None:
        """Forget a rule with all that it has counted."""
        async with self._database.begin() as connection:
            await lock_channel(connection, rule.channel_id)
            await connection.execute(_SQL.remove, _key(rule))

    async def counts(self, rule: Rule, since: datetime) -> list[LabelCount]:
        """How often each label was given: in all, and since a moment."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.counts, {**_key(rule), "since": since})
            return [LabelCount(row.label, row.total, row.lately) for row in rows]

    async def waiting(self, rule: Rule) -> int:
        """How many messages are still to be labelled; not more than ten thousand are counted."""
        async with self._database.autocommit() as connection:
            return int(await connection.scalar(_SQL.count_waiting, _key(rule)) or 0)

    async def _one(self, sql: sa.TextClause, values: Mapping[str, object]) -> Rule | None:
        async with self._database.autocommit() as connection:
            row = (await connection.execute(sql, values)).one_or_none()
            return None if row is None else to_rule(row)

    async def _do(self, sql: sa.TextClause, rule: Rule, **values: object) -> None:
        async with self._database.begin() as connection:
            await connection.execute(sql, {**_key(rule), **values})


def to_rule(row: sa.Row[tuple[Any, ...]]) -> Rule:
    """A rule, from a row of the columns of rules.sql."""
    return Rule(
        channel_id=row.rule_channel,
        id=row.rule_id,
        name=row.rule_name,
        labels=tuple(row.labels),
        label_set=row.label_set,
        enabled=row.enabled,
        since=row.since,
        cursor=row.cursor,
        most=row.most,
        today=row.today,
        passed=row.passed,
        due_at=row.due_at,
        failures=row.failures,
        trouble=row.trouble,
        recap=row.recap,
        recap_at=row.recap_at,
        recap_since=row.recap_since,
    )


def to_ping(row: sa.Row[tuple[Any, ...]]) -> Ping:
    """Whom a rule tells, from a row of rule_ping."""
    return Ping(row.kind, row.target_id, row.target_name)


def _key(rule: Rule) -> dict[str, object]:
    return {"channel": rule.channel_id, "rule": rule.id}
