"""Events over HTTP: what is not from Slack, or malformed, is refused, and nothing stops."""

import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import SECRET
from doubles.slack_server.delivery import sign
from structlog.testing import capture_logs

EVENT = json.dumps({"type": "event_callback", "event": {"type": "message"}})
MALFORMED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"type": ',
    b'{"event": []}',
    b'{"type": "event_callback"}',
    b'{"type": "event_callback", "event": "x"}',
    b"[" * 100_000,
]


@pytest.fixture
async def nellie(start_nellie: StartNellie) -> NellieOnSlack:
    return await start_nellie(mode="http")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def post(
    nellie: NellieOnSlack, session: aiohttp.ClientSession, body: bytes, **headers: str
) -> int:
    url = nellie.slack.webhooks.url
    sent = {"Content-Type": "application/json", **headers}
    async with session.post(url, data=body, headers=sent) as response:
        await response.read()
        return response.status


def signed(body: bytes, **given: Any) -> dict[str, str]:
    """The headers of a body, as Slack signs it."""
    return sign(body.decode(), **given) if body.isascii() else _signed_bytes(body, **given)


def _signed_bytes(body: bytes, secret: str = SECRET) -> dict[str, str]:
    import hashlib
    import hmac

    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


async def test_answers_a_question_over_http(nellie: NellieOnSlack) -> None:
    assert await nellie.ask("@nellie hello") == ["You said: hello"]
    assert not nellie.slack.delivery.lost
    assert not nellie.slack.sockets.opened


async def test_answers_the_url_verification(nellie: NellieOnSlack) -> None:
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "abc123"})

    status, _, answer = await nellie.slack.webhooks.post(body, {"Content-Type": "application/json"})

    assert status == 200
    assert "abc123" in answer


async def test_refuses_requests_that_slack_did_not_sign(
    nellie: NellieOnSlack, session: aiohttp.ClientSession
) -> None:
    body = EVENT.encode()
    good, stale = signed(body), signed(body, at=time.time() - 600)

    assert await post(nellie, session, body) == 401
    assert await post(nellie, session, body, **signed(body, secret="other")) == 401
    assert await post(nellie, session, body, **stale) == 401
    assert await post(nellie, session, body + b" ", **good) == 401
    nonsense = {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=é".encode().hex()}
    assert await post(nellie, session, body, **nonsense) == 401
    assert await nellie.ask() == ["You said: hello"]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:24]))
async def test_refuses_malformed_requests(
    nellie: NellieOnSlack, session: aiohttp.ClientSession, body: bytes
) -> None:
    assert await post(nellie, session, body, **signed(body)) == 400


TIMES = [
    "9" * 309,
    "9" * 4_000,
    "-1",
    "1.5",
    "nan",
    "1e9",
    "0x10",
    "²",
    "١٧٠٠٠٠٠٠٠٠",
    "soon",
    " ",
    "",
]


@pytest.mark.parametrize("time_", TIMES, ids=lambda one: repr(one[:12]))
async def test_a_header_that_is_no_time_is_refused_without_a_trace(
    nellie: NellieOnSlack,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    time_: str,
) -> None:
    body = EVENT.encode()
    headers = {**signed(body), "X-Slack-Request-Timestamp": time_}

    with capture_logs() as lines:
        assert await post(nellie, session, body, **headers) == 401
        headers["X-Slack-Signature"] = "v0=é"
        assert await post(nellie, session, body, **headers) == 401

    assert not [line for line in lines if line["log_level"] == "error" or line.get("exc_info")]
    assert not [one for one in caplog.records if one.exc_info]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:24]))
async def test_nothing_is_parsed_that_slack_did_not_sign(
    nellie: NellieOnSlack, session: aiohttp.ClientSession, body: bytes
) -> None:
    with capture_logs() as lines:
        assert await post(nellie, session, body, **signed(body, secret="another")) == 401

    assert [line["event"] for line in lines] == ["request_rejected"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json; charset=no-such-thing"}, EVENT.encode(), 200),
        ({"Content-Type": "text/plain; charset=utf-16"}, EVENT.encode(), 200),
        ({"Content-Type": "multipart/form-data"}, b"payload={", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"payload=%FF%FE", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"payload=7", 400),
        ({"Content-Type": "image/png"}, b"\x89PNG\r\n", 400),
        ({"Content-Type": "application/json"}, b"\xed\xa0\x80", 400),
        ({"Content-Encoding": "gzip"}, b"no gzip at all", 400),
    ],
)
async def test_what_slack_signed_but_nobody_understands_is_a_plain_refusal(
    nellie: NellieOnSlack,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    known = EVENT.replace('"message"', '"pin_added"').encode()
    body = known if body == EVENT.encode() else body

    assert await post(nellie, session, body, **{**signed(body), **headers}) == status

    assert not [one for one in caplog.records if one.exc_info]
    assert await nellie.ask() == ["You said: hello"]


async def test_a_body_that_is_too_large_is_refused(
    nellie: NellieOnSlack, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    body = b"x" * (9 * 2**20)

    async with session.post(
        nellie.slack.webhooks.url, data=io.BytesIO(body), headers=signed(body)
    ) as response:
        assert response.status == 413
    assert not [one for one in caplog.records if one.exc_info]


async def test_acknowledges_an_unknown_event(nellie: NellieOnSlack) -> None:
    nellie.slack.send_event({"type": "something_new_in_slack", "channel": "C1"})
    await nellie.wait_until_idle()

    assert not nellie.slack.delivery.lost
    assert await nellie.ask() == ["You said: hello"]


async def test_carries_out_commands_over_http(nellie: NellieOnSlack) -> None:
    slack = nellie.slack

    slack.command("U1", "C1", "help")
    await slack.until(lambda: slack.private("U1"))

    assert "memory" in slack.private("U1")[0]
