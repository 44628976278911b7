"""What Nellie and other people may do in a channel, by Discord's own permissions."""

import time
from dataclasses import dataclass, field

import discord

from adapters.discord.retries import retry_request
from bot.domain.bounded_cache import BoundedCache

FRESH = 300.0  # seconds for which a member who had to be asked for is remembered
REMEMBERED = 1_000  # of them
CANNOT_LOOK_BACK = (
    "You cannot see here what was said before (Discord's Read Message History), so I do not tell"
    " it either. Whoever manages this channel can change that."
)

GuildChannel = discord.abc.GuildChannel | discord.Thread


def can_read(channel: GuildChannel) -> bool:
    """Whether Nellie may see a channel and read what was said there before."""
    return looks_back(channel.permissions_for(channel.guild.me))


def can_write(channel: GuildChannel) -> bool:
    """Whether Nellie may post there."""
    rights = channel.permissions_for(channel.guild.me)
    in_thread = isinstance(channel, discord.Thread)
    return rights.send_messages_in_threads if in_thread else rights.send_messages


async def may_manage(client: discord.Client, server: str, person: str) -> bool:
    """Whether a member of a server may manage it; what Discord does not say, nobody may."""
    guild = client.get_guild(int(server)) if server.isdecimal() else None
    if guild is None or not person.isdecimal():
        return False
    try:
        member = guild.get_member(int(person))
        if member is None:
            member = await retry_request(lambda: guild.fetch_member(int(person)))
    except discord.HTTPException:  # who has left has no rights
        return False
    return member.guild_permissions.manage_guild


def refusal_in(interaction: discord.Interaction) -> str:
    """Why its person is told nothing of what was said there; empty where they can read it."""
    if not interaction.guild_id or looks_back(interaction.permissions):
        return ""
    return CANNOT_LOOK_BACK


@dataclass(frozen=True, slots=True)
class Askers:
    """What the people who mention Nellie could read themselves."""

    _fetched: BoundedCache[tuple[int, int], tuple[float, discord.Member | None]] = field(
        default_factory=lambda: BoundedCache(REMEMBERED)
    )
    """By server and person: until when it holds, and the member; None for who has left."""

    async def refusal_for(self, message: discord.Message) -> str:
        """Why its author is told nothing of what was said before; empty where they can read it."""
        channel = message.channel
        if message.webhook_id or not isinstance(channel, GuildChannel):
            return ""
        author = message.author
        member = author if isinstance(author, discord.Member) else await self._fetch(message)
        try:
            allowed = member is not None and looks_back(channel.permissions_for(member))
        except discord.ClientException:  # a thread whose channel cannot be seen
            allowed = False
        return "" if allowed else CANNOT_LOOK_BACK

    async def _fetch(self, message: discord.Message) -> discord.Member | None:
        """History names a message's author, but not what roles they have."""
        guild = message.guild
        if guild is None:
            return None
        key = guild.id, message.author.id
        until, member = self._fetched.get(key, (0.0, None))
        if until < time.monotonic():
            try:
                member = await retry_request(lambda: guild.fetch_member(message.author.id))
            except discord.HTTPException:  # who has left can read nothing
                member = None
            self._fetched[key] = time.monotonic() + FRESH, member
        return member


def looks_back(rights: discord.Permissions) -> bool:
    """Whether they let somebody read what was said before."""
    return rights.administrator or (rights.view_channel and rights.read_message_history)
