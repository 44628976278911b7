"""Slack's signature: what was not signed is refused, whatever its headers are made of."""

import hashlib
import hmac

import pytest

from adapters.slack.signatures import is_signed

SECRET, NOW, BODY = "s3cret", 1_800_000_000.5, '{"text": "grüße"}'.encode()


def sign(timestamp: str, body: bytes = BODY, secret: str = SECRET) -> str:
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check(timestamp: str, signature: str, body: bytes = BODY) -> bool:
    return is_signed(SECRET, timestamp=timestamp, signature=signature, body=body, now=NOW)


@pytest.mark.parametrize("age", [-299, 0, 1, 299])
def test_what_slack_signed_just_now_is_taken(age: int) -> None:
    timestamp = str(int(NOW) - age)

    assert check(timestamp, sign(timestamp))


@pytest.mark.parametrize("age", [-302, 302, 86_400])
def test_what_was_signed_long_ago_or_is_yet_to_come_is_refused(age: int) -> None:
    timestamp = str(int(NOW) - age)

    assert not check(timestamp, sign(timestamp))


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        " ",
        "9" * 309,
        "9" * 5_000,
        "-1800000000",
        "+1800000000",
        "1800000000.0",
        "1.8e9",
        "nan",
        "inf",
        "0x6b49d200",
        "1_800_000_000",
        "1800000000 ",
        "1800000000\n",
        "١٨٠٠٠٠٠٠٠٠",
        "１８００００００００",
        "²",
        "soon",
        "\udce9",
        "\0",
    ],
)
def test_a_time_that_is_none_is_refused_though_it_was_signed(timestamp: str) -> None:
    signature = sign(timestamp) if timestamp.isprintable() else "v0=0"

    assert not check(timestamp, signature)


@pytest.mark.parametrize(
    "signature",
    ["", "v0=", "v0", "é", "v0=\udce9", "v0=" + "0" * 64, "v1=" + "0" * 64, "0" * 100_000],
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    assert not check(str(int(NOW)), signature)


def test_the_secret_and_every_byte_of_the_body_count() -> None:
    timestamp = str(int(NOW))

    assert not check(timestamp, sign(timestamp, secret="other"))
    assert not check(timestamp, sign(timestamp), BODY + b" ")
    assert not check(timestamp, sign(timestamp).upper())
