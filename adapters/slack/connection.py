"""How events come in over two sockets, so that one can be renewed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiohttp
import structlog
from aiohttp import WSMessage
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api_errors import error_code
from adapters.slack.backfill import Backfill
from adapters.slack.event_receiver import COMMITTED, NOT_COMMITTED, EventReceiver
from adapters.slack.interaction_app import InteractionApp, NotLoaded
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.socket_frames import LARGEST_FRAME, RoomySession, is_too_large
from adapters.slack.web_api import WebApi
from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy

if TYPE_CHECKING:
    from slack_bolt.response import BoltResponse

SOCKETS = 2
SOCKETS_AT = "https://wss-primary.slack.com/"
SETTLED = 300.0  # seconds after which an open socket is certainly no dead one
PING_EVERY = 5  # seconds; a socket that is silent for four times as long is replaced
RETRY_EVERY = 5  # seconds between attempts to get the first socket

APP_TOKEN_REASONS = {
    "invalid_auth": "Slack does not accept it; make one under Basic Information, App-Level Tokens",
    "not_authed": "Slack does not accept it; make one under Basic Information, App-Level Tokens",
    "token_revoked": "it was revoked; make one under Basic Information, App-Level Tokens",
    "account_inactive": "its app is gone; make the app again, and a token with it",
    "not_allowed_token_type": "it is no app-level token (xapp-...)",
    "missing_scope": "it lacks connections:write; make another one with that scope",
    "no_permission": "it lacks connections:write; make another one with that scope",
    "socket_mode_not_enabled": "Socket Mode is off; switch it on in the app's settings",
}
"""By error code: what is wrong with an app-level token, and how to mend it."""

log = structlog.get_logger(__name__, platform="slack")


class Connection(Protocol):
    """How the app hears of events."""

    def is_open(self) -> bool:
        """Whether events come in now."""
        ...

    def listen(
        self, app: InteractionApp, receiver: EventReceiver, backfill: Backfill
    ) -> AbstractAsyncContextManager[None]:
        """Hand events to the receiver, and all else to the app, as long as the block lasts.

        Raises SettingsError.
        """
        ...


class SocketMode:
    """Socket Mode: two connections, of which one stays while Slack renews the other."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self._clients: list[SocketModeClient] = []
        self._opened_at: WeakKeyDictionary[SocketModeClient, float] = WeakKeyDictionary()
        """When each socket was opened last."""
        self._not_opened = False
        """That an address could not be had was logged."""

    def is_open(self) -> bool:
        """Whether one of the sockets is open."""
        return any(map(_is_open, self._clients))

    @asynccontextmanager
    async def listen(
        self, app: InteractionApp, receiver: EventReceiver, backfill: Backfill
    ) -> AsyncIterator[None]:
        """Hand over what comes; each fresh socket may have missed some. Raises SettingsError."""
        opening = [asyncio.create_task(self._open(app, receiver, backfill)) for _ in range(SOCKETS)]
        try:
            await asyncio.gather(*opening)
            yield
        finally:
            for task in opening:
                task.cancel()
            await asyncio.gather(*opening, return_exceptions=True)
            clients, self._clients = self._clients, []
            for client in clients:
                await _close(client)

    async def _open(self, app: InteractionApp, receiver: EventReceiver, backfill: Backfill) -> None:
        url = await self._request_url()
        client = self._make_client(app, receiver, backfill)
        self._clients.append(client)
        client.wss_uri = url
        await client.connect()  # type: ignore[no-untyped-call]  # the SDK has no types here

    def _was_open_without(self, client: SocketModeClient) -> bool:
        """Whether the other socket has been open for long enough to have missed nothing."""
        since = monotonic() - SETTLED
        others = [one for one in self._clients if one is not client]
        return any(_is_open(one) and self._opened_at.get(one, since) < since for one in others)

    async def _request_url(self) -> str:
        """The address of one socket, asked for until Slack can be reached."""
        while True:
            try:
                app_token = self._api.settings.app_token
                answer = await self._api.client.apps_connections_open(app_token=app_token)
                self._not_opened = False
                return str(answer["url"])
            except SlackApiError as error:
                code = error_code(error)
                if code in APP_TOKEN_REASONS:
                    reason = APP_TOKEN_REASONS[code]
                    raise SettingsError(name="SLACK_APP_TOKEN", reason=reason) from None
                reason = code or f"status {error.response.status_code}"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                reason = type(error).__name__
            if not self._not_opened:
                self._not_opened = True
                log.warning("socket_not_opened", reason=reason)
            await asyncio.sleep(RETRY_EVERY)

    def _make_client(
        self, app: InteractionApp, receiver: EventReceiver, backfill: Backfill
    ) -> SocketModeClient:
        async def on_message(message: WSMessage) -> None:
            if '"hello"' in message.data[:200]:
                backfill.request(thorough=not self._was_open_without(client))
                self._opened_at[client] = monotonic()
            elif '"link_disabled"' in message.data:
                log.error("socket_mode_switched_off", fix="switch it on in the app's settings")

        async def on_error(message: WSMessage) -> None:
            if is_too_large(message):
                more = f"it has more than {LARGEST_FRAME // 2**20} MB"
                log.warning("event_not_taken", reason=more, then="history is read for it")
                await client.connect_to_new_endpoint()  # events are on their way to this socket

        async def on_request(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            await _dispatch(app, receiver, client, request)

        client = SocketModeClient(
            app_token=self._api.settings.app_token,
            logger=LIBRARY_LOGGER,
            web_client=self._api.make_client(""),
            ping_interval=PING_EVERY,
            on_message_listeners=[on_message],
            on_error_listeners=[on_error],
        )
        client.aiohttp_client_session = RoomySession.around(client.aiohttp_client_session)
        client.proxy = find_proxy(_address_of_sockets(self._api.settings.api_url))
        client.socket_mode_request_listeners.append(on_request)
        return client


def _address_of_sockets(api_url: str) -> str:
    """Slack's sockets have a host of their own; those of a stand-in are where its API is."""
    return SOCKETS_AT if urlsplit(api_url).hostname == "slack.com" else api_url


async def _dispatch(
    app: InteractionApp,
    receiver: EventReceiver,
    client: AsyncBaseSocketModeClient,
    request: SocketModeRequest,
) -> None:
    start, status, answer = time(), None, None
    try:
        if is_dispatchable(request.payload):
            status = await receiver.take(request.payload)
            answer = await _interact(app, request) if status is None else None
    except NotLoaded:
        return
    except Exception as error:  # Bolt relies on shapes that a payload may not have
        log.warning("request_not_understood", type=request.type, reason=type(error).__name__)
    if status == NOT_COMMITTED:
        return
    if answer and answer.status == COMMITTED:
        from slack_bolt.adapter.socket_mode.async_internals import send_async_response

        await send_async_response(client, request, answer, start)
        return
    # What nobody here understands would come again, and be as little understood.
    acknowledged = SocketModeResponse(envelope_id=request.envelope_id)
    await client.send_socket_mode_response(acknowledged)


async def _interact(app: InteractionApp, request: SocketModeRequest) -> "BoltResponse":
    loaded = await app.load()
    from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app  # loaded with it

    answer: BoltResponse = await run_async_bolt_app(loaded, request)
    return answer


def _is_open(client: SocketModeClient) -> bool:
    session = client.current_session
    return session is not None and not session.closed


async def _close(client: SocketModeClient) -> None:
    tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
    await client.close()  # type: ignore[no-untyped-call]  # the SDK has no types here
    await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


def is_dispatchable(payload: Any) -> bool:
    """Whether Bolt can look at it: Bolt relies on an event being an object."""
    if not isinstance(payload, dict) or not payload:
        return False
    return isinstance(payload.get("event", {}), dict) and (
        payload.get("type") != "event_callback" or "event" in payload
    )
