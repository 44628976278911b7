"""The server: a middleware around all addresses answers in OpenAI's words, whatever fails."""

import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.api.cors import allow_origin, answer_preflight
from adapters.api.endpoints import Endpoints
from adapters.api.errors import error_response, of_http
from adapters.api.requests import LARGEST
from adapters.api.settings import NAME, ApiSettings
from adapters.kit.serving import IDLE, listening
from bot.domain.api import ApiError, Gateway

ENDING = 5.0  # seconds that answers have to end when the process is told to stop

log = structlog.get_logger(__name__, platform="api")


@asynccontextmanager
async def serve(settings: ApiSettings, gateway: Gateway) -> AsyncIterator[int]:
    """Listen for as long as the block lasts; gives the port. Raises SettingsError."""
    application = make_application(gateway, settings.origins)
    runner = web.AppRunner(
        application,
        access_log=None,
        handler_cancellation=True,  # who hangs up shall not go on costing
        keepalive_timeout=IDLE,
        shutdown_timeout=ENDING,
    )
    async with listening(runner, settings.place, NAME) as port:
        yield port


def make_application(gateway: Gateway, origins: Collection[str] = ()) -> web.Application:
    """All addresses."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if request.method == "OPTIONS":
                return answer_preflight(request, origins)
            return await handler(request)
        except ApiError as error:
            return error_response(error)
        except web.HTTPException as error:
            return error_response(of_http(error))
        except ConnectionError:  # the caller has gone, and nothing of this is sent
            return web.Response(status=499)
        except Exception as error:
            log.error("api_request_failed", exc_info=error)
            return error_response(_failed())

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = "nellie"
        response.headers.setdefault("x-request-id", f"req_{secrets.token_hex(12)}")
        allow_origin(request, response, origins)

    application = web.Application(middlewares=[answer], client_max_size=LARGEST)
    application.on_response_prepare.append(add_headers)
    application.add_routes(Endpoints(gateway).routes())
    return application


def _failed() -> ApiError:
    reason = "Something went wrong here; it is in the log."
    return ApiError(reason, status=500, type="server_error")
