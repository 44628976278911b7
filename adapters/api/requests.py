"""A request of a program: its key and its body, neither of which may be just anything."""

import asyncio
import re
from dataclasses import replace
from urllib.parse import unquote

from aiohttp import web

from adapters.api.json_bodies import parse_object
from bot.domain.api import ApiError, Body, Caller, Gateway

LARGEST = 50 * 2**20  # bytes of a body, as at OpenAI
BODY_TIME = 30.0  # seconds that a body may take,
SLOWEST = 64 * 2**10  # and one more for every so many bytes of it that have come
_KEY_NAMES = frozenset(
    ("key", "api_key", "api-key", "apikey", "token", "access_token", "authorization")
)
_KEY_BEGINNINGS = ("nellie-", "sk-", "Bearer ")
_KEY = re.compile(r"nellie-[\w-]{40,}", re.ASCII)
_MISSING = "Send your key: Authorization: Bearer nellie-..."
_IN_ADDRESS = (
    "A key does not belong into an address, which is written into logs: send it as Authorization:"
    " Bearer ..., and revoke this one."
)


async def identify(gateway: Gateway, request: web.Request) -> Caller:
    """Who calls. Raises ApiError."""
    refuse_key_in_address(request)
    sent = request.headers.getall("Authorization", [])
    if len(sent) > 1:
        raise ApiError("Send one key: Authorization came twice.", status=400, code="several_keys")
    scheme, *rest = "".join(sent).split(None, 1) or [""]
    key = "".join(rest).strip() if scheme.casefold() == "bearer" else ""
    key = key or request.headers.get("x-api-key", "")
    if not key:
        raise ApiError(_MISSING, status=401, code="invalid_api_key")
    address = request.remote or ""
    caller = await gateway.identify(key, address, request.headers)
    is_alone = request.headers.get("x-nellie-coalesce", "").strip().casefold() == "off"
    return replace(caller, address=address, alone=is_alone)


def refuse_key_in_address(request: web.Request) -> None:
    """Raises ApiError."""
    if _KEY.search(unquote(request.raw_path)):
        raise ApiError(_IN_ADDRESS, status=400, code="key_in_address")
    for name, value in request.query.items() if request.query_string else ():
        if name.casefold() in _KEY_NAMES or value.startswith(_KEY_BEGINNINGS):
            raise ApiError(_IN_ADDRESS, status=400, code="key_in_address", param=name)


async def read_body(request: web.Request) -> Body:
    """The JSON object that was sent. Raises ApiError."""
    return parse_object(await _read(request))


async def _read(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise _too_large()
    found, size = list[bytes](), 0
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout_at(began + BODY_TIME) as limit:
            async for some in request.content.iter_any():
                found.append(some)
                size += len(some)
                if size > LARGEST:
                    raise _too_large()
                limit.reschedule(began + BODY_TIME + size / SLOWEST)
    except web.RequestPayloadError:
        reason = "The body of this request cannot be unpacked, or broke off."
        raise ApiError(reason, status=400, code="invalid_body") from None
    except TimeoutError:
        reason = "The body of this request came too slowly."
        raise ApiError(reason, status=408, code="request_timeout") from None
    return b"".join(found)


def _too_large() -> ApiError:
    reason = f"A request has at most {LARGEST // 2**20} MiB."
    return ApiError(reason, status=413, code="request_too_large")
