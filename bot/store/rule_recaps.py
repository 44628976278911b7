"""When the recaps of rules are due, and what they count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.model import Channel
from bot.store.channels import to_state
from bot.store.database import Database
from bot.store.rules import Rule, to_rule
from bot.store.sql_files import load

_SQL = load("rule_recaps")


@dataclass(frozen=True, slots=True)
class DueRecap:
    """A recap whose time has come."""

    channel: Channel
    rule: Rule
    rhythm: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """How often a label was given in a period, and in the one before; None is abstained."""

    label: str | None
    lately: int
    before: int


class RuleRecaps:
    """What is posted of rules by the clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, platforms: Sequence[str]) -> list[DueRecap]:
        """The recaps that are due on these platforms, the longest due first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_due, {"platforms": list(platforms)})
            found = [(to_state(row).channel, to_rule(row)) for row in rows]
        return [
            DueRecap(channel, rule, rule.recap, rule.recap_since or rule.since, rule.recap_at)
            for channel, rule in found
            if rule.recap and rule.recap_at
        ]

    async def advance(self, due: DueRecap, next_at: datetime) -> None:
        """Set the next time of one whose turn is open; the next one begins where it ends."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.advance, {**_key(due), "next": next_at})

    async def postpone(self, due: DueRecap) -> None:
        """Look at one that cannot be opened again in an hour, not before the others."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.postpone, _key(due))

    async def counts(self, rule: Rule, since: datetime, until: datetime) -> Sequence[PeriodCount]:
        """By label, in a period and in one of the same length before it."""
        period = {"since": since, "until": until, "before": since - (until - since)}
        values = {"channel": rule.channel_id, "rule": rule.id, **period}
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.counts, values)
            return [PeriodCount(row.label, row.lately, row.before) for row in rows]

    async def examples(
        self, rule: Rule, since: datetime, until: datetime, *, most: int
    ) -> Mapping[str, list[str]]:
        """By label, where the messages stand that it fits best."""
        period = {"since": since, "until": until, "most": most}
        values = {"channel": rule.channel_id, "rule": rule.id, **period}
        links = dict[str, list[str]]()
        async with self._database.autocommit() as connection:
            for row in await connection.execute(_SQL.examples, values):
                links.setdefault(row.label, []).append(row.link)
        return links


def _key(due: DueRecap) -> dict[str, object]:
    rule = due.rule
    return {"channel": rule.channel_id, "rule": rule.id, "former": due.until}
