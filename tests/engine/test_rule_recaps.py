"""Recaps of rules by the clock: posted once, with changes, and of nothing none."""

import asyncio
from datetime import UTC, datetime

import pytest
from doubles.sorting_script import sorts
from doubles.start_nellie import Start

from bot.core.ruling.texts import recap_text
from bot.domain.model import Channel
from bot.store.rule_recaps import PeriodCount
from bot.telemetry import metrics
from bot.testing import BOB, GENERAL, FakePlatform, RunningNellie, ScriptedModel

SINCE = datetime(2026, 11, 20, 16, tzinfo=UTC)


def sorting() -> ScriptedModel:
    model = ScriptedModel()
    model.follow("rule", sorts(outage="down", bug="crash", praise="thanks"))
    return model


@pytest.fixture
async def nellie(start_nellie: Start) -> RunningNellie:
    """A Nellie whose model sorts."""
    return await start_nellie(model=sorting())


async def rule(nellie: RunningNellie, channel: Channel = GENERAL) -> None:
    for line in (
        "rules add triage: bug, praise, outage",
        "rules recap triage weekly friday 16:00 Europe/Berlin",
    ):
        await nellie.run_command(line, admin=True, channel=channel)


async def say(nellie: RunningNellie, *texts: str, days_ago: int = 0) -> None:
    """These are said and labelled, so many days ago."""
    for number, text in enumerate(texts):
        await nellie.say(BOB, text, link=f"https://c/{text.split()[0]}{number}")
    await nellie.parts.jobs.label_arrived()
    await nellie.rows(
        "UPDATE rule_label SET at = at - make_interval(days => :days)"
        " WHERE at > now() - interval '1 hour'",
        days=days_ago,
    )


async def due_now(nellie: RunningNellie) -> None:
    """Let a week pass: the next one is due."""
    await nellie.rows(
        "UPDATE rule SET recap_at = now(), recap_since = now() - interval '7 days',"
        " since = now() - interval '30 days'"
    )


async def posted(nellie: RunningNellie) -> list[str]:
    await nellie.parts.jobs.open_rule_posts()
    await nellie.parts.lanes.idle()
    return list(nellie.platform.shown.values())


async def test_it_counts_with_the_change_bars_and_examples(nellie: RunningNellie) -> None:
    await rule(nellie)
    await say(nellie, "crash a", "crash b", "thanks a", days_ago=10)
    await say(nellie, "crash c", "crash d", "crash e", "down a", "hm")
    await due_now(nellie)

    [text] = await posted(nellie)

    head, _, *table = text.split("\n")
    assert head.startswith("triage: 5 messages since ")
    assert head.endswith(" (before that: 3)")
    assert table[:4] == [
        "bug        3  ████████████  +1",
        "outage     1  ████          +1",
        "praise     0                -1",
        "(unclear)  1  ████          +1",
    ]
    assert "bug: https://c/crash2 https://c/crash1 https://c/crash0" in text
    assert "outage: https://c/down3" in text
    assert "praise:" not in text
    assert await nellie.parts.stores.rule_recaps.due(["fake"]) == []


async def test_it_is_posted_once_however_many_replicas_look(start_nellie: Start) -> None:
    one, two = await start_nellie(model=sorting()), await start_nellie(model=sorting())
    await rule(one)
    await say(one, "crash")
    await due_now(one)

    await asyncio.gather(*(each.parts.jobs.open_rule_posts() for each in (one, two, one, two)))
    await one.parts.lanes.idle()
    await two.parts.lanes.idle()

    assert len(one.platform.started) + len(two.platform.started) == 1


async def test_a_crash_between_owing_and_advancing_posts_no_second_one(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rule(nellie)
    await say(nellie, "crash")
    await due_now(nellie)
    recaps = nellie.parts.jobs.ruling.recaps
    with monkeypatch.context() as patched:
        patched.setattr(type(recaps.recaps), "advance", lambda self, due, at: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await recaps.open_due()

    await posted(nellie)

    assert len(nellie.platform.started) == 1


async def test_a_delivery_that_breaks_is_made_good_in_its_place(start_nellie: Start) -> None:
    nellie = await start_nellie(model=sorting(), platform=FakePlatform(failures=1))
    await rule(nellie)
    await say(nellie, "crash")
    await due_now(nellie)

    assert len(await posted(nellie)) == 1
    assert len(nellie.platform.started) == 2


async def test_nothing_is_posted_where_nothing_was_labelled(nellie: RunningNellie) -> None:
    await rule(nellie)
    await say(nellie, "crash", days_ago=20)
    await due_now(nellie)

    assert await posted(nellie) == []
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


async def test_what_was_forgotten_is_not_counted(nellie: RunningNellie) -> None:
    await rule(nellie)
    await say(nellie, "crash", "down")
    [(first,)] = await nellie.rows("SELECT external_id FROM message WHERE text = 'down'")
    await nellie.parts.inbox.deleted(GENERAL, first)
    await due_now(nellie)

    [text] = await posted(nellie)

    assert text.startswith("triage: 1 message since")
    assert "https://c/down" not in text


async def test_none_is_posted_of_a_rule_that_is_off_or_removed(nellie: RunningNellie) -> None:
    await rule(nellie)
    await say(nellie, "crash")
    await due_now(nellie)
    await nellie.run_command("rules off triage", admin=True)
    assert await posted(nellie) == []

    await nellie.run_command("rules on triage", admin=True)
    await nellie.run_command("rules recap triage off", admin=True)

    assert await posted(nellie) == []


async def test_one_that_is_not_understood_any_more_holds_up_no_other(
    nellie: RunningNellie,
) -> None:
    other = Channel("fake", "team", "C2")
    await rule(nellie, other)
    await rule(nellie)
    await say(nellie, "crash")
    await due_now(nellie)
    await nellie.rows(
        "UPDATE rule SET recap = 'daily 09:00 Mars/Phobos', recap_at = now() - interval '1 minute'"
        " WHERE channel_id = :other",
        other=await nellie.channel_id(other),
    )
    failures = metrics.job_failures.values.get(("rules",), 0)

    assert len(await posted(nellie)) == 1
    assert len(await posted(nellie)) == 1
    assert metrics.job_failures.values["rules",] == failures + 1


@pytest.mark.parametrize(
    "labels", [("bug", "praise"), ("@everyone `x` ```", "<!channel>"), ("a" * 60, "b")]
)
def test_whatever_labels_are_called_a_recap_pings_nobody_and_stays_in_shape(
    labels: tuple[str, str],
) -> None:
    counts = [PeriodCount(labels[0], 3, 0), PeriodCount(None, 1, 1), PeriodCount("gone", 1, 9)]

    text = recap_text(
        "triage", labels, counts, {labels[0]: ["https://c/1"]}, SINCE, compared=True, waiting=2
    )

    assert text.count("```") == 2
    assert "@everyone" not in text
    assert "<!channel" not in text
    assert "2 messages still to be labelled." in text
    assert "gone" in text


def test_a_first_recap_compares_with_nothing() -> None:
    text = recap_text("triage", ("a", "b"), [PeriodCount("a", 2, 0)], {}, SINCE, compared=False)

    assert "before that" not in text
    assert "+2" not in text


def test_a_recap_of_nothing_is_empty() -> None:
    counts = [PeriodCount("a", 0, 4)]

    assert recap_text("triage", ("a", "b"), counts, {}, SINCE, compared=True) == ""
