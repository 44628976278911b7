"""Edits and deletions: what was said changes together with everything that rests on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.terms import extract_terms
from bot.store.database import Database
from bot.store.digest_answers import find_digest_answers
from bot.store.heartbeat import STOP_REQUESTS
from bot.store.message_inserts import NewMessage, add, lock_channel
from bot.store.posted_files import delete_documents, release_files, weigh_documents
from bot.store.postings import LOOKED_UP, Indexed, index, unindex
from bot.store.resting_answers import find_resting_answers
from bot.store.sql_files import load

_SQL = load("message_edits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What would go with messages that are forgotten."""

    first: datetime | None
    """When the oldest of them was said."""
    answers: int
    """Nellie's own answers: among them, and those that rest on them."""
    summaries: int
    """That they are part of: these are made again without them."""
    documents: int = 0
    """That were posted with them alone, or were added by who said them."""
    examples: int = 0
    """Of labels, that a channel keeps."""


class MessageEdits:
    """Rewrites and forgets. Every change is one transaction under the channel's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def edit(
        self, channel_id: int, message_id: str, text: str, tokens: int, at: datetime | None = None
    ) -> bool:
        """Rewrite a message in place; False when it is unknown, forgotten or the same.

        `at` is when it was edited: what was edited later than that stays, and this is False.

        New words of a person who opted out are not remembered: the message is emptied.
        """
        values = {"channel": channel_id, "id": message_id, "text": text, "tokens": tokens, "at": at}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            opted_out = await connection.scalar(_SQL.find_opted_out, values)
            if opted_out is not None:
                return bool(await forget(connection, channel_id, [opted_out]))
            row = (await connection.execute(_SQL.edit, values)).one_or_none()
            if row is None or row.former == text:
                return False
            former = Indexed(row.seq, f"{row.author_name} {row.former}")
            terms = extract_terms(f"{row.author_name} {text}").keys()
            told = await find_digest_answers(connection, channel_id, [row.seq], terms)
            words = await unindex(connection, channel_id, [former])
            await index(connection, channel_id, Indexed(row.seq, f"{row.author_name} {text}"))
            await connection.execute(_SQL.mark_dirty, {"channel": channel_id, "seqs": [row.seq]})
            await empty(connection, channel_id, told)
            await _forget_answers(connection, channel_id, row.seq, words - terms)
            return True

    async def is_outdated(self, channel_id: int, message_id: str, at: datetime | None) -> bool:
        """Whether a message was edited after this time."""
        if at is None:
            return False
        values = {"channel": channel_id, "id": message_id, "at": at}
        async with self._database.autocommit() as connection:
            return bool(await connection.scalar(_SQL.is_outdated, values))

    async def move(self, channel_id: int, former: NewMessage, id: str, link: str) -> bool:
        """Give a message another id; its former one is kept out. False when it is unknown."""
        values = {"channel": channel_id, "former": former.message.id, "id": id, "link": link}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            if await connection.scalar(_SQL.move, values) is None:
                return False
            await add(connection, channel_id, [former])
            return True

    async def forget(self, channel_id: int, seqs: Sequence[int]) -> int:
        """Empty messages and every answer that rests on them; returns how many were asked for."""
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            return await forget(connection, channel_id, seqs)

    async def weigh(
        self, channel_id: int, seqs: Sequence[int], *, person: str = "", everybody: bool = False
    ) -> Weight:
        """What goes with these messages, should they be forgotten, or the person, or everybody."""
        values = {"channel": channel_id, "seqs": list(seqs), "everybody": everybody}
        async with self._database.begin() as connection:
            row = (await connection.execute(_SQL.weigh, values)).one()
            documents = await weigh_documents(
                connection, channel_id, seqs, person=person, everybody=everybody
            )
            given = [*seqs, *(-one for one in documents if one is not None)]
            resting = await _resting(connection, channel_id, given) if given else set[int]()
        return Weight(
            first=row.first,
            answers=row.answers + len(resting - set(seqs)),
            summaries=row.summaries,
            documents=len(documents),
            examples=row.examples,
        )

    async def expired(self, days: int, *, limit: int) -> list[tuple[int, list[int]]]:
        """(channel, numbers) of messages kept too long, so many of a channel at the most.

        `days` holds where a channel has not set its own; 0 keeps for ever.
        """
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_SQL.find_expired, {"days": days, "limit": limit})
            return [(row.id, list(row.seqs)) for row in rows]

    async def forget_id(self, channel_id: int, stub: NewMessage) -> None:
        """Forget by the platform's id; one never seen is kept out should it come later."""
        values = {"channel": channel_id, "id": stub.message.id}
        async with self._database.begin() as connection:
            await lock_channel(connection, channel_id)
            seq = await connection.scalar(_SQL.find_seq, values)
            if seq is None:
                seq = (await add(connection, channel_id, [stub]))[stub.message.id]
            await forget(connection, channel_id, [seq])


