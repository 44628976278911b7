"""The front door: what a platform reports becomes memory, and what is asked becomes a turn."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot import metrics
from bot.answering import Answering
from bot.archive import line
from bot.commands import Commands
from bot.context import Budget, cost
from bot.conversation import NELLIE, Author, Channel, Command, Message, Received, Reply, Turn
from bot.errors import Refused
from bot.limits import Limits
from bot.llm.models import Models
from bot.memory.catchup import Catchup
from bot.memory.compaction import Compaction
from bot.memory.digests import Digests
from bot.memory.forgetting import Forgetting
from bot.memory.meaning import Meaning
from bot.memory.recall import Recall
from bot.memory.telling import Telling
from bot.memory.window import Windows
from bot.missed import Missed
from bot.places import Places
from bot.ports import Adapter
from bot.settings import Settings
from bot.store.adding import Stored
from bot.store.answers import Answers
from bot.store.changes import Changes
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import Embeddings
from bot.store.messages import Messages
from bot.store.presence import Presence
from bot.store.schedules import Schedules
from bot.store.search import Search
from bot.store.spent import Ledger
from bot.store.summaries import Summaries
from bot.store.turns import Turns
from bot.store.usage import UsageLog
from bot.text import clean
from bot.turns import Lanes

LONGEST = 1_000_000  # characters of one message; no platform sends more
LONGEST_ID = 500  # characters of any id; no platform comes near
LONGEST_NAME = 200  # characters of an author's name that are kept
ENDING = 8  # seconds that running answers have when she is told to stop
INTRODUCTION = (
    "Hi, I am Nellie. From now on I remember what is said here, for this channel alone: everyone"
    " here can ask me about it, nobody elsewhere can. Mention me to ask something. What I hold is"
    " shown by /memory show; /memory forget me and /memory optout make me forget you."
)


class Engine:
    """Nellie, without a platform: use as `async with Engine(...) as engine`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        models: Models,
        adapters: Iterable[Adapter] = (),
    ) -> None:
        self.settings = settings
        self.database = database
        self.models = models
        self.adapters = {adapter.name: adapter for adapter in adapters}
        self.channels = Channels(database)
        self.messages = Messages(database)
        self.changes = Changes(database)
        self.summaries = Summaries(database)
        self.usage = UsageLog(database)
        self.places = Places(settings.concurrency, most=settings.limit_waiting)
        self.limits = Limits(settings, Ledger(database), self.places)
        self._turns = Turns(database, lease=settings.lease)
        self._answers = Answers(database, lease=settings.lease)
        self.meaning = None
        if settings.embeddings:
            from bot.llm.embedder import Embedder  # only here: a library of 23 MB is behind it

            embedder = Embedder.configured(settings)
            self.meaning = Meaning(
                Embeddings(database, embedder.name), embedder, self.usage, self.limits,
                patience=settings.embeddings_timeout,
            )  # fmt: skip
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        settings = self.settings
        self.budget = Budget.fit(
            high=settings.window_high,
            low=settings.window_low,
            recall=settings.recall,
            answer=settings.max_answer,
            context=await self.models.context_window(),
        )
        presence = Presence(self.database, lease=settings.lease)
        await presence.register()
        windows = Windows(self.messages, self.budget)
        if self.meaning:
            await self.meaning.prepare()
        self.recall = recall = Recall(Search(self.database), self.messages, meaning=self.meaning)
        schedules = Schedules(self.database)
        telling = Telling(self.usage, self.models, self.budget, self.limits)
        self.digests = Digests(schedules, self.messages, telling)
        answering = Answering(
            windows, self.messages, self.summaries, recall, self.digests, self.models,
            self.adapters, settings.persona, self.limits,
        )  # fmt: skip
        self.lanes = Lanes(
            self._turns, presence,
            answer=answering.answer, give_up=answering.give_up,
            platforms=tuple(self.adapters), lease=settings.lease,
        )  # fmt: skip
        self.compaction = Compaction(
            self.database, self.channels, self.messages, self.summaries, self.usage, self.models,
            windows, settings.persona, answering.shares, self.limits,
        )  # fmt: skip
        self.forgetting = Forgetting(self.messages, recall.search, self.changes)
        self.commands = Commands(
            settings, self.channels, self.messages, self.summaries, self.usage, recall,
            self.compaction,
            Catchup(self.messages, telling),
            self.forgetting, schedules, line,
            self.limits,
        )  # fmt: skip
        self.missed = Missed(
            settings, self.database, self.channels, self.adapters, _checked, self.receive,
            self.remember,
        )  # fmt: skip
        self._watch = asyncio.create_task(self.lanes.watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.settle()
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.lanes.leave()
        if self.meaning:
            await self.meaning.close()

    @property
    def replicas(self) -> int:
        """How many replicas share the work (bot.ports.Door)."""
        return self.lanes.replicas

    async def settle(self) -> None:
        """Begin no answer any more, and let those that are being written end, for some seconds."""
        await self.lanes.close(seconds=ENDING)

    async def receive(self, message: Message) -> Received:
        """Remember a message and owe its answer, in one transaction (bot.ports.Door)."""
        said = _checked(message)
        channel_id = await self.channels.id(said.channel)
        owed = await self._owed(channel_id, said)
        if not owed and self.settings.listen == "mentions":
            return Received(0)
        accepted = await self._turns.accept(
            channel_id, Stored(said, hidden=said.private), owner=self.lanes.owner, owed=owed
        )
        metrics.messages.add(said.channel.platform, by=bool(accepted.seq))
        self.lanes.start(accepted, replace(said, seq=accepted.seq))
        return Received(accepted.seq, accepted.turn)

    async def edited(self, channel: Channel, message_id: str, text: str) -> None:
        """Rewrite what was remembered, in place (bot.ports.Door); to no text is to delete."""
        text = clean(text)[:LONGEST]
        if not text.strip():
            await self.deleted(channel, message_id)
            return
        channel_id = await self.channels.id(channel)
        if old := await self.messages.find(channel, channel_id, message_id):
            new = replace(old, text=text)
            await self.changes.edit(channel_id, message_id, new.text, cost(new))

    async def deleted(self, channel: Channel, message_id: str) -> None:
        """Forget a message and what rests on it; cancel what it asked (bot.ports.Door)."""
        message_id = clean(message_id)
        channel_id = await self.channels.id(channel)
        unseen = Message(channel, message_id, Author("", ""), "", datetime.now(UTC))
        await self.changes.forget_id(channel_id, Stored(unseen))
        self.lanes.drop(channel, message_id)

    async def joined(self, channel: Channel) -> str:
        """Read back what was said before, without answering it; introduce Nellie once."""
        channel_id = await self.channels.id(channel)
        await self.missed.read(channel)
        return INTRODUCTION if await self.channels.introduce(channel_id) else ""

    async def renamed(self, channel: Channel) -> None:
        """Keep the channel's new name (bot.ports.Door)."""
        await self.channels.rename(channel)

    async def catch_up(self, channel: Channel) -> int:
        """Read in what was said while nobody listened (bot.ports.Door)."""
        return await self.missed.read(channel)

    async def channels_of(self, platform: str, workspace: str) -> list[Channel]:
        """The channels of a workspace that are remembered (bot.ports.Door)."""
        return await self.channels.of(platform, workspace)

    async def turn(self, turn_id: int) -> Turn | None:
        """A turn, also one that has ended (bot.ports.Door)."""
        return await self._answers.get(turn_id)

    async def running(self, channel: Channel, thread: str) -> int | None:
        """The turn that is being answered in a thread (bot.ports.Door)."""
        return await self._answers.running(await self.channels.id(channel), thread)

    async def again(self, turn_id: int) -> bool:
        """Answer a turn that has failed or was stopped once more (bot.ports.Door)."""
        reopened = await self._answers.again(turn_id, owner=self.lanes.owner)
        if reopened and reopened.lease:
            self.lanes.resume(reopened.lease)
        return reopened is not None

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> None:
        """Keep what a person thinks of an answer (bot.ports.Door)."""
        await self._answers.rate(turn_id, _author_id(person), good=good)

    async def command(self, command: Command) -> Reply:
        """Carry out a command (bot.ports.Door)."""
        person = replace(command.person, id=_author_id(command.person))
        command = replace(command, person=person)
        return await self.commands.run(command)

    async def stop(self, turn_id: int) -> None:
        """Stop an answer that is being written (bot.ports.Door)."""
        if not self.lanes.stop(turn_id):
            await self._answers.stop(turn_id)

    async def over(self, turn_id: int) -> None:
        """Return once a turn has ended (bot.ports.Door)."""
        await self.lanes.over(turn_id)

    async def post_digests(self) -> None:
        """Owe the digests whose time has come; each once, however many replicas look."""
        for due, owed in await self.digests.due(list(self.adapters)):
            accepted = await self._turns.accept(
                due.channel_id, Stored(owed, hidden=True), owner=self.lanes.owner, owed=True
            )
            self.lanes.start(accepted, replace(owed, seq=accepted.seq))
            await self.digests.advance(due)

    async def expire(self) -> None:
        """Forget what was kept for longer than its channel or NELLIE_RETENTION says."""
        await self.forgetting.expire(self.settings.retention)

    async def embed(self) -> None:
        """Embed what was said since the last time, and what was said before there were any."""
        if self.meaning:
            await self.meaning.fill()

    async def remember(self, messages: Iterable[Message]) -> int:
        """Store history that nobody waits for an answer to; returns how many were new."""
        said = [Stored(message) for message in messages]
        if not said:
            return 0
        channel = said[0].message.channel
        new = len(await self.messages.add(await self.channels.id(channel), said))
        metrics.messages.add(channel.platform, by=new)
        return new

    def checked(self, message: Message) -> Message:
        """The message as it can be stored. Raises Refused."""
        return _checked(message)

    async def _owed(self, channel_id: int, said: Message) -> bool:
        """Whether an answer is due: asked for, or a follow-up by someone answered before."""
        if said.author.nellie:
            return False
        if said.addressed or said.channel.direct:
            return True
        if not (self.settings.follow_ups and said.thread) or said.mentions:
            return False
        return await self._turns.answered_before(channel_id, said.lane, said.author.id)


def _checked(message: Message) -> Message:
    """The message as it can be stored. Raises Refused."""
    said = _cleaned(message)
    if not said.text.strip():
        raise Refused(reason="it has no text.")
    if len(said.text) > LONGEST:
        raise Refused(reason=f"it has {len(said.text):,} characters; {LONGEST:,} are the most.")
    if not said.id or not said.channel.id:
        raise Refused(reason="it has no id.")
    where = said.channel
    ids = (said.id, said.author.id, said.thread, said.reply_to, where.id, where.workspace)
    if any(len(one) > LONGEST_ID for one in ids):
        raise Refused(reason=f"one of its ids has more than {LONGEST_ID} characters.")
    if clean(where.id + where.workspace) != where.id + where.workspace:
        raise Refused(reason="its channel's id has characters that no id has.")
    if said.at.tzinfo is None:
        raise Refused(reason="its time has no timezone.")
    try:
        said = replace(said, at=said.at.astimezone(UTC))
    except OverflowError:
        raise Refused(reason="its time is out of bounds.") from None
    return replace(said, tokens=cost(said))


def _cleaned(message: Message) -> Message:
    author = replace(
        message.author,
        id=_author_id(message.author),
        name=clean(message.author.name).strip()[:LONGEST_NAME],
    )
    return replace(
        message,
        id=clean(message.id),
        author=author,
        text=clean(message.text),
        thread=clean(message.thread),
        reply_to=clean(message.reply_to),
        link="".join(clean(message.link).split()),
    )


def _author_id(author: Author) -> str:
    """Hers is hers alone: a person who bears it is told apart."""
    if author.nellie:
        return NELLIE.id
    own = clean(author.id)
    return f"{own} (a person)" if own == NELLIE.id else own
