"""The server: what is asked is checked first, and whatever fails is a page as well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.kit.serving import IDLE, listening
from adapters.web.answers import Answers
from adapters.web.cookies import Cookies
from adapters.web.desk import Desk
from adapters.web.forms import LARGEST
from adapters.web.guards import READING, check_host, check_origin
from adapters.web.headers import HEADERS
from adapters.web.pages import routes
from adapters.web.rendering import Renderer
from adapters.web.settings import NAME, WebSettings
from adapters.web.static_files import ADDRESS, StaticFiles
from adapters.web.troubles import Troubles
from bot.domain.errors import DatabaseUnavailable
from bot.domain.page import Page

ENDING = 2.0  # seconds that answers have to end when the process is told to stop
PATIENCE = 10.0  # seconds until somebody is told that there is no answer yet
LONGEST_LINE = 16 * 2**10  # bytes of an address, and of a header


DEADLINE = web.RequestKey("deadline", asyncio.Timeout)


@asynccontextmanager
async def serve(settings: WebSettings, page: Page, desk: Desk) -> AsyncIterator[int]:
    """Listen for as long as the block lasts; gives the port. Raises SettingsError."""
    runner = web.AppRunner(
        make_application(settings, page, desk),
        access_log=None,
        handler_cancellation=True,
        auto_decompress=False,  # no browser squeezes what it sends
        keepalive_timeout=IDLE,
        shutdown_timeout=ENDING,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )
    async with listening(runner, settings.place, NAME) as port:
        yield port


def make_application(settings: WebSettings, page: Page, desk: Desk) -> web.Application:
    """All addresses."""
    files = StaticFiles()
    answers = Answers(Renderer(files), Cookies(settings.is_secure))
    troubles = Troubles(answers)

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check_host(request.headers, settings)
            check_origin(request.method, request.headers, settings)
            return await _in_time(request, handler)
        except ConnectionError:  # the browser has gone, and nothing of this is sent
            return web.Response(status=499)
        except Exception as error:
            return troubles.show(request, error)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(HEADERS)
        if not isinstance(response, web.Response):  # it comes piece by piece, and has begun
            request[DEADLINE].reschedule(None)

    async def prepare(application: web.Application) -> AsyncIterator[None]:
        preparing = asyncio.create_task(answers.renderer.prepare())
        yield
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)

    async def end_streams(application: web.Application) -> None:
        desk.streams.closing.set()

    application = web.Application(middlewares=[answer], client_max_size=LARGEST)
    application.cleanup_ctx.append(prepare)
    application.on_response_prepare.append(add_headers)
    application.on_shutdown.append(end_streams)
    application.add_routes(routes(page, answers, desk, settings))
    application.add_routes([web.get(ADDRESS + "{path:.*}", files.answer)])
    return application


async def _in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is looked at comes soon or not at all; what is sent takes as long as it takes.

    A database that is frozen says nothing, and its connections only end after a minute.
    """
    patience = PATIENCE if request.method in READING else None
    try:
        async with asyncio.timeout(patience) as request[DEADLINE]:
            return await handler(request)
    except TimeoutError:
        if request[DEADLINE].expired():
            raise DatabaseUnavailable(reason="it does not answer") from None
        raise
