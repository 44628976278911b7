"""Conversations that a caller wants remembered: each a channel of its own, of that person alone.

One that was led from a channel's memory can be led on from there alone, so that the right to read
it is asked for again. What Nellie said there rests on that channel: once something was taken back
in it, she does not go on with what she said before.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core.message_checks import checked
from bot.domain.api import ApiError, Caller
from bot.domain.errors import Refused
from bot.domain.model import NELLIE, Channel, Message
from bot.store.channels import Channels, ChannelState
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.text.fingerprints import mark
from bot.text.sanitize import clean

PLATFORM = "api"
LONGEST_NAME = 100
KEPT_TURNS = 12  # messages that a question is asked after, where a channel's memory stands before


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One of them, as it stands."""

    state: ChannelState
    forgotten: int = 0
    """How often something was taken back where it is led from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """Finds them, and remembers what is said."""

    channels: Channels
    messages: Messages

    async def open(self, caller: Caller, name: str, source: ChannelState | None) -> Conversation:
        """The conversation of that name, begun where there is none. Raises ApiError."""
        led_from = source.channel if source else None
        channel_id = await self.channels.id(to_channel(caller, name, led_from))
        state = await self.channels.state(channel_id)
        return Conversation(state=state, forgotten=source.forgotten if source else 0)

    async def read(self, conversation: Conversation) -> list[Message]:
        """What was said last, without what must not be gone on with."""
        state = conversation.state
        first = max(1, state.seq - KEPT_TURNS + 1)
        said = await self.messages.get(state.channel, state.id, range(first, state.seq + 1))
        ending = _ending(conversation)
        return [
            replace(one, seq=0) for one in said if not one.author.nellie or one.id.endswith(ending)
        ]

    async def remember(self, conversation: Conversation, question: Message, answer: str) -> None:
        """Keep a question with its answer; the answer goes when the question is forgotten.

        What is too long for any message is not remembered.
        """
        with suppress(Refused):
            await self._remember(conversation, question, answer)

    async def _remember(self, conversation: Conversation, question: Message, answer: str) -> None:
        channel, channel_id = conversation.state.channel, conversation.state.id
        asked = checked(replace(question, channel=channel, private=False))
        numbers = await self.messages.add(channel_id, [NewMessage(asked)])
        if not (seq := numbers.get(asked.id)):
            return
        told = Message(
            channel,
            f"{asked.id}{_ending(conversation)}",
            NELLIE,
            answer,
            max(datetime.now(UTC), asked.at),
            reply_to=asked.id,
        )
        await self.messages.add(channel_id, [NewMessage(checked(told), (seq,))])


def to_channel(caller: Caller, name: str, led_from: Channel | None) -> Channel:
    """The channel of a conversation: of one person, one source and one name. Raises ApiError.

    Callers choose the name, so nothing that they can write may stand for another source.
    """
    name = clean(name).strip()
    if not name or len(name) > LONGEST_NAME:
        raise ApiError(
            f"metadata.conversation is a name of 1 to {LONGEST_NAME} characters.",
            status=400,
            param="metadata.conversation",
        )
    person = caller.person_id or caller.key_id
    owner = mark(caller.platform, caller.workspace, person)
    source = (led_from.platform, led_from.workspace, led_from.id) if led_from else ()
    return Channel(PLATFORM, owner, mark(*source, name), name, direct=True)


def _ending(conversation: Conversation) -> str:
    return f":{conversation.forgotten}"
