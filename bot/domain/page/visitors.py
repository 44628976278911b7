"""Who looks at the page, and how they came in."""

from dataclasses import dataclass

from bot.domain.errors import NellieError

TERMINAL = "console"
"""The platform of who sits at the machine itself: its channels are theirs, and the settings."""

SIGN_IN = "/sign-in/"
"""Where a link to sign in leads, with its secret behind it."""


class NotThere(NellieError):
    """There is no such thing, or it is not theirs to see: nobody is told which."""

    text = "There is nothing here for you."
    hint = "It may be gone, or it may be of a channel that you do not read."


class LinkSpent(NellieError):
    """A link to sign in was used, is too old, or never was one."""

    text = "This link does not sign in: it was used already, is older than ten minutes, or wrong."
    hint = "Say /web to Nellie for another one, or nellie web link at her machine."


class TooManyTries(NellieError):
    """Many wrong links came from one address. Details: wait (seconds)."""

    text = "Too much from your address was wrong. Try again in {wait} s."


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at the page."""

    session: int
    platform: str
    workspace: str
    person_id: str
    name: str
    admin: bool
    """Sees numbers over everything, and the settings; of channels only what is theirs."""


@dataclass(frozen=True, slots=True)
class OfferedLink:
    """A link to sign in that is good, before it is used."""

    name: str
    platform: str
    at_once: bool
    """Made for a browser of this machine: it needs no button, where scripts run."""
