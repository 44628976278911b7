"""What a question from a message's menu is about: somebody's message, and no part of the question.

It is read anew for each answer and kept nowhere, unless it is remembered as its author's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.domain.errors import DatabaseUnavailable, Fenced
from bot.domain.message_row import AnyMessage
from bot.domain.model import Message, Turn
from bot.domain.ports import Adapter
from bot.store.messages import Messages

WITHIN = 3.0  # seconds that an answer waits for the message that it is about

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quoted:
    """Messages that a question is about, oldest first."""

    messages: tuple[Message, ...] = ()
    remembered: bool = True
    """All of them are: an answer that was made from others is not remembered either."""

    def added_to(self, question: Message) -> Message:
        """The question, in all its words: its own, and of what it is about."""
        if not self.messages:
            return question
        return replace(
            question, text="\n".join([question.text, *(one.text for one in self.messages)])
        )

    def left_out_of(self, found: Sequence[AnyMessage]) -> list[AnyMessage]:
        """What else was found: nothing is shown twice."""
        if not self.messages:
            return list(found)
        own = {one.id for one in self.messages}
        return [one for one in found if one.id not in own]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoting:
    """Reads what questions are about."""

    messages: Messages
    adapters: Mapping[str, Adapter]

    async def read(self, turn: Turn, channel_id: int) -> Quoted:
        """As it stands on the platform now; as it is remembered, where that does not say."""
        if not turn.trigger.reply_to:
            return Quoted()
        shown = await self._ask_platform(turn)
        if shown == ():
            return Quoted()  # an ordinary reply, or it was deleted
        known = await self.messages.find(turn.channel, channel_id, turn.trigger.reply_to)
        if shown is None:
            return Quoted((known,) if known else (), remembered=known is not None)
        quoted = tuple(known if known and known.id == one.id else one for one in shown)
        return Quoted(quoted, remembered=all(one.seq for one in quoted))

    async def _ask_platform(self, turn: Turn) -> tuple[Message, ...] | None:
        """None where the platform does not say in time."""
        adapter = self.adapters.get(turn.channel.platform)
        if adapter is None:
            return ()
        try:
            async with asyncio.timeout(WITHIN):
                return tuple(await adapter.quoted(turn))
        except (DatabaseUnavailable, Fenced):
            raise
        except Exception as error:  # whatever a platform's library raises
            log.info("quoted_message_not_read", turn=turn.id, error=type(error).__name__)
            return None
