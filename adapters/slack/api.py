"""Slack's Web API: paced, patient with rate limits, honest about what may have happened."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.settings import SlackSettings
from bot.errors import NellieError

PATIENCE = 300.0  # seconds in all that one call waits for rate limits to pass
REACH = 120.0  # and for a server that cannot be reached
READS = 3  # attempts at a call that only reads
REPEATED = 600.0  # seconds until the same complaint of a library is shown again
SECONDS = 15  # that Slack may take for an answer

DEAD = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
ABSENT = {
    "missing_scope", "unknown_method", "not_allowed_token_type", "feature_not_enabled",
    "no_permission", "access_denied", "method_deprecated", "team_access_not_granted",
}  # fmt: skip
"""Errors that will be the same at the next call: what is refused so is not asked for again."""

log = structlog.get_logger(__name__)


class SlackRefused(NellieError):
    """Slack refused {method}: {error}"""

    @property
    def error(self) -> str:
        """Slack's own word for it."""
        return str(self.details["error"])


class SlackUnsure(NellieError):
    """Slack did not answer {method} ({reason}); it may have been carried out."""


class SlackAway(NellieError):
    """Slack cannot be reached for {method} ({reason})."""


def _anyone() -> None:
    """A call that needs nobody's leave."""


class Api:
    """The calls of one workspace. Use within `open`, which may be nested."""

    def __init__(self, settings: SlackSettings) -> None:
        self.settings = settings
        self.absent: set[str] = set()
        """Methods that this app may not or cannot call; each was said once."""
        self._users = 0
        self._away = False
        self._session: aiohttp.ClientSession | None = None
        self._quiet: dict[str, float] = {}
        self.client = self.web(settings.bot_token)

    def web(self, token: str) -> AsyncWebClient:
        """A client without any retries of its own: those would post twice."""
        return AsyncWebClient(
            token, base_url=self.settings.api_url, timeout=SECONDS, retry_handlers=[],
            logger=LIBRARY, session=self._session, trust_env_in_session=True,
        )  # fmt: skip

    @asynccontextmanager
    async def open(self) -> AsyncIterator[aiohttp.ClientSession]:
        """One HTTP session for all, closed by the last: answers may outlive the adapter's run."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=25)
            self._session = aiohttp.ClientSession(
                timeout=timeout, connector=connector, trust_env=True
            )
            self.client.session = self._session
        self._users += 1
        try:
            yield self._session
        finally:
            self._users -= 1
            if not self._users:
                session, self._session = self._session, None
                self.client.session = None
                await session.close()

    async def write(
        self,
        method: str,
        *,
        allow: Callable[[], None] = _anyone,
        patience: float = PATIENCE,
        **arguments: Any,
    ) -> dict[str, Any]:
        """A call that changes something, sent once; `allow` is asked before every request.

        What certainly was not done is tried again for `patience` seconds.

        Raises SlackRefused and SlackAway (it was not done), and SlackUnsure (it may be done).
        """
        key = f"{method} {arguments.get('channel', '')}"
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self._patiently(method, key, allow, patience, {"json": given})

    async def read(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call that only reads, repeated when it failed. Raises SlackRefused and SlackAway."""
        given = {"http_verb": "GET", "params": arguments}
        for attempt in range(1, READS + 1):
            try:
                return await self._patiently(method, method, _anyone, PATIENCE, given)
            except (SlackUnsure, SlackAway) as error:
                if attempt == READS:
                    raise SlackAway(method=method, reason=error.details["reason"]) from None
            await asyncio.sleep(attempt / 2)
        raise AssertionError("the last attempt returns")

    async def respond(self, address: str, content: dict[str, Any]) -> bool:
        """Answer at the address that came with a command or a button; whether it was taken."""
        if not address.startswith(("https://", "http://")):
            return False
        try:
            async with self.open() as session, session.post(address, json=content) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def offer(self, method: str, what: str, **arguments: Any) -> bool:
        """A nicety: whether it was done. What the app lacks for it is said once, and left."""
        if method in self.absent:
            return False
        try:
            await self.write(method, patience=10, **arguments)
        except SlackRefused as error:
            self.lacks(method, what, error)
            return False
        except NellieError:
            return False
        return True

    def lacks(self, method: str, what: str, error: SlackRefused) -> None:
        """Say, the first time, what is missing and what brings it."""
        if error.error in ABSENT and method not in self.absent:
            self.absent.add(method)
            scope = error.details.get("needed")
            brings = f"add the scope {scope} and install the app again" if scope else (
                "use the app manifest of infra/slack-manifest.yaml; some plans do not have it"
            )  # fmt: skip
            log.warning(
                "slack: something is missing", what=what, error=error.error, to_have_it=brings
            )

    async def _patiently(
        self,
        method: str,
        key: str,
        allow: Callable[[], None],
        patience: float,
        given: dict[str, Any],
    ) -> dict[str, Any]:
        start = time.monotonic()
        end = start + patience
        for attempt in count():
            await self._silence(key)
            allow()
            try:
                answer = await self.client.api_call(method, **given)
            except SlackApiError as error:
                again = _again_after(error)
                if again is None or time.monotonic() + again > end:
                    raise _refused(method, error) from None
                self._quiet[key] = time.monotonic() + again
                log.info("slack: rate limited", method=method, seconds=again)
            except aiohttp.ClientConnectorError as error:  # nothing was sent
                self._unreachable(error)
                pause = min(0.25 * 2**attempt, 5)
                if time.monotonic() + pause > min(end, start + REACH):
                    raise SlackAway(method=method, reason=type(error).__name__) from None
                await asyncio.sleep(pause)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise SlackUnsure(method=method, reason=type(error).__name__) from None
            else:
                self._away = False
                return dict(answer.data) if isinstance(answer.data, dict) else {}
        raise AssertionError("it counts for ever")

    def _unreachable(self, error: Exception) -> None:
        if not self._away:
            log.warning("slack: not to be reached, trying on", reason=type(error).__name__)
        self._away = True

    async def _silence(self, key: str) -> None:
        while (wait := self._quiet.get(key, 0) - time.monotonic()) > 0:  # noqa: ASYNC110  # a time
            await asyncio.sleep(wait)
        self._quiet.pop(key, None)


