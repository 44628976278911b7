"""How events come in: two sockets, so that one may be renewed, or HTTP; Bolt behind both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import time
from typing import Any

import aiohttp
import structlog
from aiohttp import WSMessage, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api import LIBRARY, Api
from adapters.slack.reception import UNKEPT
from bot.errors import SettingsError

SOCKETS = 2
PING = 5  # seconds; a socket that is silent for four of them is replaced
AGAIN = 5  # seconds between attempts to get the first socket
PATH = "/slack/events"
LARGEST = 2 * 2**20  # bytes of one request

log = structlog.get_logger(__name__)


@asynccontextmanager
async def sockets(
    api: Api, app: AsyncApp, fresh: Callable[[], None]
) -> AsyncIterator[Callable[[], bool]]:
    """Listen by Socket Mode; `fresh` is called for every connection. Raises SettingsError.

    Yields what tells whether one of them is open.
    """
    clients: list[SocketModeClient] = []
    try:
        for _ in range(SOCKETS):
            address = await _address(api)
            client = _socket(api, app, fresh)
            clients.append(client)
            client.wss_uri = address
            await client.connect()  # type: ignore[no-untyped-call]  # the SDK has none
        yield lambda: any(map(_is_open, clients))
    finally:
        for client in clients:
            await _close(client)


def _socket(api: Api, app: AsyncApp, fresh: Callable[[], None]) -> SocketModeClient:
    async def hear(message: WSMessage) -> None:
        if '"hello"' in message.data[:200]:
            fresh()
        elif '"link_disabled"' in message.data:
            log.error("slack: Socket Mode was switched off", what_to_do="switch it on in the app")

    async def handle(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        start = time()
        try:
            answer = await run_async_bolt_app(app, request) if _is_event(request.payload) else None
        except Exception as error:  # Bolt trusts in shapes that a payload may not have
            log.warning("slack: not understood", type=request.type, reason=type(error).__name__)
            answer = None
        if answer and answer.status in {200, UNKEPT}:
            await send_async_response(client, request, answer, start)
            return
        # What nobody here understands would come again, and be as little understood.
        acknowledged = SocketModeResponse(envelope_id=request.envelope_id)
        await client.send_socket_mode_response(acknowledged)

    client = SocketModeClient(
        app_token=api.settings.app_token, logger=LIBRARY, web_client=api.web(""),
        ping_interval=PING, on_message_listeners=[hear],
    )  # fmt: skip
    client.socket_mode_request_listeners.append(handle)
    return client


def _is_open(client: SocketModeClient) -> bool:
    session = client.current_session
    return session is not None and not session.closed


async def _address(api: Api) -> str:
    """An address for one socket, asked for until Slack can be reached."""
    said = False
    while True:
        try:
            answer = await api.client.apps_connections_open(app_token=api.settings.app_token)
            return str(answer["url"])
        except SlackApiError as error:
            word = str(error.response.get("error", "")) if error.response.data else ""
            if word in REASONS:
                raise SettingsError(name="SLACK_APP_TOKEN", reason=REASONS[word]) from None
            reason = word or f"status {error.response.status_code}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = type(error).__name__
        if not said:
            log.warning("slack: no socket yet, trying on", reason=reason)
            said = True
        await asyncio.sleep(AGAIN)


REASONS = {
    "invalid_auth": "Slack does not accept it; make one under Basic Information, App-Level Tokens",
    "not_authed": "Slack does not accept it; make one under Basic Information, App-Level Tokens",
    "token_revoked": "it was revoked; make one under Basic Information, App-Level Tokens",
    "account_inactive": "its app is gone; make the app again, and a token with it",
    "not_allowed_token_type": "it is no app-level token (xapp-...)",
    "missing_scope": "it lacks connections:write; make another one with that scope",
    "no_permission": "it lacks connections:write; make another one with that scope",
    "socket_mode_not_enabled": "Socket Mode is off; switch it on in the app's settings",
}


async def _close(client: SocketModeClient) -> None:
    tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
    await client.close()  # type: ignore[no-untyped-call]  # the SDK has none
    await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


@asynccontextmanager
async def webhooks(api: Api, app: AsyncApp) -> AsyncIterator[Callable[[], bool]]:
    """Listen by HTTP. Raises SettingsError when the port is taken."""

    async def receive(request: web.Request) -> web.Response:
        try:
            asked = AsyncBoltRequest(
                body=await request.text(), query=request.query_string,
                headers={name: str(value) for name, value in request.headers.items()},
            )  # fmt: skip
            if not _is_event(asked.body):
                raise ValueError("it is no event")
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            log.warning("slack: a request was malformed", reason=type(error).__name__)
            return web.Response(status=400)
        if not request.headers.get("X-Slack-Request-Timestamp", "").isdecimal():
            return _turned_away()
        answer = await app.async_dispatch(asked)
        return _turned_away() if answer.status == 401 else await to_aiohttp_response(answer)

    site = web.Application(client_max_size=LARGEST)
    site.add_routes([web.post(PATH, receive)])
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    host, port = api.settings.host, api.settings.port
    try:
        await web.TCPSite(runner, host, port).start()
        yield lambda: True
    except OSError as error:
        reason = f"{host}:{port} cannot be listened on ({error.strerror})"
        raise SettingsError(name="NELLIE_SLACK_PORT", reason=reason) from None
    finally:
        await runner.cleanup()


def _turned_away() -> web.Response:
    log.warning(
        "slack: a request was turned away", reason="its signature is wrong, or its time too old",
        what_to_do="if it was Slack's: compare SLACK_SIGNING_SECRET with the app's",
    )  # fmt: skip
    return web.Response(status=401)


def _is_event(payload: Any) -> bool:
    """Whether Bolt can look at it: it trusts that an event is an object."""
    if not isinstance(payload, dict) or not payload:
        return False
    return isinstance(payload.get("event", {}), dict) and (
        payload.get("type") != "event_callback" or "event" in payload
    )
