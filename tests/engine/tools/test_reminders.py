"""Reminders: posted once, where and to whom they were meant, and taken back in time."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from doubles.start_nellie import CANARY, Start
from doubles.tool_calls import call, context_of, switch_on

from bot.domain.errors import CommandError, NotAllowed, Refused
from bot.domain.model import Channel
from bot.domain.tools import ToolResult
from bot.store.reminders import MOST
from bot.testing import ANA, BOB, GENERAL, FakePlatform, RunningNellie, new_message

OTHER = Channel("fake", "team", "C2")


async def remind(
    nellie: RunningNellie, text: str = "call the pilot", key: str = "", **fields: Any
) -> ToolResult:
    """Ana asks to be reminded in an hour."""
    given = {"text": text, "when": fields.pop("when", "in 1 hour")}
    given |= {name: fields.pop(name) for name in ("where", "zone") if name in fields}
    author = fields.pop("author", ANA)
    context = await context_of(nellie, author, "remind me", key=key, **fields)
    return await call(nellie, "remind", given, context)


async def let_an_hour_pass(nellie: RunningNellie) -> None:
    await nellie.rows("UPDATE reminder SET at = now(), due_at = now() RETURNING 1")


async def posted(nellie: RunningNellie) -> list[str]:
    """What the due ones have posted."""
    await nellie.parts.jobs.open_reminders()
    await nellie.parts.lanes.idle()
    return list(nellie.platform.shown.values())


async def left(nellie: RunningNellie) -> int:
    [(count,)] = await nellie.rows("SELECT count(*) FROM reminder")
    return int(count)


async def test_a_reminder_is_posted_once_at_its_time(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    result = await remind(nellie)
    early = await posted(nellie)

    await let_an_hour_pass(nellie)
    texts = await posted(nellie) + await posted(nellie)

    assert "is set for" in result.text
    assert early == []
    assert texts == ["ana asked me for this reminder: call the pilot"] * 2  # the same post, twice
    assert len(nellie.platform.started) == 1
    assert await left(nellie) == 0
    assert await nellie.texts() == []
    assert nellie.model.prompts == []


async def test_nothing_of_it_is_kept_once_it_is_posted(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, f"feed {CANARY}")
    await let_an_hour_pass(nellie)

    await posted(nellie)

    assert await nellie.find_traces(CANARY) == []


async def test_it_is_posted_once_however_many_replicas_look(
    start_nellie: Start,
) -> None:
    one, two = await start_nellie(), await start_nellie()
    await switch_on(one, "remind")
    for number in range(5):
        await remind(one, f"number {number}")
    await let_an_hour_pass(one)

    await asyncio.gather(*(each.parts.jobs.open_reminders() for each in (one, two) * 4))
    await asyncio.gather(one.parts.lanes.idle(), two.parts.lanes.idle())

    shown = [*one.platform.shown.values(), *two.platform.shown.values()]
    assert sorted(text[-1] for text in shown) == ["0", "1", "2", "3", "4"]
    assert await left(one) == 0


@pytest.mark.parametrize("posted_before", [(), ("post-1",)])
@pytest.mark.parametrize("where", ["here", "privately"])
async def test_a_crash_while_it_is_posted_neither_loses_nor_doubles_it(
    start_nellie: Start, where: str, posted_before: tuple[str, ...]
) -> None:
    first = await start_nellie(platform=FakePlatform(delay=60))
    await switch_on(first, "remind")
    await remind(first, where=where)
    await let_an_hour_pass(first)
    await first.parts.jobs.open_reminders()
    while not first.platform.started:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0)
    await first.crash()
    kept = list(posted_before)
    await first.rows("UPDATE turn SET posted = :kept RETURNING 1", kept=kept)

    second = await start_nellie()
    [[turn]] = await second.rows("SELECT id FROM turn")
    await second.parts.turns.wait_until_ended(turn)
    await second.parts.jobs.open_reminders()
    await second.parts.lanes.idle()

    [text] = second.platform.shown.values()
    assert "call the pilot" in text
    assert second.platform.started == [turn]
    assert second.platform.turns[turn].posted == posted_before
    assert await left(second) == 0


async def test_a_crash_after_it_was_posted_posts_no_second_one(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie)
    await let_an_hour_pass(nellie)
    await posted(nellie)
    await nellie.rows("UPDATE turn SET state = 'running', finished_at = NULL RETURNING 1")

    again = await posted(nellie)

    assert len(again) == 1
    assert len(nellie.platform.started) == 1


async def test_one_that_an_older_version_has_posted_does_not_stay_open(
    nellie: RunningNellie,
) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, CANARY)
    await let_an_hour_pass(nellie)
    nellie.parts.stores.reminders.drop = lambda *ids: _gives(None)  # type: ignore[method-assign]
    await posted(nellie)
    open_before = await left(nellie)

    await nellie.rows("UPDATE reminder SET at = now() - interval '1 hour' RETURNING 1")
    await nellie.rows("UPDATE turn SET finished_at = now() - interval '1 hour' RETURNING 1")
    await nellie.parts.jobs.expire()

    assert (open_before, await left(nellie)) == (1, 0)
    assert await nellie.find_traces(CANARY) == []


async def test_the_same_call_made_again_sets_no_second_one(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")

    first = await remind(nellie, key="turn 7, round 1, call 0")
    second = await remind(nellie, key="turn 7, round 1, call 0")
    third = await remind(nellie, key="turn 7, round 1, call 1")

    assert first.text.split()[1] == second.text.split()[1] != third.text.split()[1]
    assert await left(nellie) == 2


async def test_a_platform_that_is_away_gets_it_later(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await switch_on(nellie, "remind")
    await remind(nellie)
    await let_an_hour_pass(nellie)
    nellie.platform.away = True
    away = await posted(nellie)
    [(at, due)] = await nellie.rows("SELECT at, due_at FROM reminder")

    nellie.platform.away = False
    await nellie.rows("UPDATE reminder SET at = now(), due_at = now() - interval '2 hours'")
    [text] = await posted(nellie)

    assert away == []
    assert timedelta(minutes=8) < at - due < timedelta(minutes=12)
    assert "call the pilot\n(It was for " in text
    assert await left(nellie) == 0


async def test_one_that_cannot_be_posted_for_a_day_is_dropped(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, CANARY)
    await nellie.rows("UPDATE reminder SET at = now(), due_at = now() - interval '2 days'")
    nellie.platform.away = True

    assert await posted(nellie) == []
    assert await left(nellie) == 0
    assert await nellie.find_traces(CANARY) == []


@pytest.mark.parametrize(
    ("where", "private", "thread", "reads"),
    [
        ("here", False, "t1", "ana asked me for this reminder: call"),
        ("channel", False, "", "ana asked me for this reminder: call"),
        ("privately", True, "", "You asked me to remind you: call"),
    ],
)
async def test_it_is_posted_where_it_was_meant(
    nellie: RunningNellie, where: str, private: bool, thread: str, reads: str
) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, where=where, thread="t1")
    await let_an_hour_pass(nellie)

    [text] = await posted(nellie)

    [turn] = nellie.platform.turns.values()
    assert reads in text
    assert (turn.private, turn.trigger.thread) == (private, thread)
    assert not private or turn.asker.id == ANA.id
    assert await left(nellie) == 0


async def test_what_was_asked_privately_is_reminded_of_privately(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")

    result = await remind(nellie, where="channel", private=True)

    assert "privately" in result.text
    assert await nellie.rows("SELECT private FROM reminder") == [(True,)]


@pytest.mark.parametrize(
    ("when", "zone", "expected"),
    [
        ("2030-01-02 09:00", "Asia/Tokyo", None),
        ("2026-12-24T18:00+01:00", "", "2026-12-24T17:00+00:00"),
        ("gibberish", "", "I do not understand when"),
        ("2020-01-01 10:00", "", "is over"),
        ("every day at 9", "", "once, not again and again"),
        ("tomorrow", "Nowhere/Land", "I do not know the time zone"),
    ],
)
async def test_a_time_is_read_or_the_model_is_told(
    nellie: RunningNellie, when: str, zone: str, expected: str | None
) -> None:
    await switch_on(nellie, "remind")

    result = await remind(nellie, when=when, zone=zone)

    if expected is None:
        assert "more than two years" in result.text
    elif expected.startswith("2026"):
        [(at,)] = await nellie.rows("SELECT at FROM reminder")
        assert at.astimezone(UTC) == datetime.fromisoformat(expected)
    else:
        assert result.is_error
        assert expected in result.text


async def test_a_time_is_by_the_askers_clock(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    nellie.platform.zones[ANA.id] = ZoneInfo("Asia/Tokyo")

    result = await remind(nellie, when="tomorrow at 9:00")

    [(at,)] = await nellie.rows("SELECT at FROM reminder")
    assert at.astimezone(ZoneInfo("Asia/Tokyo")).hour == 9
    assert "Asia/Tokyo" in result.text


async def test_nobody_has_more_than_so_many(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")

    results = await asyncio.gather(*(remind(nellie, f"number {n}") for n in range(MOST + 8)))
    of_bob = await remind(nellie, author=BOB)

    assert sum(not one.is_error for one in results) == MOST
    assert all("/remind cancel" in one.text for one in results)
    assert not of_bob.is_error
    assert await left(nellie) == MOST + 1


async def test_they_are_listed_and_taken_back(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, "call the pilot")
    await remind(nellie, "feed the gulls", where="privately")
    await remind(nellie, "of bob", author=BOB)

    listed = (await nellie.run_command("remind list", ANA)).text
    number = listed.split(":")[0]
    reply = await nellie.run_command(f"remind cancel {number}", ANA)
    await let_an_hour_pass(nellie)
    texts = await posted(nellie)

    assert "call the pilot" in listed
    assert "privately: feed the gulls" in listed
    assert "of bob" not in listed
    assert "Cancelled" in reply.text
    assert not any("call the pilot" in text for text in texts)
    assert len(texts) == 2
    assert "You have no reminders here" in (await nellie.run_command("remind", ANA)).text


async def test_one_is_taken_back_between_its_time_and_its_post(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie)
    await let_an_hour_pass(nellie)
    [(number,)] = await nellie.rows("SELECT id FROM reminder")
    due = await nellie.parts.stores.reminders.due(["fake"])
    await nellie.run_command(f"remind cancel {number}", ANA)

    nellie.parts.stores.reminders.due = lambda platforms: _gives(due)  # type: ignore[method-assign]
    texts = await posted(nellie)

    assert texts == []


async def _gives(value: Any) -> Any:
    return value


@pytest.mark.parametrize("line", ["remind cancel 1", "remind list all"])
async def test_what_others_will_have_posted_needs_rights(nellie: RunningNellie, line: str) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, "for all", author=BOB)
    await remind(nellie, "for bob alone", author=BOB, where="privately")
    [(number,)] = await nellie.rows("SELECT id FROM reminder WHERE NOT private")
    line = line.replace("1", str(number))

    with pytest.raises(NotAllowed if "list" in line else CommandError):
        await nellie.run_command(line, ANA)
    reply = await nellie.run_command(line, ANA, admin=True)

    assert "for all" in reply.text
    assert "for bob alone" not in reply.text


@pytest.mark.parametrize("number", ["", "x", "0", "99999999999", "9" * 40, "1 2", "-1"])
async def test_a_number_that_is_none_is_explained(nellie: RunningNellie, number: str) -> None:
    with pytest.raises(CommandError, match="/remind list"):
        await nellie.run_command(f"remind cancel {number}", ANA)


async def test_reminders_of_another_channel_are_not_shown(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind", channel=OTHER)
    await remind(nellie, "elsewhere", channel=OTHER)
    [(number,)] = await nellie.rows("SELECT id FROM reminder")

    assert "elsewhere" not in (await nellie.run_command("remind list", ANA)).text
    with pytest.raises(CommandError):
        await nellie.run_command(f"remind cancel {number}", ANA)


@pytest.mark.parametrize("how", ["memory forget me", "memory optout", "memory forget all"])
async def test_who_is_forgotten_has_no_reminders_left(nellie: RunningNellie, how: str) -> None:
    await switch_on(nellie, "remind")
    await nellie.say(ANA, "hello")
    await remind(nellie, CANARY)
    await let_an_hour_pass(nellie)

    reply = await nellie.run_command(how, ANA, admin=True)
    if reply.confirm:
        await nellie.run_command(f"memory {reply.confirm}", ANA, admin=True)

    assert await posted(nellie) == []
    assert await nellie.find_traces(CANARY) == []


async def test_a_reminder_pings_nobody(nellie: RunningNellie) -> None:
    await switch_on(nellie, "remind")
    await remind(nellie, "@everyone <!channel> <@U2> wake up")
    await let_an_hour_pass(nellie)

    [text] = await posted(nellie)

    assert "@everyone" not in text
    assert "<!channel>" not in text
    assert "<@U2>" not in text


@pytest.mark.parametrize("id_", ["reminder:1", "reminder:99", "reminder:x"])
async def test_no_message_of_a_platform_can_look_like_one(nellie: RunningNellie, id_: str) -> None:
    with pytest.raises(Refused):
        await nellie.parts.inbox.receive(new_message(ANA, "hello", id=id_))


async def test_one_channels_trouble_is_not_every_channels(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    for channel in (GENERAL, OTHER):
        await switch_on(nellie, "remind", channel=channel)
        await remind(nellie, f"in {channel.id}", channel=channel)
    await let_an_hour_pass(nellie)
    store, bad = nellie.parts.acceptance.turns.accept, await nellie.channel_id()

    async def accept(channel_id: int, *rest: Any, **options: Any) -> Any:
        if channel_id == bad:
            raise ValueError(json.dumps("a fault of ours"))
        return await store(channel_id, *rest, **options)

    monkeypatch.setattr(nellie.parts.acceptance.turns, "accept", accept)

    [text] = await posted(nellie)

    assert OTHER.id in text
    assert await left(nellie) == 1
