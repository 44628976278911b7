"""Where a visitor talks with her, and what is said there: a message as from any platform."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.documents import PostedFile, name_files
from bot.domain.errors import CommandError
from bot.domain.model import Channel, Command, Message, Reply
from bot.domain.page import (
    PAGE,
    Begun,
    Chat,
    ChatTurn,
    DueReminder,
    NotThere,
    Places,
    ReadableChannel,
    Visitor,
    author_of,
    is_at_machine,
    is_private,
    owner_of,
    session_of,
)
from bot.page.changing import Changing, check_paths
from bot.page.reading import Reading
from bot.store.channels import Channels, ChannelState
from bot.store.messages import Messages
from bot.store.page_chat import PageChat
from bot.store.page_memory import PageMemory
from bot.store.reminders import Reminders
from bot.text.fingerprints import mark
from bot.text.sanitize import clean
from bot.text.words import plain_spaces, split_word

STRETCH = 40  # messages of a page
READ_AGAIN = 3  # times that a conversation is read at most, while answers come into it
LONGEST_NAME = 100
AT_MACHINE = "local"
"""The workspace of the channels of `nellie chat`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chatting:
    """Reads conversations, and says whose messages are to be whose."""

    reading: Reading
    changing: Changing
    channels: Channels
    messages: Messages
    memory: PageMemory
    store: PageChat
    reminders: Reminders

    async def places(self, visitor: Visitor) -> Places:
        """Their conversations, and the channels of their platform."""
        listed = await self.reading.channels(visitor)
        own = [one for one in listed.channels if not is_private(one.channel)]
        others = [one for one in listed.channels if is_private(one.channel)]
        return Places(conversations=own, channels=others, complete=listed.complete)

    async def begin(self, visitor: Visitor, name: str, token: str) -> Begun:
        """Begin a conversation, or find the one that was begun with this token."""
        name = " ".join(plain_spaces(clean(name)).split()).lstrip("#")
        if not name or len(name) > LONGEST_NAME:
            raise CommandError(reason=f"A name has 1 to {LONGEST_NAME} characters.")
        channel = (
            Channel(visitor.platform, AT_MACHINE, name, name, direct=True)
            if is_at_machine(visitor)
            else Channel(
                PAGE,
                owner_of(visitor.platform, visitor.person_id),
                mark(visitor.person_id, token),
                name,
                direct=True,
            )
        )
        known = is_at_machine(visitor) and await self.channels.find(channel) is not None
        channel_id = await self.channels.id(channel)
        self.reading.forget_list(visitor)
        return Begun(channel_id=channel_id, is_known=known)

    async def chat(self, visitor: Visitor, channel_id: int, before: int | None) -> Chat:
        """A stretch of a conversation. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        moment = None
        if before is not None:
            moment = await self.memory.moment(channel_id, before)
            if moment is None:
                raise NotThere
        for _ in range(READ_AGAIN):
            found = await self.memory.stretch(state.channel, channel_id, moment, limit=STRETCH + 1)
            seqs = [one.seq for one in found[:STRETCH]]
            turns = await self.store.turns(
                channel_id, visitor.person_id, seqs, newest=moment is None
            )
            if moment or not any(
                one.answer_seq and one.answer_seq > max(seqs, default=0) for one in turns
            ):
                break  # else an answer has come in between
        return Chat(
            readable=ReadableChannel(channel_id, state.channel),
            private=is_private(state.channel),
            forgotten=state.forgotten,
            opted_out=await self._opted_out(visitor, state),
            messages=found[:STRETCH][::-1],
            turns=[_of_visitor(visitor, state.channel, one) for one in turns],
            reminders=await self._reminders(visitor, state),
            older=found[STRETCH - 1].seq if len(found) > STRETCH else None,
        )

    async def turn(self, visitor: Visitor, turn_id: int) -> tuple[ChatTurn, int]:
        """A turn that the visitor may see, and its channel. Raises NotThere."""
        found = await self.store.turn(turn_id, visitor.person_id)
        if found is None:
            raise NotThere
        state, _ = await self.reading.require(visitor, found.channel_id)
        return _of_visitor(visitor, state.channel, found), found.channel_id

    async def answer(self, visitor: Visitor, turn_id: int) -> Message | None:
        """The answer as it is remembered. Raises NotThere."""
        turn, channel_id = await self.turn(visitor, turn_id)
        if turn.answer_seq is None:
            return None
        state, _ = await self.reading.require(visitor, channel_id)
        found = await self.messages.get(state.channel, channel_id, [turn.answer_seq])
        return found[0] if found else None

    async def forgotten(self, visitor: Visitor, channel_id: int) -> int:
        """How often something was taken back there. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        return state.forgotten

    async def question(
        self,
        visitor: Visitor,
        channel_id: int,
        text: str,
        token: str,
        files: Sequence[PostedFile] = (),
    ) -> Message:
        """What is said in a conversation of theirs, or asked privately. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        channel = state.channel
        return Message(
            channel=channel,
            id=f"{PAGE}:{mark(visitor.platform, visitor.person_id, channel_id, token)}",
            author=author_of(visitor),
            text=f"{text.rstrip()}\n{name_files(files)}".lstrip("\n") if files else text,
            at=datetime.now(UTC),
            addressed=True,
            files=tuple(files),
            private=is_private(channel),
            session="" if channel.platform == PAGE else session_of(visitor),
        )

    async def carry_out(self, visitor: Visitor, channel_id: int, line: str, token: str) -> Reply:
        """A command in a place that they read. Raises NotThere, and what commands raise."""
        state, _ = await self.reading.require(visitor, channel_id)
        name, arguments = split_word(line.removeprefix("/"))
        check_paths(name.lower(), arguments)
        admin, zone = await self.changing.rights(visitor, state.channel)
        command = Command(
            name.lower(),
            arguments,
            state.channel,
            author_of(visitor),
            admin=admin,
            zone=zone,
            whispered=True,
            by_button=True,
        )
        return await self.changing.carry_out(visitor, channel_id, command, token)

    async def _opted_out(self, visitor: Visitor, state: ChannelState) -> bool:
        """Where it matters: a private question is not remembered, whoever asks."""
        return not is_private(state.channel) and await self.channels.opted_out(
            state.id, visitor.person_id
        )

    async def _reminders(self, visitor: Visitor, state: ChannelState) -> Sequence[DueReminder]:
        """Those of the visitor that are due in a conversation of theirs."""
        if is_private(state.channel):
            return ()
        found = await self.reminders.open_ones(state.id, visitor.person_id)
        now = datetime.now(UTC)
        return [
            DueReminder(number=one.id, due=one.due_at, text=one.text)
            for one in found
            if one.due_at <= now
        ]


def _of_visitor(visitor: Visitor, channel: Channel, turn: ChatTurn) -> ChatTurn:
    return replace(turn, mine=not is_private(channel) or turn.asker_id == visitor.person_id)
