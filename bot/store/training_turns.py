"""Turns that may be training data, and what stood around them: read in pieces, never at once."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime

from bot.domain.documents import FoundPassage, Passage
from bot.domain.model import Channel
from bot.domain.training import (
    AnsweredTurn,
    Candidate,
    Choice,
    Place,
    SaidBefore,
    ShownPassage,
    WhoWrote,
)
from bot.store.channels import ChannelState
from bot.store.database import Database
from bot.store.hot_connections import Row
from bot.store.messages import to_message
from bot.store.sql_files import load

_SQL = load("training_turns")

AT_ONCE = 200  # turns that are read together
WITHIN = 500  # messages after an answer among which what corrects it is looked for
GROUNDED = ("search_memory",)
"""Tools whose results an answer's prompt holds anyway: messages, which it rests on."""


class TrainingTurns:
    """The turn table, as a dataset is made from it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, choice: Choice) -> dict[str, int]:
        """How many turns there are, by why they are left out; "" are those that are not."""
        rows = await self._database.fetch(_SQL.count, choice.values)
        return {row.why or "": row.turns for row in rows}

    async def borders(
        self, choice: Choice, shares: Sequence[float]
    ) -> tuple[datetime | None, list[datetime]]:
        """When the first of the chosen threads began, and when so large a share of them had."""
        rows = await self._database.fetch(_SQL.borders, {**choice.values, "shares": [*shares]})
        return rows[0].first, list(rows[0].borders or ())

    async def choose(self, choice: Choice) -> AsyncGenerator[list[Candidate]]:
        """The chosen turns by channel, in their order there, so many at a time."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.without_limit)
            found = await connection.stream(_SQL.choose, choice.values)
            async for rows in found.partitions(AT_ONCE):
                yield [Candidate(*row) for row in rows]

    async def read(
        self, turns: Sequence[int], channels: Mapping[int, ChannelState]
    ) -> dict[int, AnsweredTurn]:
        """Turns with their words, by id, without those whose question is forgotten."""
        values = {"turns": [*turns], "grounded": [*GROUNDED]}
        rows = await self._database.fetch(_SQL.read, values)
        return {row.turn: _to_turn(row, channels[row.channel_id].channel) for row in rows}

    async def read_messages(
        self,
        spans: Sequence[tuple[int, int, int]],
        recalled: Sequence[Place],
        channels: Mapping[int, ChannelState],
    ) -> dict[Place, SaidBefore]:
        """Messages between numbers (a channel, the first, the last), and single ones."""
        values = {
            "channels": [channel for channel, _, _ in spans],
            "firsts": [first for _, first, _ in spans],
            "lasts": [last for _, _, last in spans],
            "recalled_in": [channel for channel, _ in recalled],
            "recalled": [seq for _, seq in recalled],
        }
        rows = await self._database.fetch(_SQL.read_messages, values)
        read: dict[Place, SaidBefore] = {}
        for row in rows:
            channel_id, absent = row[-2:]
            message = to_message(row, channels[channel_id].channel)
            read[channel_id, message.seq] = SaidBefore(message, absent)
        return read

    async def read_followers(
        self, turns: Sequence[AnsweredTurn], channels: Mapping[int, ChannelState]
    ) -> dict[int, SaidBefore]:
        """What a person said first after each of these answers, by turn."""
        values = {
            "turns": [one.id for one in turns],
            "channels": [one.channel_id for one in turns],
            "lasts": [one.last for one in turns],
            "threads": [one.question.thread for one in turns],
            "answers": [one.answer_id for one in turns],
            "within": WITHIN,
        }
        rows = await self._database.fetch(_SQL.read_followers, values) if turns else []
        return {
            row.turn: SaidBefore(to_message(row, channels[row.channel_id].channel), row.absent)
            for row in rows
        }

    async def asked_again(self, turns: Sequence[int]) -> dict[int, int]:
        """For each of these turns the later one of the same question, found good, if any."""
        values = {"turns": [*turns], "within": WITHIN}
        rows = await self._database.fetch(_SQL.read_asked_again, values) if turns else []
        return {row.turn: row.again for row in rows}

    async def read_passages(
        self, turns: Sequence[AnsweredTurn]
    ) -> dict[int, dict[int, ShownPassage]]:
        """The passages that these turns were shown, by turn and place; those still there."""
        shown = [
            (turn.id, turn.channel_id, document, number, position)
            for turn in turns
            for position, (document, number) in enumerate(turn.documents)
        ]
        names = ("turns", "channels", "documents", "numbers", "positions")
        values = {name: [one[at] for one in shown] for at, name in enumerate(names)}
        rows = await self._database.fetch(_SQL.read_passages, values) if shown else []
        found: dict[int, dict[int, ShownPassage]] = {}
        for row in rows:
            found.setdefault(row.turn, {})[row.position] = _to_passage(row)
        return found

    async def people(self) -> AsyncGenerator[WhoWrote]:
        """Everybody who wrote something in any channel, by every name; and who opted out."""
        async with self._database.begin() as connection:
            await connection.execute(_SQL.without_limit)
            async for row in await connection.stream(_SQL.get_people):
                yield WhoWrote(*row)

    async def forgotten(self, channels: Sequence[int]) -> tuple[int, int]:
        """What is another when anything was forgotten in these channels, or anybody opted out."""
        rows = await self._database.fetch(_SQL.get_forgotten, {"channels": [*channels]})
        return rows[0].forgotten, rows[0].opted_out


def _to_turn(row: Row, channel: Channel) -> AnsweredTurn:
    return AnsweredTurn(
        id=row.turn,
        channel_id=row.channel_id,
        question=to_message(row, channel),
        answer=row.answer or "",
        answered=row.answered or row.said_at,
        first=row.first or 0,
        last=row.last or 0,
        answer_id=(row.ids or [""])[-1],
        shown_from=row.shown_from,
        rests_on=row.rests_on,
        documents=list(zip(row.documents or (), row.passages or (), strict=False)),
        model=row.model or "",
        calls=row.calls or (),
        calls_gone=bool(row.calls_gone),
    )


def _to_passage(row: Row) -> ShownPassage:
    passage = Passage(
        number=row.number,
        heading=row.heading,
        text=row.text,
        first_page=row.first_page,
        last_page=row.last_page,
    )
    found = FoundPassage(
        document_id=row.document_id,
        name=row.name,
        passage=passage,
        tokens=row.tokens,
        link=row.link,
        author=row.author,
        at=row.at,
        kind=row.kind,
    )
    return ShownPassage(found, row.author_id or "")
