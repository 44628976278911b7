"""Talking with her at the page: where one may, what was said there, and who shows the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.domain.continuations import CUT_SHORT
from bot.domain.model import Author, Channel, Message, Turn
from bot.domain.page.numbers import ReadableChannel
from bot.domain.page.visitors import TERMINAL, Visitor
from bot.text.fingerprints import mark

PAGE = "web"
"""The platform of conversations that one leads with her at the page, and its adapter."""

_LANE = "page-"
_Adapter = TypeVar("_Adapter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a visitor may talk with her."""

    conversations: Sequence[ReadableChannel]
    """Theirs alone, what was used last first."""
    channels: Sequence[ReadableChannel]
    """Of their platform: what is asked there at the page is private."""
    complete: bool
    """As in ReadableChannels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A conversation in which a visitor begins to talk."""

    channel_id: int
    is_known: bool
    """One of its name was there already: they go on in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTurn:
    """A question of a conversation, and how its answer stands."""

    id: int
    channel_id: int
    state: str
    error: str
    private: bool
    asker_id: str
    question_seq: int
    question: str
    """Empty where it is not remembered, or not any more."""
    answer_seq: int | None
    """The number of the answer among the messages; None where there is none to be remembered."""
    rating: bool | None
    """What the visitor thought of it."""
    asks: bool
    """Something is asked at its end that can still be decided."""
    mine: bool = False
    """The visitor may stop it, have it made again, and decide what it asks."""

    @property
    def is_open(self) -> bool:
        """It waits, or is being answered."""
        return self.state in ("waiting", "running")

    @property
    def can_retry(self) -> bool:
        """It failed or was stopped, and its question is still there."""
        stopped = self.state == "done" and self.error == "Stopped"
        return self.mine and not self.private and (self.state == "failed" or stopped)

    @property
    def can_go_on(self) -> bool:
        """Its answer was cut short because of its length."""
        return self.mine and self.error == CUT_SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReminder:
    """What the visitor wanted to be reminded of by now."""

    number: int
    due: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A stretch of what was said in one place, the oldest first."""

    readable: ReadableChannel
    private: bool
    """What is asked here at the page is answered for the visitor alone, and not remembered."""
    forgotten: int
    """How often something was taken back here."""
    opted_out: bool
    """Nothing that the visitor says here is remembered: they want it so."""
    messages: Sequence[Message]
    turns: Sequence[ChatTurn]
    """Of these messages, and those that are open."""
    reminders: Sequence[DueReminder]
    """Those that are due. The page posts nothing by itself: they stand here until taken back."""
    older: int | None
    """Of which message on it goes on (`before`); None at the beginning."""


def author_of(visitor: Visitor) -> Author:
    """The visitor as the author of what they say."""
    return Author(visitor.person_id, visitor.name)


def owner_of(platform: str, person_id: str) -> str:
    """The workspace of the conversations that a person leads at the page: nobody else's.

    Without the workspace of their platform: people of Discord have the same id in each server.
    """
    return mark(platform, person_id)


def session_of(visitor: Visitor) -> str:
    """Gives what is asked at the page, outside of conversations of its own, a lane of its own."""
    return _LANE + mark(visitor.platform, visitor.person_id, visitor.session)


def asked_at_page(turn: Turn) -> bool:
    """Whether the page is where a turn was asked, and where its asker looks for the answer.

    What follows from it, such as a decision about a tool, keeps its lane.
    """
    return turn.channel.platform == PAGE or turn.lane.startswith(f"session:{_LANE}")


def adapter_of(turn: Turn, adapters: Mapping[str, _Adapter]) -> _Adapter:
    """Who shows the answer of a turn: the page where it was asked there, else its platform.

    Where a replica that serves no page takes such a turn over, its platform shows it to the asker.
    """
    page = adapters.get(PAGE) if asked_at_page(turn) else None
    return page or adapters[turn.channel.platform]


def is_private(channel: Channel) -> bool:
    """Whether what is asked there at the page is not remembered: it is another platform's."""
    return channel.platform not in (TERMINAL, PAGE)


def is_at_machine(visitor: Visitor) -> bool:
    """Whether the visitor sits at the machine itself, where `nellie chat` has their channels."""
    return visitor.platform == TERMINAL
