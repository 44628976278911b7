"""What a task works on: a thread, a time, one message by its link or its menu, or what was typed.

Everything is of the channel where it is asked: nothing crosses from one to another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal, Protocol, Self

from bot.domain.errors import CommandError
from bot.domain.model import Author, Message
from bot.language.intents.typed_times import read_time
from bot.memory.said import Said, describe
from bot.prompting.message_line import display_name
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.tasks.addresses import Address, read_address
from bot.text.sanitize import clean

LONGEST = 1_000_000  # characters of a text; no message has more
EVERYTHING = {"all", "everything"}
THREAD = {"thread", "this thread", "the thread"}
YOURS = "your text"

NOT_IN_A_THREAD = (
    "This is no thread, as far as I see. Give the link of one of its messages, or use the menu of"
    " a message."
)
EMPTY_THREAD = "I remember nothing of this thread."
NOTHING_THEN = "Nobody said anything then, as far as I remember."
NOTHING_SAID = "Nothing was said here yet that I remember. Write the text behind the command."
NOBODY_ELSE = (
    "Nobody but you said anything here in words that I remember. Write the text behind the command."
)
NO_DAY = "There is no day {typed}. Days are written so: 2026-11-20."
NO_WORDS = "There is no text in that message. I read words alone here, no pictures and no files."
NOT_OF_HERE = (
    "I remember no message with this link here: it is of another channel, was deleted, or I never"
    " read it. Nothing crosses from one channel to another."
)
NOT_OPENED = (
    "I open no addresses here. /docs add {address} lets me read it, and after that you can ask me"
    " about it."
)
CHANGED = "What I work on has changed meanwhile. Ask me again."
TOO_LONG = "That text has {length:,} characters; {longest:,} are the most."

_DAY = re.compile(r"(?:since )?\d{4}-\d\d-\d\d")
_FILE = re.compile(r"^\[(?:file|picture|sound|video): .*\]$", re.MULTILINE)

Otherwise = Literal["newest", "last"]
"""Where nothing is named and there is no thread: what was said last by all, or one message."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a task works on: messages, or a text that somebody has typed."""

    messages: tuple[Message, ...] = ()
    text: str = ""
    what: str = ""
    """For people: "your text", "14 messages since 2026-11-20 09:05 UTC"."""
    single: bool = False
    """One text that was meant by itself: what was typed, or the message of a link or a menu."""

    @property
    def texts(self) -> tuple[str, ...]:
        """One for each message, or the one that was typed."""
        return tuple(one.text for one in self.messages) or (self.text,)


