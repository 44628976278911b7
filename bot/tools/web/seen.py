"""Which addresses may be opened in a channel: what a person wrote there, or a search returned.

Not what Nellie wrote herself: a page that talks her into an address could have her memory in it.
"""

from dataclasses import dataclass

from bot.domain.toolbox import ToolContext
from bot.store.search import Search
from bot.store.searched_addresses import SearchedAddresses
from bot.tools.web.addresses import Address, find_addresses

LOOKED_AT = 200  # messages that have most of the words of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAddresses:
    """Looks up where an address comes from."""

    search: Search
    searched: SearchedAddresses

    async def has(self, address: Address, context: ToolContext) -> bool:
        """Whether it was written in the channel by a person, or found there by a search."""
        if _holds(context.turn.trigger.text, address):
            return True
        if await self.searched.has(context.channel_id, address.key):
            return True
        return await self._was_written(address, context)

    async def _was_written(self, address: Address, context: ToolContext) -> bool:
        found = await self.search.find(
            context.turn.channel, context.channel_id, address.words, limit=LOOKED_AT
        )
        people = (one for one in found if not (one.author.nellie or one.author.bot))
        return any(_holds(message.text, address) for message in people)


def _holds(text: str, address: Address) -> bool:
    return any(found.key == address.key for found in find_addresses(text))
