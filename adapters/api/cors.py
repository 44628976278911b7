"""Web pages of other origins: those that the operator named may call, and nobody else's."""

import re
from collections.abc import Collection

from aiohttp import web

from bot.domain.api import ApiError

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(?: *, *[A-Za-z0-9-]+)*")
_SHOWN = (
    "x-request-id, x-nellie-model, x-nellie-saved, x-nellie-cached-tokens, x-nellie-cost,"
    " x-should-retry, retry-after"
)
_DAY = "86400"


def allow_origin(
    request: web.Request, response: web.StreamResponse, origins: Collection[str]
) -> None:
    """Let a page of a named origin read the response."""
    origin = request.headers.get("Origin", "")
    if not origins or not origin or not (origin in origins or "*" in origins):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _SHOWN
    response.headers.add("Vary", "Origin")


def answer_preflight(request: web.Request, origins: Collection[str]) -> web.Response:
    """What a browser asks before it lets a page call. Raises ApiError where it may not."""
    origin = request.headers.get("Origin", "")
    if not (origin in origins or (origin and "*" in origins)):
        reason = "Web pages of this origin may not call: name it in NELLIE_API_CORS."
        raise ApiError(reason, status=403, code="origin_not_allowed")
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    allowed = wanted if _HEADER_NAMES.fullmatch(wanted) else "authorization, content-type"
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": allowed,
            "Access-Control-Max-Age": _DAY,
        },
    )
