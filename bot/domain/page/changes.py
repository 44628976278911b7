"""What is changed at the page: each change is a command, as people give it in a chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import NellieError
from bot.domain.page.numbers import ReadableChannel


class DoneAlready(NellieError):
    """The same form was sent before: a double click, or a page that was loaded again."""

    text = "This was done already, or is being done. Changes lists it."
    hint = "A key that you did not see is no use to anybody: revoke it, and make another one."


class NotAsked(NellieError):
    """The platform does not say now what somebody may change."""

    text = "Your platform does not say just now what you may change here. Nothing was changed."
    hint = "Try again in a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a form asks for."""

    kind: str
    """Which change; one of those that the page offers."""
    words: str = ""
    """What is to be forgotten, how she is to be, until when…: as the command takes it."""
    confirmed: str = ""
    """The command that was asked about (`Done.confirm`), where a person pressed yes."""
    once: str = ""
    """By chance, and the same where a form is sent twice; empty where that does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a change."""

    readable: ReadableChannel
    text: str
    confirm: str = ""
    """It asks whether that is meant: what to send as `Change.confirmed` to go through with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """Something that was changed, by whom."""

    id: int
    at: datetime
    platform: str
    name: str
    action: str
    what: str
    readable: ReadableChannel | None
    """Where, if the visitor reads that."""
    ended: bool
    """It was done; else it is not known whether it was, as when the database was away."""


@dataclass(frozen=True, slots=True)
class Audits:
    """Entries of the list of changes, the newest first."""

    entries: Sequence[Audited]
    older: int | None
    actions: Sequence[str]
    """What one may choose from."""
