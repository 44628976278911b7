"""What an adapter talks to, without a Nellie behind it: each keeps what it was told."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.domain.consents import ConsentEnd, ConsentQuestion
from bot.domain.documents import PostedFile
from bot.domain.errors import CommandError, DatabaseUnavailable, Fenced, NotAllowed
from bot.domain.model import Author, Channel, Command, Message, Received, Reply, Turn
from bot.domain.pings import Ping


class FakeInbox:
    """Keeps what a platform reports (bot.domain.ports.Inbox)."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        """What was received and stored: of what comes twice, the first."""
        self.offered: list[Message] = []
        """Everything that `receive` was called with, repetitions included."""
        self.edits: list[tuple[Channel, str, str]] = []
        self.edited_files: dict[str, tuple[PostedFile, ...]] = {}
        """By the id of a message: the files that its last edit left."""
        self.deleted_files: list[tuple[str, str, str]] = []
        self.changed_files: list[tuple[str, str, str]] = []
        """(platform, workspace, id) of files that are gone."""
        self.reposts: list[tuple[str, Message]] = []
        """The id of a message, and what was posted in its place."""
        self.deletions: list[tuple[Channel, str]] = []
        self.channels: list[Channel] = []
        """Channels that were joined or read."""
        self.removals: list[tuple[Channel, str]] = []
        """Channels that Nellie is out of, and threads that are gone."""
        self.reviewed: list[tuple[Channel, bool]] = []
        """Channels that were reviewed, and whether thoroughly."""
        self.open = asyncio.Event()
        """While it is not set, `receive` waits: nothing is committed yet."""
        self.open.set()
        self.unavailable = False
        """Whether `receive` raises DatabaseUnavailable."""

    async def receive(self, message: Message) -> Received:
        """Store a message once it may be; what is meant for Nellie opens a turn."""
        self.offered.append(message)
        await self.open.wait()
        if self.unavailable:
            raise DatabaseUnavailable(reason="it was told to be")
        key = message.channel, message.id
        if any((known.channel, known.id) == key for known in self.messages):
            return Received(0)
        self.messages.append(message)
        seq = len(self.messages)
        owed = message.addressed or message.channel.direct
        return Received(seq, seq if owed else None)

    async def edited(
        self,
        channel: Channel,
        message_id: str,
        text: str,
        at: datetime | None = None,
        files: Sequence[PostedFile] | None = None,
    ) -> None:
        """Keep an edit, and the files that it leaves."""
        self.edits.append((channel, message_id, text))
        if files is not None:
            self.edited_files[message_id] = tuple(files)

    async def file_deleted(self, platform: str, workspace: str, file_id: str) -> None:
        """Keep that a file is gone."""
        self.deleted_files.append((platform, workspace, file_id))

    async def file_changed(self, platform: str, workspace: str, file_id: str) -> None:
        """Keep that a file says something else."""
        self.changed_files.append((platform, workspace, file_id))

    async def reposted(self, former_id: str, message: Message) -> None:
        """Keep which message stands in place of which."""
        self.reposts.append((former_id, message))

    async def deleted(self, channel: Channel, message_id: str) -> None:
        """Keep a deletion."""
        self.deletions.append((channel, message_id))

    async def joined(self, channel: Channel) -> int:
        """Keep the channel; no introduction, and nothing was missed."""
        self.channels.append(channel)
        return 0

    async def removed(self, channel: Channel, thread: str = "") -> None:
        """Keep what is gone."""
        self.removals.append((channel, thread))

    async def renamed(self, channel: Channel) -> None:
        """Nothing follows from it."""

    async def catch_up(self, channel: Channel) -> int:
        """Keep the channel; nothing was missed."""
        self.channels.append(channel)
        return 0

    async def review(self, channel: Channel, *, thorough: bool = True) -> None:
        """Keep the channel; nothing has changed."""
        self.reviewed.append((channel, thorough))

    async def known_channels(self, platform: str, workspace: str = "") -> list[Channel]:
        """None."""
        return []

    async def known_threads(self, channel: Channel, address: str) -> list[str]:
        """None."""
        return []


class FakeTurnControl:
    """Keeps what people do with answers (bot.domain.ports.TurnControl)."""

    replicas = 1

    def __init__(self) -> None:
        self.turns: dict[int, Turn] = {}
        """What `get` finds."""
        self.stopped: list[int] = []
        self.retried: list[int] = []
        self.gone_on: list[tuple[int, str]] = []
        """Turn, and the id of the person who wants the rest."""
        self.consents: dict[int, tuple[ConsentQuestion, ...]] = {}
        """By turn, the questions that are open."""
        self.decided: list[tuple[int, str, bool]] = []
        """Question, the person's id, and whether they allow it."""
        self.may_decide: set[str] | None = None
        """The ids of those who may without rights; None for everybody."""
        self.ratings: list[tuple[int, str, bool]] = []
        """Turn, the person's id, and whether the answer was good."""

    async def get(self, turn_id: int) -> Turn | None:
        """One of the turns that it was given."""
        return self.turns.get(turn_id)

    async def running(self, channel: Channel, thread: str) -> int | None:
        """Nothing is being answered."""
        return None

    async def retry(self, turn_id: int) -> bool:
        """Keep the wish."""
        self.retried.append(turn_id)
        return True

    async def go_on(self, turn_id: int, person: Author) -> Received:
        """Keep the wish."""
        self.gone_on.append((turn_id, person.id))
        return Received(len(self.gone_on), 1_000 + turn_id)

    async def consent(
        self, consent_id: int, person: Author, *, allows: bool, has_rights: bool
    ) -> ConsentEnd:
        """Keep the decision, once. Raises CommandError and NotAllowed as the real one does."""
        turn_id = self._asking(consent_id)
        if turn_id is None:
            raise CommandError(reason="That is decided already.")
        if not (has_rights or self.may_decide is None or person.id in self.may_decide):
            raise NotAllowed(who="who asked")
        self.decided.append((consent_id, person.id, allows))
        asked = self.consents[turn_id]
        left = self.consents[turn_id] = tuple(one for one in asked if one.id != consent_id)
        tool = next(one.tool for one in asked if one.id == consent_id)
        said = "Allowed" if allows else "Not allowed"
        text = f"{said} by {person.name}: {tool}."
        return ConsentEnd(text, left, 0 if left else 1_000 + turn_id)

    async def asking(self, consent_id: int) -> Turn | None:
        """One of the turns that it was given."""
        turn_id = self._asking(consent_id)
        return None if turn_id is None else self.turns.get(turn_id)

    async def open_consents(self, turn_id: int) -> tuple[ConsentQuestion, ...]:
        """What it was given, without what is decided."""
        return self.consents.get(turn_id, ())

    def _asking(self, consent_id: int) -> int | None:
        asking = (
            turn for turn, asked in self.consents.items() for one in asked if one.id == consent_id
        )
        return next(asking, None)

    async def is_open(self, turn_id: int) -> bool:
        """Whether it is among the turns that it was given, and was not stopped."""
        return turn_id in self.turns and turn_id not in self.stopped

    async def rate(self, turn_id: int, person: Author, *, good: bool) -> bool:
        """Keep the rating."""
        self.ratings.append((turn_id, person.id, good))
        return True

    async def stop(self, turn_id: int) -> None:
        """Keep the wish."""
        self.stopped.append(turn_id)

    async def wait_until_ended(self, turn_id: int) -> None:
        """Every turn has ended."""


