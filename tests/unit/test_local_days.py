"""Days are those of who asks, and of who said it: in their time zone, where that is known."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from doubles.prompt_material import CHANNEL

from adapters.console.local_zone import local_zone
from adapters.slack.time_zones import zone_of
from bot.domain.model import Author, Message
from bot.language.intents.local_days import read_span_in
from bot.language.intents.reading import read_request
from bot.language.intents.typed_times import read_time
from bot.memory.local_times import LocalTimes
from bot.memory.summary_parsing import parse_summary
from bot.testing import FakePlatform

TOKYO, DENVER = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Denver")
BERLIN, CHATHAM = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Chatham")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "when", "start", "end"),
    [
        (TOKYO, "2026-03-02 23:00", "today", "2026-03-02 15:00", None),
        (TOKYO, "2026-03-02 23:00", "yesterday", "2026-03-01 15:00", "2026-03-02 15:00"),
        (TOKYO, "2026-03-02 23:00", "2026-03-01", "2026-02-28 15:00", "2026-03-01 15:00"),
        (TOKYO, "2026-03-02 23:00", "2026-03-03", "2026-03-02 15:00", None),
        (DENVER, "2026-03-03 05:00", "today", "2026-03-02 07:00", None),
        (DENVER, "2026-03-03 05:00", "on monday", "2026-02-23 07:00", "2026-02-24 07:00"),
        (DENVER, "2026-03-03 05:00", "in february", "2026-02-01 07:00", "2026-03-01 07:00"),
        (BERLIN, "2026-03-30 08:00", "yesterday", "2026-03-28 23:00", "2026-03-29 22:00"),
        (BERLIN, "2026-03-30 08:00", "2026-03-29", "2026-03-28 23:00", "2026-03-29 22:00"),
        (CHATHAM, "2026-06-30 12:00", "since 2026-06-30 09:00", "2026-06-29 20:15", None),
        (CHATHAM, "2026-06-30 12:00", "2h", "2026-06-30 10:00", None),
        (CHATHAM, "2026-06-30 12:00", "2026-06-30T09:00z", "2026-06-30 09:00", None),
        (UTC, "2026-03-02 23:00", "today", "2026-03-02 00:00", None),
    ],
)
def test_a_catch_up_begins_where_the_day_of_who_asks_begins(
    zone: tzinfo, now: str, when: str, start: str, end: str | None
) -> None:
    span = read_time(when, utc(now), zone)

    assert span is not None

    assert (span.start, span.end) == (utc(start), utc(end) if end else None)


@pytest.mark.parametrize(
    ("zone", "asked", "start"),
    [
        (TOKYO, "What did I miss today?", "2026-03-02 15:00"),
        (TOKYO, "昨日何があった？", "2026-03-01 15:00"),
        (DENVER, "Was ist gestern passiert?", "2026-03-01 07:00"),
        (DENVER, "what happened in the last 3 hours?", "2026-03-02 20:00"),
    ],
)
def test_what_is_asked_in_words_means_the_days_of_who_asks(
    zone: tzinfo, asked: str, start: str
) -> None:
    request = read_request(asked, utc("2026-03-02 23:00"), zone)

    assert request is not None
    assert request.since == utc(start)


@pytest.mark.parametrize("zone", [TOKYO, DENVER, timezone(timedelta(hours=-23, minutes=-59))])
def test_a_time_beyond_all_calendars_is_none_or_itself(zone: tzinfo) -> None:
    for text in ("0001-01-01", "since 0001-01-01", "9999-12-31", "in january"):
        read_span_in(zone, text, utc("2026-03-02 23:00"))


@pytest.mark.parametrize(
    ("zone", "said_at", "day"),
    [
        (ZoneInfo("America/Los_Angeles"), "2026-03-03 07:30", "2026-03-03"),
        (TOKYO, "2026-03-03 20:00", "2026-03-05"),
        (ZoneInfo("Pacific/Kiritimati"), "2026-03-03 10:00", "2026-03-05"),
        (UTC, "2026-03-03 07:30", "2026-03-04"),
    ],
)
async def test_tomorrow_in_a_summary_is_the_day_that_it_was_for_who_said_it(
    zone: tzinfo, said_at: str, day: str
) -> None:
    platform = FakePlatform(name=CHANNEL.platform)
    platform.zones["U1"] = zone
    said = Message(
        CHANNEL, "1", Author("U1", "ana"), "deploy tomorrow", utc(said_at), seq=1, tokens=9
    )

    block = await LocalTimes({platform.name: platform}).show([said])

    for line in ("- ana: deploy tomorrow [1]", f"- ana: deploy on {day} [1]"):
        [statement] = parse_summary(line, block, limit=250, model="m").statements
        assert day in statement.text
    assert block[0].at == said.at


async def test_a_platform_that_does_not_answer_leaves_times_as_they_are() -> None:
    platform = FakePlatform(name=CHANNEL.platform)
    platform.away = True
    said = Message(CHANNEL, "1", Author("U1", "ana"), "hi", utc("2026-03-03 07:30"), seq=1)

    for adapters in ({platform.name: platform}, {}):
        assert await LocalTimes(adapters).show([said]) == [said]


@pytest.mark.parametrize(
    ("user", "offset"),
    [
        ({"tz": "Asia/Tokyo", "tz_offset": 1}, 540),
        ({"tz": "America/St_Johns"}, -210),
        ({"tz": "Mars/Phobos", "tz_offset": -25_200}, -420),
        ({"tz": "../../etc/passwd", "tz_offset": 3_600}, 60),
        ({"tz": None, "tz_offset": 19_800}, 330),
        ({"tz": 5, "tz_offset": "x"}, 0),
        ({"tz": "a\0b", "tz_offset": 10**9}, 0),
        ({}, 0),
    ],
)
def test_what_slack_tells_of_a_person_is_read_as_their_zone(
    user: dict[str, Any], offset: int
) -> None:
    at = datetime(2026, 1, 15, tzinfo=UTC).astimezone(zone_of(user))

    assert at.utcoffset() == timedelta(minutes=offset)


@pytest.mark.parametrize(
    ("name", "offset"), [("Asia/Tokyo", 540), (":America/Denver", -420), ("Asia/Kathmandu", 345)]
)
def test_the_console_has_the_zone_of_its_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, offset: int
) -> None:
    monkeypatch.setenv("TZ", name)

    at = datetime(2026, 1, 15, tzinfo=UTC).astimezone(local_zone())

    assert at.utcoffset() == timedelta(minutes=offset)


@pytest.mark.parametrize("name", ["", "no/where", "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_a_zone_without_a_name_is_as_far_from_utc_as_the_clock_is(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TZ", name)

    now = datetime.now(UTC)

    assert now.astimezone(local_zone()).utcoffset() == now.astimezone().utcoffset()