def _again_after(error: SlackApiError) -> float | None:
    """Seconds until a call that was rate limited may be repeated; None when it was not that."""
    response = error.response
    if getattr(response, "status_code", 0) != 429 and _word(error) not in {"ratelimited"}:
        return None
    try:
        return max(0.0, float(response.headers.get("Retry-After", 1)))
    except ValueError:
        return 1.0


def _refused(method: str, error: SlackApiError) -> NellieError:
    status = getattr(error.response, "status_code", 0)
    word = _word(error)
    if status >= 500 or not word or word in {"internal_error", "fatal_error", "request_timeout"}:
        return SlackUnsure(method=method, reason=word or f"status {status}")
    data = error.response.data
    needed = data.get("needed") if isinstance(data, dict) else None
    return SlackRefused(method=method, error=word, needed=needed)


def _word(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


class _Quiet(logging.Handler):
    """What Slack's libraries complain of, as one line of our own, and not every few seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Their errors are warnings here: they try again by themselves."""
        said = record.getMessage().partition("\n")[0][:200]
        kind, now = said[:30], time.monotonic()
        if record.levelno < logging.ERROR or now - self._said.get(kind, -REPEATED) < REPEATED:
            log.debug("slack library", said=said)
            return
        if len(self._said) > 100:
            self._said.clear()
        self._said[kind] = now
        log.warning("slack library", said=said)


LIBRARY = logging.getLogger("nellie.slack")
"""The logger for slack_bolt and slack_sdk: they would show payloads and stack traces."""
LIBRARY.setLevel(logging.WARNING)
LIBRARY.propagate = False
LIBRARY.addHandler(_Quiet())
