"""The files of messages: asked for with Nellie's own rights, and only where Discord keeps them."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urldefrag, urlsplit

import aiohttp
import discord

from adapters.discord.client import Client
from adapters.discord.pages import read_one
from adapters.discord.posts import attachments_of
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.http_proxy import find_proxy
from bot.domain.model import Channel

PIECE = 65_536  # bytes handed over at a time
SMALL = 1_024  # pixels of a smaller picture's longer side
MARGIN = 60.0  # seconds before an address expires, in which it is not used any more
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=30)
HOSTS = {"cdn.discordapp.com", "media.discordapp.net"}
OF_COMMANDS = "/ephemeral-attachments/"  # what came with a command: no message shows it
TRANSIENT = {408, 425, 429}

NO_MESSAGE = "the message that it was posted with is gone"
TAKEN_AWAY = "it was taken from its message"
GONE = "Discord no longer has it"
NO_HISTORY = (
    "I may not read what was said in its channel; Discord's right Read Message History there"
    " lets me"
)
NO_CONTENT = (
    "Discord does not show it to me; Message Content Intent in the Developer Portal (your"
    " application > Bot) lets me see it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Opens them. Discord's addresses are good for a day: then the message says a new one."""

    client: Client
    api: str
    """Another address of Discord's API, whose files stand there too; else empty."""

    async def open(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncGenerator[bytes]:
        """What it holds, in pieces. Raises NotReadable, and whatever else may pass."""
        addresses = self._addresses(channel, message_id, file, small=small)
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, aclosing(addresses):
            async for address in addresses:
                async with self._get(session, address, file) as response:
                    if response is None:
                        continue
                    async for piece in response.content.iter_chunked(PIECE):
                        yield piece
                    return
        raise NotReadable(GONE)

    async def _addresses(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool
    ) -> AsyncGenerator[str]:
        """Where it may be: first where it was, then where its message says, until it is there."""
        known, location_id = urldefrag(file.address)
        is_of_command = OF_COMMANDS in known
        small = small and file.kind == "picture"
        if known and (is_of_command or not (small or _has_expired(known))):
            yield known
        if is_of_command:
            return
        attachment = await self._look_up(location_id or channel.id, message_id, file.id)
        if small and (smaller := _smaller(attachment)):
            yield smaller
        yield str(attachment.url)

    async def _look_up(self, location_id: str, message_id: str, id: str) -> discord.Attachment:
        """The file as its message shows it now."""
        if not (_is_id(location_id) and _is_id(message_id)):
            raise NotReadable(NO_MESSAGE)
        place = self.client.get_partial_messageable(int(location_id))
        try:
            message = await read_one(self.client, place, int(message_id))
        except discord.NotFound:
            raise NotReadable(NO_MESSAGE) from None
        except discord.Forbidden:
            raise NotReadable(NO_HISTORY, mendable=True) from None
        found = attachments_of(message) if message else []
        attachment = next((one for one in found if str(one.id) == id), None)
        if attachment is None:
            withheld = not (found or self.client.intents.message_content)
            raise NotReadable(NO_CONTENT if withheld else TAKEN_AWAY, mendable=withheld)
        return attachment

    @asynccontextmanager
    async def _get(
        self, session: aiohttp.ClientSession, address: str, file: PostedFile
    ) -> AsyncIterator[aiohttp.ClientResponse | None]:
        """The answer; None where it is not there. Raises what may pass."""
        if not is_discords_own(address, self.api):
            yield None
            return
        async with session.get(
            address, allow_redirects=False, proxy=find_proxy(address)
        ) as response:
            if response.status >= 500 or response.status in TRANSIENT:
                response.raise_for_status()
            if response.status == 200 and _is_page(response, file):
                raise OSError("a web page came in place of the file")
            yield response if response.status == 200 else None


def is_discords_own(address: str, api: str = "") -> bool:
    """Whether Discord keeps files there; `api` is another address of it, if there is one."""
    parts, own = _split(address), _split(api)
    if api and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return parts.scheme == "https" and parts.netloc in HOSTS


def _is_page(response: aiohttp.ClientResponse, file: PostedFile) -> bool:
    """Whether a page came in place of the file: from something between us and Discord."""
    is_one = "html" in file.media_type.lower() or file.name.lower().endswith((".html", ".htm"))
    return response.content_type == "text/html" and not is_one


def _has_expired(address: str) -> bool:
    """Whether a signed address is of no use any more; one without a time may be of use."""
    ends = parse_qs(_split(address).query).get("ex", [""])[0]
    try:
        return int(ends, 16) < time.time() + MARGIN if ends else False
    except ValueError:
        return True


def _smaller(attachment: discord.Attachment) -> str:
    """Where Discord makes a picture smaller; empty for one that is small, or of unknown size."""
    width, height = attachment.width, attachment.height
    if not (isinstance(width, int) and isinstance(height, int) and max(width, height) > SMALL):
        return ""
    shrunk = [max(1, side * SMALL // max(width, height)) for side in (width, height)]
    parts = _split(str(attachment.proxy_url))
    size = f"width={shrunk[0]}&height={shrunk[1]}"
    return parts._replace(query="&".join(filter(None, (parts.query, size)))).geturl()


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20
