"""Asking a search engine, over HTTP."""

from collections.abc import Mapping

import aiohttp

from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy
from bot.domain.tool_errors import ToolFailed

WITHIN = 12.0  # seconds
MOST = 2**21  # bytes of an answer


async def ask(
    name: str, url: str, values: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """The status and the body of an answer. Raises ToolFailed, in a sentence for people."""
    timeout = aiohttp.ClientTimeout(total=WITHIN)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                url,
                params=values,
                headers=headers,
                proxy=find_proxy(url),
                allow_redirects=False,
            ) as response,
        ):
            return response.status, await _read_body(response)
    except TimeoutError:
        raise ToolFailed(reason=f"{name} took too long. Try again in a minute.") from None
    except (aiohttp.ClientError, OSError, ValueError, SettingsError) as error:
        reason = f"{name} cannot be reached now ({type(error).__name__})."
        raise ToolFailed(reason=reason) from None


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    while len(body) < MOST and (piece := await response.content.read(MOST - len(body))):
        body += piece
    return bytes(body)
