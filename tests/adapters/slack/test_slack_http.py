"""Events by HTTP: what is not from Slack, or not whole, is refused, and she goes on."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from doubles.office import Move, Office
from doubles.slack import SECRET
from doubles.slack.delivery import sign

EVENT = json.dumps({"type": "event_callback", "event": {"type": "message"}})
MALFORMED = [
    b"", b"{", b"[]", b"null", b"7", b'"text"', b"\xff\xfe\x00", b'{"type": ', b'{"event": []}',
    b'{"type": "event_callback"}', b'{"type": "event_callback", "event": "x"}', b"[" * 100_000,
]  # fmt: skip


@pytest.fixture
async def office(move_in: Move) -> Office:
    return await move_in(mode="http")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def post(office: Office, session: aiohttp.ClientSession, body: bytes, **headers: str) -> int:
    url = office.slack.webhooks.url
    sent = {"Content-Type": "application/json", **headers}
    async with session.post(url, data=body, headers=sent) as response:
        await response.read()
        return response.status


def signed(body: bytes, **given: Any) -> dict[str, str]:
    """The headers of a body, as Slack signs it."""
    return sign(body.decode("latin-1"), **given) if body.isascii() else _signed_bytes(body)


def _signed_bytes(body: bytes) -> dict[str, str]:
    import hashlib
    import hmac

    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


async def test_answers_what_comes_by_http(office: Office) -> None:
    assert await office.ask("@nellie hello") == ["You said: hello"]
    assert not office.slack.delivery.lost
    assert not office.slack.sockets.opened


async def test_proves_its_address_to_slack(office: Office) -> None:
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "abc123"})

    status, _, answer = await office.slack.webhooks.post(body, {"Content-Type": "application/json"})

    assert status == 200
    assert "abc123" in answer


async def test_refuses_what_slack_did_not_sign(
    office: Office, session: aiohttp.ClientSession
) -> None:
    body = EVENT.encode()
    good, stale = signed(body), signed(body, at=time.time() - 600)

    assert await post(office, session, body) == 401
    assert await post(office, session, body, **signed(body, secret="other")) == 401
    assert await post(office, session, body, **stale) == 401
    assert await post(office, session, body + b" ", **good) == 401
    nonsense = {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=é".encode().hex()}
    assert await post(office, session, body, **nonsense) == 401
    assert await office.ask() == ["You said: hello"]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:24]))
async def test_refuses_what_cannot_be_read(
    office: Office, session: aiohttp.ClientSession, body: bytes
) -> None:
    assert await post(office, session, body, **signed(body)) == 400


async def test_takes_an_unknown_event_without_a_word(office: Office) -> None:
    office.slack.tell({"type": "something_new_in_slack", "channel": "C1"})
    await office.quiet()

    assert not office.slack.delivery.lost
    assert await office.ask() == ["You said: hello"]


async def test_takes_commands_and_buttons_by_http(office: Office) -> None:
    slack = office.slack

    slack.command("U1", "C1", "help")
    await slack.until(lambda: slack.private("U1"))

    assert "memory" in slack.private("U1")[0]
