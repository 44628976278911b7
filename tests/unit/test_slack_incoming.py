"""Slack's events become messages: which are heard, how they read, whom they address."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.incoming import (
    BotIdentity,
    Names,
    check_fields,
    format_ts,
    is_direct,
    is_heard,
    parse_ts,
    permalink,
    to_message,
)
from bot.domain.model import Channel, Message

IDENTITY = BotIdentity("T1", "UN", "BN", "https://x.slack.com/")
ROOM = Channel("slack", "T1", "C1", "general")
ALONE = Channel("slack", "T1", "D1", direct=True)
TS = "1700000000.000100"


def event(text: str = "hello", **more: Any) -> dict[str, Any]:
    return check_fields({"type": "message", "user": "U1", "ts": TS, "text": text, **more})


def read(text: str = "hello", channel: Channel = ROOM, **more: Any) -> Message:
    return to_message(event(text, **more), channel, IDENTITY, Names({"U1": "ana", "UN": "Nellie"}))


def test_a_message_at_top_level() -> None:
    message = read("a &lt;b&gt; <https://a.example|site>")

    assert (message.id, message.author.name, message.thread, message.addressed) == (
        TS,
        "ana",
        "",
        False,
    )
    assert message.text == "a <b> site (https://a.example)"
    assert message.link == "https://x.slack.com/archives/C1/p1700000000000100"


def test_a_mention_addresses_nellie_and_starts_its_thread() -> None:
    message = read("<@UN> what about <@U2|bob>?")

    assert (message.addressed, message.thread, message.mentions) == (True, TS, ("U2",))
    assert message.text == "what about @bob?"


def test_a_mention_and_its_message_are_the_same_message() -> None:
    assert read("<@UN> hi") == read("<@UN> hi", type="app_mention")


def test_a_mention_without_words_is_not_empty() -> None:
    assert read("<@UN>").text == "@Nellie"


def test_a_reply_keeps_its_thread_and_its_link() -> None:
    message = read(thread_ts="1600000000.000000", subtype="thread_broadcast")

    assert message.thread == "1600000000.000000"
    assert message.link.endswith("p1700000000000100?thread_ts=1600000000.000000&cid=C1")


def test_a_direct_message_addresses_nellie_and_has_a_lane_of_its_own() -> None:
    message = read(channel=ALONE)

    assert (message.addressed, message.thread, message.lane) == (True, "", "direct")


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "channel_join"},
        {"subtype": "message_replied"},
        {"hidden": True},
        {"user": "UN"},
        {"bot_id": "BN"},
        {"bot_id": "B2"},
        {"subtype": "bot_message", "user": ""},
        {"user": ""},
    ],
)
def test_ignores_what_nobody_wrote_to_be_heard(more: dict[str, Any]) -> None:
    assert not is_heard(event(**more), IDENTITY, frozenset())


@pytest.mark.parametrize(
    "more", [{}, {"subtype": "file_share"}, {"subtype": "me_message"}, {"bot_id": "B9"}]
)
def test_hears_people_and_allowed_bots(more: dict[str, Any]) -> None:
    assert is_heard(event(**more), IDENTITY, frozenset({"B9"}))


def test_a_message_without_text_reads_as_its_attachments() -> None:
    assert read("", attachments=[{"fallback": "build &amp; test failed"}, 7]).text == (
        "build & test failed"
    )


def test_a_me_message_reads_as_one() -> None:
    assert read("waves", subtype="me_message").text == "/me waves"


@pytest.mark.parametrize(
    "broken",
    [{"ts": "soon"}, {"ts": 5}, {"text": []}, {"user": {}}, {"files": "x"}, {"thread_ts": 1}],
)
def test_a_malformed_message_is_a_value_error(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its "):
        to_message(
            check_fields({"type": "message", "user": "U1", "ts": TS, "text": "x"} | broken),
            ROOM,
            IDENTITY,
            Names(),
        )


def test_a_ts_is_read_and_written() -> None:
    assert parse_ts(TS) == datetime(2023, 11, 14, 22, 13, 20, 100, UTC)
    assert format_ts(parse_ts(TS)) == TS


def test_direct_messages_are_recognized_by_type_or_id() -> None:
    assert is_direct({"channel_type": "im"}, "C1")
    assert is_direct({}, "D1")
    assert not is_direct({"channel_type": "mpim"}, "G1")


def test_the_link_of_a_root_names_no_thread() -> None:
    assert permalink(IDENTITY, "C1", TS, TS) == "https://x.slack.com/archives/C1/p1700000000000100"