async def forget(
    connection: AsyncConnection,
    channel_id: int,
    seqs: Sequence[int],
    documents: Sequence[int] = (),
) -> int:
    """Empty the messages and what rests on them, inside a transaction that holds the channel.

    A document goes with the last message that it was posted with; `documents` go, too.
    """
    documents = [*documents, *await release_files(connection, channel_id, seqs)]
    return await forget_with(connection, channel_id, seqs, documents)


async def forget_with(
    connection: AsyncConnection, channel_id: int, seqs: Sequence[int], documents: Sequence[int]
) -> int:
    """The same where the documents that go are known.

    Answers name what they rest on by number: documents by theirs below zero.
    """
    if not (seqs or documents):
        return 0
    answers = await _resting(connection, channel_id, [*seqs, *(-one for one in documents)])
    await delete_documents(connection, channel_id, documents)
    if documents:
        await connection.execute(_SQL.note_forgotten, {"channel": channel_id})
    emptied, lost = await empty(connection, channel_id, [*seqs, *answers])
    if lost and seqs:
        values = {"channel": channel_id, "terms": list(lost), "first": min(seqs)}
        citing = (await connection.execute(_SQL.find_citing, values)).scalars().all()
        await empty(connection, channel_id, citing)
    return len(emptied & set(seqs))


async def forget_answers_of(
    connection: AsyncConnection, channel_id: int, seqs: Sequence[int]
) -> None:
    """Empty the answers that were made with these messages, which stay: their pictures are gone."""
    values = {"channel": channel_id, "seqs": list(seqs)}
    answers = (await connection.execute(_SQL.find_answers_of, values)).scalars().all()
    await connection.execute(_SQL.take_pictures_from_running, values)
    if answers:
        others = await _resting(connection, channel_id, answers)
        await empty(connection, channel_id, {*answers, *others})


async def _resting(connection: AsyncConnection, channel_id: int, seqs: Sequence[int]) -> set[int]:
    """The answers that rest on messages, also by what a digest told of them."""
    told = await find_digest_answers(connection, channel_id, seqs)
    return await find_resting_answers(connection, channel_id, seqs, told)


async def _forget_answers(
    connection: AsyncConnection, channel_id: int, seq: int, lost: set[str]
) -> None:
    """Empty the answers in which words stand that an edit has taken away."""
    if lost:
        values = {"channel": channel_id, "terms": list(lost), "first": seq}
        for sql in (_SQL.find_answers_holding, _SQL.find_citing):
            answers = (await connection.execute(sql, values)).scalars().all()
            await empty(connection, channel_id, answers)
        await connection.execute(_SQL.take_from_running, values)


async def empty(
    connection: AsyncConnection, channel_id: int, seqs: Collection[int]
) -> tuple[set[int], set[str]]:
    """Take the words of these messages; returns which had any, and the people's words."""
    every = sorted(set(seqs))
    values = {"channel": channel_id, "seqs": every, "requests": STOP_REQUESTS}
    texts = {"texts": len(every) <= LOOKED_UP}
    rows = (await connection.execute(_SQL.read_texts, {**values, **texts})).all()
    of_people, of_nellie = (
        [Indexed(row.seq, f"{row.author_name} {row.text}") for row in rows if row.nellie is nellie]
        for nellie in (False, True)
    )
    words = await unindex(connection, channel_id, of_people)
    await unindex(connection, channel_id, of_nellie)
    for sql in (_SQL.empty_messages, _SQL.cancel_turns, _SQL.drop_kept_texts, _SQL.mark_dirty):
        await connection.execute(sql, values)
    names = " ".join({row.author_name for row in rows})
    return {row.seq for row in rows}, words - extract_terms(names).keys()
