"""What a form of ours sends: few short fields, in one coding, in time."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

CODING = "application/x-www-form-urlencoded"
FIELDS = 20
PATIENCE = 10.0  # seconds that a form may take to come


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Its fields. Raises HTTPException."""
    if request.content_type != CODING:
        raise web.HTTPUnsupportedMediaType(reason="That is no form of this page.")
    try:
        async with asyncio.timeout(PATIENCE):
            body = await request.read()
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason="The form took too long to come.") from None
    except ValueError:
        raise web.HTTPBadRequest(reason="That is no form of this page.") from None
