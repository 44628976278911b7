"""A person's day begins where they live: in commands, and in what is asked in words."""

from datetime import UTC, datetime, timedelta, timezone

from bot.testing import ANA, BOB, RunningNellie


def an_hour_after_midnight(now: datetime) -> timezone:
    """A zone in which the day began an hour ago, wherever that is."""
    minutes = 60 - (now.hour * 60 + now.minute)
    return timezone(timedelta(minutes=minutes if minutes > -720 else minutes + 1_440))


async def say_before_and_after_midnight(nellie: RunningNellie, now: datetime) -> None:
    await nellie.say(BOB, "the old boat leaks", at=now - timedelta(hours=3))
    await nellie.say(BOB, "the new boat floats", at=now - timedelta(minutes=20))


async def test_today_and_yesterday_are_those_of_who_gives_the_command(
    nellie: RunningNellie,
) -> None:
    now = datetime.now(UTC)
    zone = an_hour_after_midnight(now)
    await say_before_and_after_midnight(nellie, now)

    today = await nellie.run_command("catchup today", ANA, zone=zone)
    yesterday = await nellie.run_command("catchup yesterday", ANA, zone=zone)

    assert today.text.startswith("1 message since")
    assert "new boat" in today.text
    day = now.astimezone(zone) - timedelta(days=1)
    assert yesterday.text.startswith(f"1 message on {day:%Y-%m-%d} (UTC")
    assert "old boat" in yesterday.text


async def test_what_is_asked_in_words_is_about_the_day_of_who_asks(nellie: RunningNellie) -> None:
    now = datetime.now(UTC)
    nellie.platform.zones[ANA.id] = an_hour_after_midnight(now)
    await say_before_and_after_midnight(nellie, now)

    today = await nellie.ask(ANA, "What did I miss today?")
    yesterday = await nellie.ask(ANA, "What happened yesterday?")

    assert "new boat" in today
    assert "old boat" not in today
    assert "old boat" in yesterday
    assert "new boat" not in yesterday
