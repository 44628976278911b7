"""Fetching what somebody wants to be read that stands at an address: a page, or a file."""

from dataclasses import dataclass, field
from urllib.parse import unquote

import aiohttp

from bot.documents.fetching import FetchedFile
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.tool_errors import ToolFailed
from bot.tools.web.addresses import Address, read_address
from bot.tools.web.bodies import unpacked
from bot.tools.web.fetching import Fetcher

OPENS = "fetch_page"  # the tool with which addresses are opened in a channel
WITHIN = 100.0  # seconds, for all of it


@dataclass(frozen=True, slots=True)
class LinkedFiles:
    """Fetches with the care with which pages are opened (bot.tools.web.fetching)."""

    fetcher: Fetcher = field(default_factory=lambda: Fetcher(within=WITHIN))

    async def fetch(self, address: str, into: FetchedFile) -> None:
        """All that stands there (bot.documents.fetching.FetchLink). Raises NotReadable."""

        async def take(found: Address, response: aiohttp.ClientResponse) -> None:
            into.media_type = response.content_type if "Content-Type" in response.headers else ""
            into.check_size(response.content_length or 0)
            async for piece in unpacked(response.content, response.headers):
                into.add(piece)

        try:
            await self.fetcher.open(read_address(address), take)
        except ToolFailed as error:
            raise NotReadable(_as_reason(str(error))) from None


def file_at(address: Address) -> PostedFile:
    """What stands at an address, by the name that its path gives it."""
    last = address.path.partition("?")[0].rstrip("/").rpartition("/")[2]
    name = unquote(last).strip() or address.host
    return PostedFile(id=str(address), name=name, address=str(address))


def _as_reason(sentence: str) -> str:
    """A sentence as it stands behind "could not be read:"."""
    return sentence.removesuffix(".")
