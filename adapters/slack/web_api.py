"""Slack's Web API: waits for rate limits, and says whether a call may have been carried out."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Protocol

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api_errors import (
    UNAVAILABLE,
    SlackRefused,
    SlackUnconfirmed,
    SlackUnreachable,
    retry_after,
    to_nellie_error,
)
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.previews import NO_PREVIEWS, without_previews
from adapters.slack.settings import SlackSettings
from bot.domain.errors import NellieError
from bot.domain.http_proxy import find_proxy

RETRY_FOR = 300.0  # seconds in all that one call waits for rate limits to pass
RECONNECT_FOR = 120.0  # and for a server that cannot be reached
OPTIONAL_RETRY_FOR = 10.0  # the same, for a call that nobody would miss
LONGEST_PAUSE = 5.0  # seconds between two attempts to reach the server
READ_ATTEMPTS = 3
LONGEST_ARGUMENT = 500  # characters of what is read by: what a garbled event names fits no address
KEPT = 100.0  # seconds that a connection may rest: a new one costs an answer several round trips
TIMEOUT = 15  # seconds that Slack may take for an answer

log = structlog.get_logger(__name__, platform="slack")


class LeaseHolder(Protocol):
    """Whoever writes under a lease, such as a DeliveryLog."""

    def require_lease(self) -> None:
        """Raises Fenced when nothing may be sent any more."""
        ...


class _NoLease:
    """For calls that belong to no turn."""

    def require_lease(self) -> None:
        """They may always be sent."""


class WebApi:
    """The calls of one workspace. Use it within `session`, which may be nested."""

    def __init__(self, settings: SlackSettings) -> None:
        self.settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._session_users = 0
        self._unavailable: set[str] = set()
        self._unreachable = False
        self._limited_until: dict[str, float] = {}
        """By method and channel: when its rate limit passes."""
        self.client = self.make_client(settings.bot_token)

    def make_client(self, token: str) -> AsyncWebClient:
        """A client without any retries of its own: those would post twice.

        Raises SettingsError where the proxy of this machine is none for Slack.
        """
        client = AsyncWebClient(
            token,
            base_url=self.settings.api_url,
            timeout=TIMEOUT,
            retry_handlers=[],
            logger=LIBRARY_LOGGER,
            session=self._session,
        )
        client.proxy = find_proxy(self.settings.api_url)  # by itself it knows no NO_PROXY
        return client

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """One HTTP session for all, closed by the last user: answers may outlive `run`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                connector=aiohttp.TCPConnector(limit=100, keepalive_timeout=KEPT),
                trust_env=False,  # for each request it would read ~/.netrc, in another thread
            )
            self.client.session = self._session
        self._session_users += 1
        try:
            yield self._session
        finally:
            self._session_users -= 1
            if not self._session_users:
                session, self._session = self._session, None
                self.client.session = None
                await session.close()

    async def write(
        self,
        method: str,
        *,
        lease: LeaseHolder | None = None,
        retry_for: float = RETRY_FOR,
        **arguments: Any,
    ) -> dict[str, Any]:
        """A call that changes something, sent once; the lease is checked before every request.

        What was certainly not carried out is tried again for `retry_for` seconds.

        Raises SlackRefused and SlackUnreachable (it was not carried out), SlackUnconfirmed (it may
        have been), and Fenced.
        """
        key = f"{method} {arguments.get('channel', '')}"
        given = {name: value for name, value in arguments.items() if value is not None}
        given = without_previews(method, given)
        return await self._call(method, key, lease or _NoLease(), retry_for, {"json": given})

    async def read(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call that only reads, repeated when it fails.

        Raises SlackRefused and SlackUnreachable.
        """
        if any(len(str(value)) > LONGEST_ARGUMENT for value in arguments.values()):
            raise SlackRefused(method=method, error="invalid_arguments")
        given = {"http_verb": "GET", "params": arguments}
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return await self._call(method, method, _NoLease(), RETRY_FOR, given)
            except (SlackUnconfirmed, SlackUnreachable) as error:
                if attempt == READ_ATTEMPTS:
                    raise SlackUnreachable(method=method, reason=error.details["reason"]) from None
            await asyncio.sleep(attempt / 2)
        raise AssertionError("the last attempt returns or raises")

    async def respond(self, response_url: str, content: dict[str, Any]) -> bool:
        """Answer at the address that came with an interaction; returns whether it was accepted."""
        if not response_url.startswith(("https://", "http://")):
            return False
        try:
            async with (
                self.session() as session,
                session.post(
                    response_url, json={**content, **NO_PREVIEWS}, proxy=find_proxy(response_url)
                ) as response,
            ):
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def send_file(self, channel: str, filename: str, content: str, comment: str) -> None:
        """Send a file. Its comment takes no flag against previews: it must be words of ours.

        Raises SlackApiError.
        """
        await self.client.files_upload_v2(
            channel=channel, content=content, filename=filename, initial_comment=comment
        )

    async def try_write(self, method: str, *, feature: str, **arguments: Any) -> bool:
        """A call for a feature that can be done without; returns whether it was carried out.

        What the app lacks for it is logged once, and the method is not called again.
        """
        if not self.is_available(method):
            return False
        try:
            await self.write(method, retry_for=OPTIONAL_RETRY_FOR, **arguments)
        except SlackRefused as error:
            self.note_refusal(method, error, feature=feature)
            return False
        except NellieError:
            return False
        return True

    def is_available(self, method: str) -> bool:
        """False once it is known that this app may not, or cannot, use a method."""
        return method not in self._unavailable

    def mark_unavailable(self, method: str) -> None:
        """Do not use a method any more."""
        self._unavailable.add(method)

    def note_refusal(self, method: str, error: SlackRefused, *, feature: str) -> None:
        """Log, the first time, which feature is missing and how to get it."""
        if error.error not in UNAVAILABLE or not self.is_available(method):
            return
        self.mark_unavailable(method)
        fix = "use the app manifest (nellie slack manifest); some plans do not have it"
        if scope := error.details.get("needed"):
            fix = f"add the scope {scope} and install the app again"
        log.warning("feature_missing", feature=feature, error=error.error, fix=fix)

    async def _call(
        self,
        method: str,
        key: str,
        lease: LeaseHolder,
        retry_for: float,
        given: dict[str, Any],
    ) -> dict[str, Any]:
        start = time.monotonic()
        end = start + retry_for
        for attempt in count():
            await self._wait_for_rate_limit(key)
            lease.require_lease()
            try:
                answer = await self.client.api_call(method, **given)
            except SlackApiError as error:
                pause = retry_after(error)
                if pause is None or time.monotonic() + pause > end:
                    raise to_nellie_error(method, error) from None
                self._limited_until[key] = time.monotonic() + pause
                log.info("rate_limited", method=method, seconds=pause)
            except aiohttp.ClientConnectorError as error:  # nothing was sent
                self._log_unreachable(error)
                pause = min(0.25 * 2**attempt, LONGEST_PAUSE)
                if time.monotonic() + pause > min(end, start + RECONNECT_FOR):
                    raise SlackUnreachable(method=method, reason=type(error).__name__) from None
                await asyncio.sleep(pause)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise SlackUnconfirmed(method=method, reason=type(error).__name__) from None
            else:
                self._unreachable = False
                return dict(answer.data) if isinstance(answer.data, dict) else {}
        raise AssertionError("it counts for ever")

    def _log_unreachable(self, error: Exception) -> None:
        if not self._unreachable:
            log.warning("api_unreachable", reason=type(error).__name__)
        self._unreachable = True

    async def _wait_for_rate_limit(self, key: str) -> None:
        pause = self._limited_until.get(key, 0) - time.monotonic()
        if pause <= 0:
            self._limited_until.pop(key, None)
            return
        await asyncio.sleep(pause)
        await self._wait_for_rate_limit(key)  # another call may have been rate limited meanwhile
