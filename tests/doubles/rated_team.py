"""A team whose questions Nellie answered, with what people think of her answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.model import NELLIE, Author, Channel, Message
from bot.prompting.message_line import count_line_tokens
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages

BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)
SUPPORT = Channel("slack", "T1", "C-support", "support")
ANA, BOB = Author("U0ANA77", "Ana Vermeulen"), Author("U0BOB88", "Bob Quillfeather")

_TURN = sa.text("""
    INSERT INTO turn (channel_id, lane, trigger_seq, asker_id, asker_name, state, attempts, posted,
                      created_at, finished_at, private, remembered)
    SELECT channel_id, '', seq, author_id, author_name, 'done', 1, CAST(:posted AS text[]),
           said_at, said_at, :private, :remembered
    FROM message WHERE channel_id = :channel AND seq = :seq RETURNING id
""")
_RATING = sa.text("INSERT INTO rating VALUES (:channel, :turn, :author, :good, now())")
_USAGE = sa.text("""
    INSERT INTO usage (channel_id, at, purpose, turn_id, model, input, output, attempt,
                       estimated)
    SELECT channel_id, finished_at, 'answer', id, 'openai/large', 900, 40, 1, false
    FROM turn WHERE id = :turn
""")


@dataclass
class RatedTeam:
    """Channels that are written into a database."""

    database: Database
    said: int = 0
    ids: dict[Channel, int] = field(default_factory=dict)

    async def channel(self, channel: Channel = SUPPORT) -> int:
        """The row of a channel."""
        if channel not in self.ids:
            self.ids[channel] = await Channels(self.database).id(channel)
        return self.ids[channel]

    async def say(
        self,
        author: Author,
        text: str,
        *,
        channel: Channel = SUPPORT,
        rests_on: Sequence[int] = (),
        shown_from: int | None = None,
        remembered: bool = True,
        **more: Any,
    ) -> Message:
        """Something that is said, a minute after what was said before it."""
        self.said += 1
        id_ = more.pop("id", f"m{self.said}")
        at = more.pop("at", BEGAN + timedelta(minutes=self.said))
        message = Message(channel, id_, author, text, at, **more)
        message = replace(message, tokens=count_line_tokens(message))
        channel_id = await self.channel(channel)
        new = NewMessage(message, tuple(rests_on), shown_from, remembered)
        seqs = await Messages(self.database).add(channel_id, [new])
        return replace(message, seq=seqs.get(id_, 0))

    async def ask(
        self,
        question: str,
        answer: str,
        *,
        asker: Author = ANA,
        channel: Channel = SUPPORT,
        thread: str = "",
        good: bool | None = True,
        rests_on: Sequence[int] = (),
        private: bool = False,
        remembered: bool = True,
        **more: Any,
    ) -> int:
        """A question with its answer, and what somebody thinks of that; the turn."""
        asked = await self.say(
            asker,
            question,
            channel=channel,
            thread=thread,
            addressed=True,
            remembered=remembered,
            **more,
        )
        given = await self.say(
            NELLIE,
            answer,
            channel=channel,
            thread=thread,
            reply_to=asked.id,
            rests_on=(asked.seq, *rests_on),
            shown_from=max(1, asked.seq - 30),
            remembered=remembered,
        )
        channel_id = await self.channel(channel)
        values = {
            "channel": channel_id,
            "seq": asked.seq,
            "posted": [given.id],
            "private": private,
            "remembered": remembered,
        }
        async with self.database.begin() as connection:
            turn = int(await connection.scalar(_TURN, values) or 0)
            await connection.execute(_USAGE, {"turn": turn})
        if good is not None:
            await self.rate(turn, good=good, channel=channel)
        return turn

    async def rate(
        self, turn: int, *, good: bool, by: Author = BOB, channel: Channel = SUPPORT
    ) -> None:
        """What a person thinks of an answer."""
        values = {"channel": await self.channel(channel), "turn": turn, "author": by.id}
        async with self.database.begin() as connection:
            await connection.execute(_RATING, {**values, "good": good})
