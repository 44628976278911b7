"""What a form of ours sends: few short fields, in one coding, in time."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

CODING = "application/x-www-form-urlencoded"
FIELDS = 20
LARGEST = 64 * 2**10  # bytes of what a form sends
PATIENCE = 10.0  # seconds that a form may take to come


async def read_form(request: web.Request, most: int = LARGEST) -> Mapping[str, str]:
    """Its fields, of so many bytes at most. Raises HTTPException."""
    if request.content_type != CODING:
        raise web.HTTPUnsupportedMediaType(reason="That is no form of this page.")
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _read(request, most)
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason="The form took too long to come.") from None
    except ValueError:
        raise web.HTTPBadRequest(reason="That is no form of this page.") from None


async def _read(request: web.Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(body))
    return bytes(body)
