"""How events come in over HTTP: nothing is parsed that Slack did not sign."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.slack.backfill import Backfill
from adapters.slack.connection import is_dispatchable
from adapters.slack.event_receiver import EventReceiver
from adapters.slack.interaction_app import InteractionApp, NotLoaded
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.signatures import is_signed
from adapters.slack.web_api import WebApi
from bot.domain.errors import SettingsError

PATH = "/slack/events"
FAILED_IN_BOLT = 500  # it stumbled over the payload's shape; what fails here is acknowledged
LARGEST_REQUEST = 8 * 2**20  # bytes; an edit of the longest messages has half as many
DO_NOT_REPEAT = {"X-Slack-No-Retry": "1"}  # what nobody here understands would be as little then

log = structlog.get_logger(__name__, platform="slack")


class HttpEvents:
    """Slack's requests over HTTP."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self._is_open = False

    def is_open(self) -> bool:
        """Whether the port is open."""
        return self._is_open

    @asynccontextmanager
    async def listen(
        self, app: InteractionApp, receiver: EventReceiver, backfill: Backfill
    ) -> AsyncIterator[None]:
        """Hand over what comes. Raises SettingsError when the port is taken."""
        secret = self._api.settings.signing_secret

        async def receive(request: web.Request) -> web.Response:
            return await _receive(app, receiver, secret, request)

        site = web.Application(client_max_size=LARGEST_REQUEST)
        site.add_routes([web.post(PATH, receive)])
        # Slack packs nothing, and what is wrongly packed must not be unpacked unsigned.
        runner = web.AppRunner(site, access_log=None, auto_decompress=False, logger=LIBRARY_LOGGER)
        await runner.setup()
        host, port = self._api.settings.host, self._api.settings.port
        try:
            await web.TCPSite(runner, host, port).start()
            self._is_open = True
            yield
        except OSError as error:
            reason = f"{host}:{port} cannot be listened on ({error.strerror})"
            raise SettingsError(name="NELLIE_SLACK_PORT", reason=reason) from None
        finally:
            self._is_open = False
            await runner.cleanup()


async def _receive(
    app: InteractionApp, receiver: EventReceiver, secret: str, request: web.Request
) -> web.Response:
    body = await request.read()
    if not _is_from_slack(secret, request, body):
        return _reject_signature()
    try:
        parsed = _parse(request, body)
        status = await receiver.take(parsed.body)
        if status is not None:
            return web.Response(status=status)
        answer = await (await app.load()).async_dispatch(parsed)
    except NotLoaded:
        return web.Response(status=500)
    except Exception as error:  # Bolt relies on shapes that a payload may not have
        log.warning("request_malformed", reason=type(error).__name__)
        return web.Response(status=400, headers=DO_NOT_REPEAT)
    if answer.status == FAILED_IN_BOLT:
        return web.Response(status=400, headers=DO_NOT_REPEAT)
    return _reject_signature() if answer.status == 401 else await to_aiohttp_response(answer)


def _is_from_slack(secret: str, request: web.Request, body: bytes) -> bool:
    return is_signed(
        secret,
        timestamp=request.headers.get("X-Slack-Request-Timestamp", ""),
        signature=request.headers.get("X-Slack-Signature", ""),
        body=body,
        now=time.time(),
    )


def _parse(request: web.Request, body: bytes) -> AsyncBoltRequest:
    """What Bolt dispatches. Raises ValueError, and what Bolt raises on other shapes."""
    parsed = AsyncBoltRequest(
        body=body.decode(),
        query=request.query_string,
        headers={name: str(value) for name, value in request.headers.items()},
    )
    if not is_dispatchable(parsed.body):
        raise ValueError("it is no event")
    return parsed


def _reject_signature() -> web.Response:
    log.warning(
        "request_rejected",
        reason="its signature is wrong, or its time too old",
        fix="if it was Slack's: compare SLACK_SIGNING_SECRET with the app's",
    )
    return web.Response(status=401)
