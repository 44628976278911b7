"""What a question from a message's menu is about: as the menu showed it, else as it stands now."""

from dataclasses import dataclass, replace

import discord

from adapters.discord.client import Client
from adapters.discord.incoming import Location
from adapters.discord.interactions import PendingInteractions
from bot.domain.model import NELLIE, Message, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedMessages:
    """Reads them: also after a takeover, and once they were edited."""

    client: Client
    pending: PendingInteractions

    async def read(self, turn: Turn) -> list[Message]:
        """Nothing for another question, or where it was deleted. Raises what Discord raises."""
        question = turn.trigger
        if question.link or not question.reply_to:  # only what is typed in a channel has a link
            return []
        location = Location(turn.channel, question.thread)
        pending = self.pending.get(question.id)
        shown = pending.about if pending else None
        try:
            shown = shown or await self._fetch(location, int(question.reply_to))
        except discord.NotFound:
            return []
        message = await self.client.read_message(shown, location)
        if message and shown.author.id == self.client.own_id:
            message = replace(message, author=NELLIE)
        return [message] if message else []

    async def _fetch(self, location: Location, message_id: int) -> discord.Message:
        where = self.client.get_partial_messageable(location.id)
        return await where.fetch_message(message_id)
