"""What admins see of the whole, and change: people and keys, models, tools, limits. No secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.page.numbers import ReadableChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A key of the API: how it begins, whose it is, and what it may."""

    prefix: str
    person: str
    team: str
    models: Sequence[str]
    """Empty: all."""
    made: datetime
    expires: datetime | None
    used: datetime | None
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person who is signed in at the page."""

    session: int
    """One of theirs, by which they are signed out everywhere."""
    platform: str
    name: str
    browsers: int
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People and keys."""

    keys: Sequence[ShownKey]
    signed_in: Sequence[SignedIn]
    admins: Sequence[str]
    """The ids of NELLIE_ADMINS."""
    may_have_key: bool
    """The visitor is on a platform: a key can be theirs."""
    serves_api: bool
    """Programs find the API; else a key is of no use yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPageKey:
    """What a form asks of a new key, or of one that is changed."""

    program: str = ""
    """The name of the program that it is for; empty for the visitor's own."""
    team: str = ""
    models: str = ""
    expires: str = "never"
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key that was made: the only time that it is told."""

    key: str
    shown: ShownKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownModel:
    """A model that may answer."""

    name: str
    place: int | None
    """Its place among those that are tried in general, from 1; None where it is none of them."""
    choosable: bool
    sees: bool | None
    """Whether it is shown pictures; None where that is tried."""
    calls_tools: bool
    spared: bool
    """It failed too often just now."""
    price: str
    """input/cached/written/output for a million tokens; empty where nobody set one."""
    channels: Sequence[ReadableChannel]
    """Those of the visitor that chose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool, and in which of the visitor's channels it was switched on."""

    name: str
    says: str
    server: str
    missing: str
    changes: bool
    channels: Sequence[ReadableChannel]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolServer:
    """An MCP server."""

    name: str
    problem: str
    """Why it cannot be asked now; empty where it can."""
    tools: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTools:
    """What can be called at all."""

    tools: Sequence[OfferedTool]
    servers: Sequence[ToolServer]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLimit:
    """A limit as it is set."""

    variable: str
    says: str
    value: str
    """Empty where it is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuota:
    """A budget of a day, with what is used of it."""

    whose: str
    most: str
    left: str
    share: float
    """What is used of it, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be asked and spent."""

    limits: Sequence[ShownLimit]
    quotas: Sequence[ShownQuota]
    waiting: int
    """Questions that wait for a model in this replica."""
