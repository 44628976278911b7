"""How large an envelope may be that a socket takes: what is larger ends the socket."""

from typing import Any, cast

import aiohttp

LARGEST_FRAME = 32 * 2**20  # bytes; of an edit, Slack sends both texts and all blocks, escaped


class RoomySession:
    """What Slack's library uses of an HTTP session; aiohttp alone takes frames of 4 MB."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    def around(cls, session: aiohttp.ClientSession) -> aiohttp.ClientSession:
        """In place of a session, which is not meant to be inherited from."""
        return cast(aiohttp.ClientSession, cls(session))

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def close(self) -> None:
        await self._session.close()

    async def ws_connect(self, url: str, **options: Any) -> Any:
        """Open a socket that takes large frames."""
        return await self._session.ws_connect(url, max_msg_size=LARGEST_FRAME, **options)


def is_too_large(message: aiohttp.WSMessage) -> bool:
    """Whether a socket ended because of what it was sent."""
    error = message.data
    return isinstance(error, aiohttp.WebSocketError) and (
        error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    )
