"""A post of ours that pings one person or one role, and nobody else. Pure."""

from collections.abc import Sequence

import discord

from bot.domain.pings import Ping


def spell_pings(text: str, pings: Sequence[Ping]) -> str:
    """A text that names somebody at its beginning, with Discord's markup there."""
    for ping in pings:
        if text.startswith(ping.shown) and ping.id.isdecimal():
            return _markup(ping) + text.removeprefix(ping.shown)
    return text


def allowed(pings: Sequence[Ping]) -> discord.AllowedMentions:
    """What Discord may make a ping of: these alone, wherever their markup stands."""
    if not pings:
        return discord.AllowedMentions.none()
    ids = [(one.kind, discord.Object(int(one.id))) for one in pings if one.id.isdecimal()]
    return discord.AllowedMentions(
        everyone=False,
        users=[id_ for kind, id_ in ids if kind == "person"],
        roles=[id_ for kind, id_ in ids if kind == "group"],
        replied_user=False,
    )


def _markup(ping: Ping) -> str:
    return f"<@&{ping.id}>" if ping.kind == "group" else f"<@{ping.id}>"
