"""ApiError -> a response in OpenAI's shape; and what aiohttp refuses by itself, as one."""

import json
import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.domain.api import ApiError

_WORDS = {
    404: "There is nothing at this address: the endpoint is at /v1.",
    405: "This address takes another method.",
}


def error_body(error: ApiError) -> dict[str, Any]:
    """What a caller reads of it."""
    said = {
        "message": error.what_happened,
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    return {"error": {**error.more, **said}}


def error_response(error: ApiError) -> web.Response:
    """The whole response."""
    return web.Response(
        status=error.status,
        body=json.dumps(error_body(error)).encode(),
        content_type="application/json",
        headers=_headers(error),
    )


def of_http(error: web.HTTPException) -> ApiError:
    """What aiohttp refuses."""
    words = _WORDS.get(error.status, error.reason)
    return ApiError(words, status=error.status, code=None)


def _headers(error: ApiError) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    if error.request_id:
        headers["x-request-id"] = error.request_id
    if error.may_retry is not None:
        headers["x-should-retry"] = "true" if error.may_retry else "false"
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return headers
