"""What a person may read from outside Discord, through a key: asked of Discord each time.

But who they are on a server, once in half a minute: a list of channels asks for many at once.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from adapters.discord.incoming import DIRECT
from adapters.discord.retries import retry_request
from adapters.discord.rights import GuildChannel, looks_back
from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel

FRESH = 30.0  # seconds for which a member is remembered
REMEMBERED = 1_000  # of them
DIRECTS = 20_000  # direct messages of which it is known whose they are
SERVERS = 50  # that are asked whether somebody is there
AT_A_TIME = 100  # channels whose rights are worked out before others get their turn


@dataclass(frozen=True, slots=True)
class Readers:
    """Members of servers, with their roles as they were some seconds ago."""

    _known: BoundedCache[tuple[int, int], tuple[float, discord.Member]] = field(
        default_factory=lambda: BoundedCache(REMEMBERED)
    )
    """By server and person: until when it holds, and the member."""
    _asking: BoundedCache[tuple[int, int], asyncio.Lock] = field(
        default_factory=lambda: BoundedCache(REMEMBERED)
    )

    directs: BoundedCache[int, set[int]] = field(default_factory=lambda: BoundedCache(DIRECTS))
    """By direct message, whose it is: that never changes."""

    async def member(self, guild: discord.Guild, person: int) -> discord.Member:
        """Raises discord.py's NotFound for who is not there."""
        key = guild.id, person
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known and known[0] > time.monotonic():
                return known[1]
            asked = time.monotonic()
            found = await retry_request(lambda: guild.fetch_member(person))
            self._known[key] = asked + FRESH, found
            return found


async def may_read(
    client: discord.Client, readers: Readers, channel: Channel, person_id: str
) -> bool:
    """Whether they could read there now what was said before.

    What Discord does not know, or does not show to Nellie, nobody may read. Raises discord.py's
    errors where Discord cannot be asked.
    """
    if not person_id.isdecimal() or not channel.id.isdecimal():
        return False
    person, where = int(person_id), int(channel.id)
    try:
        if channel.workspace == DIRECT:
            return await _is_theirs(client, where, person, readers)
        guild = client.get_guild(int(channel.workspace)) if channel.workspace.isdecimal() else None
        return guild is not None and await _sees(guild, where, person, readers)
    except (discord.NotFound, discord.Forbidden):
        return False


async def readable(
    client: discord.Client, readers: Readers, channels: Sequence[Channel], person_id: str
) -> Mapping[Channel, bool]:
    """The same of many at once, as far as the gateway has told: one request for each server.

    Left out is what has to be asked for: direct messages, archived threads, private threads.
    """
    answers: dict[Channel, bool] = {}
    members: dict[str, discord.Member | None] = {}
    for number, channel in enumerate(channels):
        if channel.workspace == DIRECT:
            continue
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
        if channel.workspace not in members:
            members[channel.workspace] = await _member(
                client, readers, channel.workspace, person_id
            )
        member = members[channel.workspace]
        said = (
            False
            if member is None
            else _says(member.guild.get_channel_or_thread(_number(channel.id)), member)
        )
        if said is not None:
            answers[channel] = said
    return answers


def _number(id_: str) -> int:
    return int(id_) if id_.isdecimal() else 0


async def _member(
    client: discord.Client, readers: Readers, server: str, person_id: str
) -> discord.Member | None:
    guild = client.get_guild(int(server)) if server.isdecimal() else None
    if guild is None or not person_id.isdecimal():
        return None
    try:
        return await readers.member(guild, int(person_id))
    except (discord.NotFound, discord.Forbidden):
        return None


async def is_member(client: discord.Client, workspace: str, person_id: str) -> bool | None:
    """Whether they are on this server, or, from direct messages, on any that Nellie is on.

    None where Discord does not say. Raises discord.py's errors where it cannot be asked.
    """
    if not person_id.isdecimal():
        return None
    if workspace == DIRECT:
        guilds = [*client.guilds]
    else:
        guild = client.get_guild(int(workspace)) if workspace.isdecimal() else None
        guilds = [guild] if guild else []
    for guild in guilds[:SERVERS]:
        found = await _is_on(guild, int(person_id))
        if found is not False:
            return found
    return False if 0 < len(guilds) <= SERVERS else None


async def _is_on(guild: discord.Guild, person: int) -> bool | None:
    try:
        await retry_request(lambda: guild.fetch_member(person))
    except discord.NotFound:
        return False
    except discord.Forbidden:
        return None
    return True


async def _is_theirs(client: discord.Client, where: int, person: int, readers: Readers) -> bool:
    """Whether these direct messages are with them."""
    if where not in readers.directs:
        found = await retry_request(lambda: client.fetch_channel(where))
        people = getattr(found, "recipients", ()) if isinstance(found, discord.DMChannel) else ()
        readers.directs[where] = {one.id for one in people if one is not None}
    return person in readers.directs[where]


async def _sees(guild: discord.Guild, where: int, person: int, readers: Readers) -> bool:
    """Whether a member sees a channel."""
    found = guild.get_channel_or_thread(where) or await _fetch(guild, where)
    if not isinstance(found, GuildChannel):
        return False
    said = _says(found, await readers.member(guild, person))
    if said is None and isinstance(found, discord.Thread):
        return await _is_in(found, person)
    return bool(said)


def _says(found: GuildChannel | None, member: discord.Member) -> bool | None:
    """Whether a member sees a channel; None where that is to be asked for.

    The gateway tells of every change of roles and channels, and not who is in a private thread.
    """
    if found is None:
        return None
    try:
        rights = found.permissions_for(member)
    except discord.ClientException:  # a thread whose channel cannot be seen
        return False
    if not looks_back(rights):
        return False
    is_private = isinstance(found, discord.Thread) and found.is_private()
    return None if is_private and not rights.manage_threads else True


async def _fetch(guild: discord.Guild, where: int) -> object:
    """A thread that is archived is not among those that the gateway tells of."""
    return await retry_request(lambda: guild.fetch_channel(where))


async def _is_in(thread: discord.Thread, person: int) -> bool:
    try:
        await retry_request(lambda: thread.fetch_member(person))
    except discord.NotFound:
        return False
    return True
