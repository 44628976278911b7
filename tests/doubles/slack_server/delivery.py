"""How events reach the app: one envelope at a time, again and again until it is acknowledged."""

import asyncio
import hashlib
import hmac
import io
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp
from doubles.slack_server.shapes import Json, new_id

Kind = Literal["events_api", "interactive", "slash_commands"]
SECRET = "signing-secret-of-the-double"


@dataclass
class Envelope:
    """Something that the app is told."""

    kind: Kind
    payload: Json
    id: str = field(default_factory=lambda: new_id("env"))
    attempts: int = 0
    acknowledged: bool = False
    answer: Any = None
    """What came with the acknowledgement."""


Send = Callable[[Envelope, int, str], Awaitable[str]]
"""Sends an envelope (its attempt, from 0; why it is repeated); returns "" or what went wrong."""


class Delivery:
    """Events are repeated until they are acknowledged; commands and buttons are not."""

    def __init__(self, send: Send, retries: tuple[float, ...], touch: Callable[[], None]):
        self.retries = retries
        """Seconds before each repetition; Slack has (0, 60, 300)."""
        self.copies = 1
        """How often each event is delivered though it was acknowledged."""
        self.delay = 0.0
        """Seconds, at the most, until an event is delivered for the first time."""
        self.envelopes: list[Envelope] = []
        self.lost: list[Envelope] = []
        """Given up: nobody acknowledged them."""
        self._send, self._touch = send, touch
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, kind: Kind, payload: Json) -> Envelope:
        """Deliver it, in the background."""
        envelope = Envelope(kind, payload)
        self.envelopes.append(envelope)
        task = asyncio.create_task(self._deliver(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return envelope

    async def wait_until_idle(self) -> None:
        """Until everything was acknowledged or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver(self, envelope: Envelope) -> None:
        again = self.retries if envelope.kind == "events_api" else ()
        reason = ""
        if self.delay:
            await asyncio.sleep(random.uniform(0, self.delay))
        for attempt, wait in enumerate((0.0, *again)):
            if wait:
                await asyncio.sleep(wait)
            envelope.attempts += 1
            reason = await self._send(envelope, attempt, reason)
            envelope.acknowledged = envelope.acknowledged or not reason
            if reason == "no_retry":
                break
            if not reason and envelope.attempts >= self.copies:
                break
            reason = reason or "timeout"
        if not envelope.acknowledged:
            self.lost.append(envelope)
        self._touch()


class Webhooks:
    """Delivers by HTTP: signed, with Slack's headers on what is repeated."""

    def __init__(self, ack_within: float):
        self.url = ""
        """Where the app listens."""
        self.ack_within = ack_within
        self.statuses: set[int] = set()
        """All that the app has ever answered with."""
        self._session: aiohttp.ClientSession | None = None

    async def send(self, envelope: Envelope, attempt: int, reason: str) -> str:
        body, content_type = _body(envelope)
        headers = {"Content-Type": content_type}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            status, found, answer = await self.post(body, headers)
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        self.statuses.add(status)
        envelope.answer = json.loads(answer) if answer[:1] == "{" else answer or None
        if status // 100 == 2:
            return ""
        return "no_retry" if found.get("X-Slack-No-Retry") == "1" else "http_error"

    async def post(
        self, body: str, headers: Json | None = None, *, secret: str = SECRET, at: float = 0
    ) -> tuple[int, Any, str]:
        """A signed request: status, headers and body of its answer."""
        self._session = self._session or aiohttp.ClientSession()
        signed = {**sign(body, secret, at), **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=self.ack_within)
        async with self._session.post(
            self.url, data=io.BytesIO(body.encode()), headers=signed, timeout=timeout
        ) as response:
            return response.status, response.headers, await response.text()

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def sign(body: str, secret: str = SECRET, at: float = 0) -> dict[str, str]:
    """The headers by which an app knows that Slack sent it; `at` in seconds, 0 is now."""
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


def _body(envelope: Envelope) -> tuple[str, str]:
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload), "application/json"
    form = envelope.payload
    if envelope.kind == "interactive":
        form = {"payload": json.dumps(envelope.payload)}
    fields = form.items() if isinstance(form, dict) else [("payload", json.dumps(form))]
    body = urlencode(list(fields), errors="surrogatepass")
    return body, "application/x-www-form-urlencoded"
