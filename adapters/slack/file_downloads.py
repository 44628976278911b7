"""Files downloaded with our token, which is sent to Slack's own hosts and to nobody else."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
from yarl import URL

from adapters.slack.api_errors import SlackUnreachable
from adapters.slack.file_details import MISSING_RIGHT, NO_LONGER_THERE, NOT_FOR_US, ask
from adapters.slack.files import File, addresses, is_page, string, to_posted_file
from adapters.slack.web_api import TIMEOUT, WebApi
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.http_proxy import find_proxy

PIECE = 64 * 1024  # bytes
REDIRECTS = 3
LIMITED = 3  # answers that say how long to wait, before somebody else is to try later
LONGEST_WAIT = 60.0  # seconds that such an answer may ask for
SILENCE = 30.0  # seconds in which a piece has to come
LOOKED_AT = 4_096  # bytes of a page, which say whether it is Slack's own

ELSEWHERE = "it is kept elsewhere"
SIGN_IN = "Slack shows its login page in place of it; " + MISSING_RIGHT.format(scope="files:read")
THUMBNAILS = ("thumb_1024", "thumb_720", "thumb_480", "thumb_360")

_SIGN_IN = re.compile(rb"slack-edge\.com/bv\d|<title>[^<|]*\|\s*Slack\s*</title>", re.IGNORECASE)
_HTML_NAME = re.compile(r"\.x?html?\Z", re.IGNORECASE)
_SAYS_NO = {403: NOT_FOR_US, 404: NO_LONGER_THERE, 410: NO_LONGER_THERE}


async def open_file(api: WebApi, file: PostedFile, *, small: bool = False) -> AsyncGenerator[bytes]:
    """The bytes of a file, or of a smaller version of a picture.

    Raises NotReadable, and SlackUnreachable or SlackRefused where it may work later.
    """
    found, content = await ask(api, file)
    if content:
        yield content.encode()
        return
    try:
        async with _get(api, _address(found, small=small)) as response:
            begin = await _begin(response)
            if response.content_type == "text/html" and _is_sign_in(found, begin):
                raise NotReadable(SIGN_IN, mendable=True)
            yield begin
            async for piece in response.content.iter_chunked(PIECE):
                yield piece
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _later(type(error).__name__) from None


def _address(found: File, *, small: bool) -> str:
    """Where to ask for it."""
    names = THUMBNAILS if small and to_posted_file(found).kind == "picture" else ()
    smaller = filter(None, (string(found, name) for name in names))
    return next(smaller, "") or next(addresses(found), "")


@asynccontextmanager
async def _get(api: WebApi, address: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response with the file. Raises NotReadable, SlackUnreachable and what aiohttp raises."""
    url = _own_url(address, api)
    redirected = limited = 0
    while redirected <= REDIRECTS and limited < LIMITED:
        async with api.session() as session, _request(api, session, url) as response:
            if response.status == 200:
                yield response
                return
            if 300 <= response.status < 400:
                redirected += 1
                url = _own_url(response.headers.get("Location", ""), api, base=url)
                continue
            limited += 1
            pause = _pause(response)
        await asyncio.sleep(pause)
    raise _later("it sends from one address to the next" if redirected > REDIRECTS else "limited")


def _request(
    api: WebApi, session: aiohttp.ClientSession, url: URL
) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    return session.get(
        url,
        headers={"Authorization": f"Bearer {api.settings.bot_token}"},
        allow_redirects=False,
        proxy=find_proxy(str(url)),
        timeout=aiohttp.ClientTimeout(total=None, connect=TIMEOUT, sock_read=SILENCE),
    )


def _pause(response: aiohttp.ClientResponse) -> float:
    """Seconds to wait before asking once more. Raises where that is of no use."""
    if response.status == 401:
        raise NotReadable(SIGN_IN, mendable=True)
    if reason := _SAYS_NO.get(response.status):
        raise NotReadable(reason)
    after = response.headers.get("Retry-After", "1")
    if response.status != 429 or not after.isdecimal() or float(after) > LONGEST_WAIT:
        raise _later(f"status {response.status}")
    return float(after)


async def _begin(response: aiohttp.ClientResponse) -> bytes:
    begin = b""
    while len(begin) < LOOKED_AT and (more := await response.content.read(LOOKED_AT)):
        begin += more
    return begin


def _is_sign_in(found: File, begin: bytes) -> bool:
    """Whether a page is Slack's own, and not the file: a missing right has the status 200."""
    may_be_page = (
        is_page(found)
        or "html" in string(found, "mimetype")
        or found.get("mode") == "email"
        or bool(_HTML_NAME.search(string(found, "name")))
    )
    return not may_be_page or bool(_SIGN_IN.search(begin))


def _own_url(address: str, api: WebApi, base: URL | None = None) -> URL:
    """An address to which our token may be sent. Raises NotReadable for any other."""
    try:
        url, own = URL(address), URL(api.settings.api_url)
        url = base.join(url) if base else url
        same = url.origin() == own.origin()
    except ValueError:
        raise NotReadable(ELSEWHERE) from None
    host = url.host or ""
    if same or (url.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))):
        return url
    raise NotReadable(ELSEWHERE)


def _later(reason: str) -> SlackUnreachable:
    return SlackUnreachable(method="a file", reason=reason)