class FakeCommands:
    """Keeps the commands that people give (bot.domain.ports.Commands)."""

    def __init__(self, reply: str = "done") -> None:
        self.commands: list[Command] = []
        self.reply = reply

    async def run(self, command: Command) -> Reply:
        """Keep the command, and reply the same to each."""
        self.commands.append(command)
        return Reply(self.reply)


class FakeDeliveryLog:
    """Keeps what a turn has posted (bot.domain.ports.DeliveryLog)."""

    def __init__(self, *, fenced: bool = False) -> None:
        self.status = "thinking"
        self.calling = ""
        self.questions_ahead: int | None = None
        self.incomplete = False
        self.can_go_on = False
        self.consents: tuple[ConsentQuestion, ...] = ()
        self.pings: tuple[Ping, ...] = ()
        self.fenced = fenced
        """Whether another replica has taken the lane over: then nothing more may be posted."""
        self.asked = 0
        """How often the lease was asked for."""
        self.posted: tuple[str, ...] = ()

    def require_lease(self) -> None:
        """Raises Fenced when it was told to."""
        self.asked += 1
        if self.fenced:
            raise Fenced(lane="of a test")

    async def add(self, post_id: str) -> None:
        """Keep the id of a post."""
        if post_id not in self.posted:
            self.posted = (*self.posted, post_id)