class Asking(Protocol):
    """What a command knows of who asks, and where (bot.commands.request.Request)."""

    @property
    def state(self) -> ChannelState: ...
    @property
    def person(self) -> Author: ...
    @property
    def arguments(self) -> str: ...
    @property
    def zone(self) -> tzinfo: ...
    @property
    def thread(self) -> str: ...
    @property
    def about(self) -> Message | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Finds what is asked for."""

    messages: Messages
    otherwise: Otherwise = "newest"
    whole_threads: bool = False
    """A message of a thread stands for all of it."""

    @classmethod
    def for_all(cls, messages: Messages) -> Self:
        """Of what many people said."""
        return cls(messages=messages, whole_threads=True)

    @classmethod
    def for_one(cls, messages: Messages) -> Self:
        """Of one message, where no more is asked for."""
        return cls(messages=messages, otherwise="last")

    async def read(self, asking: Asking) -> Material:
        """What the arguments name: thread, all, a time, a link, or else the text that they are.

        Without any, what a menu was opened at, else the thread or what was said last. Raises
        CommandError where there is nothing.
        """
        typed = asking.arguments.strip()
        words = " ".join(typed.lower().split()) if len(typed) < 200 else ""
        if words in THREAD:
            return await self._thread(asking)
        if words in EVERYTHING:
            return _of(await self._said.newest(asking.state), NOTHING_SAID)
        if span := read_time(words, datetime.now(UTC), asking.zone):
            found = await self._said.in_span(asking.state, span)
            ended = span if span.end else None
            return _of(found, NOTHING_THEN, describe(found, ended, asking.zone) if found else "")
        if _DAY.fullmatch(words):  # one of the calendar was read above
            raise CommandError(reason=NO_DAY.format(typed=words.removeprefix("since ")))
        if address := read_address(typed):
            return await self._at(asking, address)
        return _typed(typed) if typed else await self._unnamed(asking)

    async def stands(self, state: ChannelState, material: Material) -> bool:
        """Whether all of it is remembered as it was read."""
        kept = [one for one in material.messages if one.seq]
        return not kept or await self._said.stands(state, kept)

    async def require_standing(self, state: ChannelState, material: Material) -> None:
        """Raises CommandError where something of it was deleted or edited since it was read."""
        if not await self.stands(state, material):
            raise CommandError(reason=CHANGED)

    @property
    def _said(self) -> Said:
        return Said(self.messages)

    async def _thread(self, asking: Asking) -> Material:
        if not asking.thread:
            raise CommandError(reason=NOT_IN_A_THREAD)
        return _of(await self._said.in_thread(asking.state, asking.thread), EMPTY_THREAD)

    async def _unnamed(self, asking: Asking) -> Material:
        if asking.about:
            kept = await self.messages.find(asking.state.channel, asking.state.id, asking.about.id)
            return await self._one(asking, kept or asking.about)
        said = await self._said.in_thread(asking.state, asking.thread) if asking.thread else ()
        said = said or await self._said.newest(asking.state)
        if self.otherwise == "newest":
            return _of(said, NOTHING_SAID)
        others = [one for one in said if one.author.id != asking.person.id and has_words(one)]
        if not others:
            raise CommandError(reason=NOBODY_ELSE if said else NOTHING_SAID)
        return _single(others[-1], asking.zone)

    async def _one(self, asking: Asking, message: Message) -> Material:
        """A message, or the thread that it stands in."""
        if self.whole_threads:  # what begins a thread may itself stand outside of it
            said = await self._said.in_thread(asking.state, message.thread or message.id)
            if len(said) > 1:
                return _of(said, EMPTY_THREAD)
        if not has_words(message):
            raise CommandError(reason=NO_WORDS)
        return _single(message, asking.zone)

    async def _at(self, asking: Asking, address: Address) -> Material:
        """The message, or the thread, that an address is of."""
        state = asking.state
        near = await self._linked(state, address.path)
        for one in near:
            if address.is_of(one.link):
                return await self._one(asking, one)
        thread = next((one.thread for one in near if address.is_of_thread(one)), "")
        if thread:
            return _of(await self._said.in_thread(state, thread), EMPTY_THREAD)
        known = await self.messages.newest(state.channel, state.id, limit=50)
        if any(address.is_beside(one.link) for one in known):
            raise CommandError(reason=NOT_OF_HERE)
        raise CommandError(reason=NOT_OPENED.format(address=address.written))

    async def _linked(self, state: ChannelState, path: str) -> list[Message]:
        return await self.messages.find_linked(state.channel, state.id, path) if path else []


def has_words(message: Message) -> bool:
    """Whether it says anything beside the names of its files."""
    return bool(without_files(message.text))


def without_files(text: str) -> str:
    """A message's text without the lines that name its files."""
    return _FILE.sub("", text).strip()


def _typed(text: str) -> Material:
    if len(text) > LONGEST:
        raise CommandError(reason=TOO_LONG.format(length=len(text), longest=LONGEST))
    return Material(text=clean(text), what=YOURS, single=True)


def _of(messages: Sequence[Message], nothing: str, what: str = "") -> Material:
    if not messages:
        raise CommandError(reason=nothing)
    return Material(tuple(messages), what=what or describe(messages))


def _single(message: Message, zone: tzinfo) -> Material:
    at = message.at.astimezone(zone)
    what = f"what {display_name(message)} said {at:%Y-%m-%d %H:%M}"
    return Material((message,), what=what, single=True)
