"""Slack's events become messages: what is heard, how it reads, whom it is meant for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.incoming import (
    Me,
    Names,
    checked,
    is_direct,
    is_said,
    moment,
    permalink,
    stamp,
    to_message,
)
from bot.conversation import Channel, Message

ME = Me("T1", "UN", "BN", "https://x.slack.com/")
ROOM = Channel("slack", "T1", "C1", "general")
ALONE = Channel("slack", "T1", "D1", direct=True)
TS = "1700000000.000100"


def event(text: str = "hello", **more: Any) -> dict[str, Any]:
    return checked({"type": "message", "user": "U1", "ts": TS, "text": text, **more})


def read(text: str = "hello", channel: Channel = ROOM, **more: Any) -> Message:
    return to_message(event(text, **more), channel, ME, Names({"U1": "ana", "UN": "Nellie"}))


def test_a_message_at_top_level() -> None:
    said = read("a &lt;b&gt; <https://a.example|site>")

    assert (said.id, said.author.name, said.thread, said.addressed) == (TS, "ana", "", False)
    assert said.text == "a <b> site (https://a.example)"
    assert said.link == "https://x.slack.com/archives/C1/p1700000000000100"


def test_a_mention_is_meant_for_her_and_starts_its_thread() -> None:
    said = read("<@UN> what about <@U2|bob>?")

    assert (said.addressed, said.thread, said.mentions) == (True, TS, ("U2",))
    assert said.text == "what about @bob?"


def test_a_mention_and_its_message_are_one() -> None:
    assert read("<@UN> hi") == read("<@UN> hi", type="app_mention")


def test_nothing_but_a_mention_still_says_something() -> None:
    assert read("<@UN>").text == "@Nellie"


def test_a_reply_keeps_its_thread_and_its_link() -> None:
    said = read(thread_ts="1600000000.000000", subtype="thread_broadcast")

    assert said.thread == "1600000000.000000"
    assert said.link.endswith("p1700000000000100?thread_ts=1600000000.000000&cid=C1")


def test_a_direct_message_is_meant_for_her_and_keeps_the_lane_of_the_person() -> None:
    said = read(channel=ALONE)

    assert (said.addressed, said.thread, said.lane) == (True, "", "direct")


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
def test_what_is_not_heard(more: dict[str, Any]) -> None:
    assert not is_said(event(**more), ME, frozenset())


@pytest.mark.parametrize(
    "more", [{}, {"subtype": "file_share"}, {"subtype": "me_message"}, {"bot_id": "B9"}]
)
def test_what_is_heard(more: dict[str, Any]) -> None:
    assert is_said(event(**more), ME, frozenset({"B9"}))


def test_a_message_with_only_an_attachment_says_what_that_says() -> None:
    assert read("", attachments=[{"fallback": "build &amp; test failed"}, 7]).text == (
        "build & test failed"
    )


def test_what_a_person_does_is_told_so() -> None:
    assert read("waves", subtype="me_message").text == "/me waves"


@pytest.mark.parametrize(
    "broken",
    [{"ts": "soon"}, {"ts": 5}, {"text": []}, {"user": {}}, {"files": "x"}, {"thread_ts": 1}],
)
def test_what_is_malformed_is_a_value_error(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its "):
        to_message(
            checked({"type": "message", "user": "U1", "ts": TS, "text": "x"} | broken),
            ROOM, ME, Names(),
        )  # fmt: skip


def test_times_go_both_ways() -> None:
    assert moment(TS) == datetime(2023, 11, 14, 22, 13, 20, 100, UTC)
    assert stamp(moment(TS)) == TS


def test_direct_messages_are_known_by_type_or_id() -> None:
    assert is_direct({"channel_type": "im"}, "C1")
    assert is_direct({}, "D1")
    assert not is_direct({"channel_type": "mpim"}, "G1")


def test_a_root_links_without_its_thread() -> None:
    assert permalink(ME, "C1", TS, TS) == "https://x.slack.com/archives/C1/p1700000000000100"
