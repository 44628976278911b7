"""Digests by the clock: posted once, with links, and nothing where nobody new_message anything."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, Start

from bot.core.message_checks import checked
from bot.domain.errors import CommandError, NotAllowed
from bot.telemetry import metrics
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    new_message,
    says,
    summarizes,
    waits,
)


async def due_now(nellie: RunningNellie) -> None:
    """Let an hour pass: the next one is due."""
    await nellie.rows(
        "UPDATE schedule SET next_at = now(), since = now() - interval '1 hour' RETURNING 1"
    )


async def posted(nellie: RunningNellie) -> list[str]:
    await nellie.parts.scheduled_digests.open_due()
    await nellie.parts.lanes.idle()
    return list(nellie.platform.shown.values())


async def test_a_digest_is_posted_with_links_to_what_it_rests_on(nellie: RunningNellie) -> None:
    reply = await nellie.run_command("digest daily 09:00 Europe/Berlin", admin=True)
    now = datetime.now(UTC) - timedelta(seconds=1)
    await nellie.say(BOB, "the disk is red", link="https://chat.example/1", at=now)
    await due_now(nellie)

    [text] = await posted(nellie)

    assert "daily 09:00 Europe/Berlin" in reply.text
    assert not reply.private
    assert f"- bob: the disk is red ({now:%H:%M}) https://chat.example/1" in text
    assert await nellie.texts() == ["the disk is red"]
    assert await nellie.rows("SELECT purpose FROM usage") == [("digest",)]


async def test_it_is_posted_once_however_many_look(nellie: RunningNellie) -> None:
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red")
    await due_now(nellie)

    await asyncio.gather(*(nellie.parts.scheduled_digests.open_due() for _ in range(5)))
    await nellie.parts.lanes.idle()

    assert len(nellie.platform.started) == 1
    assert await nellie.parts.scheduled_digests.digests.find_due(["fake"]) == []


async def test_a_crash_between_owing_and_advancing_posts_no_second_one(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red")
    await due_now(nellie)
    with monkeypatch.context() as patched:
        patched.setattr(
            type(nellie.parts.scheduled_digests.digests), "advance", lambda self, due: 1 / 0
        )
        with pytest.raises(ZeroDivisionError):
            await nellie.parts.scheduled_digests.open_due()

    await posted(nellie)

    assert len(nellie.platform.started) == 1


async def test_a_delivery_that_breaks_is_made_good_in_its_place(start_nellie: Start) -> None:
    nellie = await start_nellie(platform=FakePlatform(failures=1))
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red")
    await due_now(nellie)

    [text] = await posted(nellie)

    assert "the disk is red" in text
    assert len(nellie.platform.started) == 2
    assert len(nellie.model.prompts_for("digest")) == 1


async def test_nothing_is_posted_where_nobody_said_anything(nellie: RunningNellie) -> None:
    await nellie.run_command("digest weekly monday 09:00", admin=True)
    await nellie.parts.acceptance.remember(
        [checked(new_message(BOB, "old", at=datetime.now(UTC) - timedelta(days=30)))]
    )
    await due_now(nellie)

    assert await posted(nellie) == []
    assert nellie.model.prompts == []
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


async def test_a_model_that_says_nothing_leaves_an_honest_line(nellie: RunningNellie) -> None:
    nellie.model.follow("digest", says("Hm."))
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red", link="https://chat.example/1")
    await due_now(nellie)

    [text] = await posted(nellie)

    assert "could not be summed up. No line" in text
    assert text.endswith("It begins here: https://chat.example/1")


async def test_it_is_shown_and_taken_back(nellie: RunningNellie) -> None:
    assert "No digest" in (await nellie.run_command("digest")).text
    await nellie.run_command("digest weekly friday 17:00", admin=True)
    assert "weekly friday 17:00 UTC" in (await nellie.run_command("digest")).text

    await nellie.run_command("digest off", admin=True)

    assert "No digest" in (await nellie.run_command("digest")).text


async def test_it_needs_rights_and_a_time(nellie: RunningNellie) -> None:
    with pytest.raises(NotAllowed):
        await nellie.run_command("digest daily 09:00", author=ANA)
    with pytest.raises(CommandError):
        await nellie.run_command("digest at tea time", admin=True)


async def test_a_digest_is_of_its_channel_alone(nellie: RunningNellie) -> None:
    await nellie.run_command("digest daily 09:00", admin=True)
    other = type(GENERAL)("fake", "team", "C2")
    await nellie.say(BOB, "a secret elsewhere", channel=other)
    await due_now(nellie)

    assert await posted(nellie) == []


@pytest.mark.parametrize(
    "rhythm", ["daily 09:00 Mars/Phobos", "daily 31:00 UTC", "hourly", "", "daily 09:00 US/Gone"]
)
async def test_a_schedule_that_is_not_understood_holds_up_no_other(
    nellie: RunningNellie, rhythm: str
) -> None:
    other = type(GENERAL)("fake", "team", "C2")
    for channel in (other, GENERAL):
        await nellie.run_command("digest daily 09:00", channel=channel, admin=True)
        await nellie.say(BOB, f"the disk of {channel.id} is red", channel=channel)
    await due_now(nellie)
    bad = await nellie.channel_id(other)
    await nellie.rows(
        "UPDATE schedule SET rhythm = :rhythm, next_at = now() - interval '1 second'"
        " WHERE channel_id = :bad",
        rhythm=rhythm,
        bad=bad,
    )
    failures = metrics.job_failures.values.get(("digests",), 0)

    [text] = await posted(nellie)
    again = await posted(nellie)

    assert GENERAL.id in text
    assert again == [text]
    assert metrics.job_failures.values["digests",] == failures + 1
    assert "do not understand" in (await nellie.run_command("digest", channel=other)).text


async def test_many_that_are_not_understood_hold_up_no_other(nellie: RunningNellie) -> None:
    for number in range(120):
        channel = type(GENERAL)("fake", "team", f"C-bad-{number}")
        await nellie.run_command("digest daily 09:00", channel=channel, admin=True)
    await nellie.rows("UPDATE schedule SET rhythm = 'daily 09:00 Mars/Phobos'")
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red")
    await due_now(nellie)

    for _ in range(3):
        shown = await posted(nellie)

    assert len(shown) == 1


async def test_a_schedule_that_is_understood_again_is_posted_again(nellie: RunningNellie) -> None:
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, "the disk is red")
    await nellie.rows("UPDATE schedule SET rhythm = 'daily 09:00 Mars/Phobos'")
    await due_now(nellie)
    assert await posted(nellie) == []

    await nellie.rows("UPDATE schedule SET rhythm = 'daily 09:00 Europe/Kyiv'")
    await due_now(nellie)

    assert len(await posted(nellie)) == 1


async def written(nellie: RunningNellie, gate: asyncio.Event) -> None:
    """A digest of a message, m1, is being written; it goes on when the gate opens."""
    nellie.model.follow("digest", waits(gate, summarizes), summarizes)
    await nellie.run_command("digest daily 09:00", admin=True)
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    await nellie.say(BOB, "the pump is dry", id="m2")
    await due_now(nellie)
    await nellie.parts.scheduled_digests.open_due()
    await nellie.model.called.wait()


@pytest.mark.parametrize("now", ["", "the disk code is secret", "forget it"])
async def test_what_is_taken_back_while_a_digest_is_written_is_not_posted(
    start_nellie: Start, now: str
) -> None:
    gate = asyncio.Event()
    nellie, other = await start_nellie(), await start_nellie()
    await written(nellie, gate)

    await other.parts.inbox.edited(GENERAL, "m1", now)
    gate.set()
    await nellie.parts.lanes.idle()

    [text] = nellie.platform.shown.values()
    assert CANARY not in text
    assert "the pump is dry" in text
    assert now in text
    assert len(nellie.model.prompts_for("digest")) == 2


async def test_a_digest_is_written_once_where_nothing_was_taken_back(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie()
    await written(nellie, gate)

    await nellie.say(BOB, "and something new")
    await nellie.parts.inbox.edited(GENERAL, "m2", "the pump is dry again")
    gate.set()
    await nellie.parts.lanes.idle()

    [text] = nellie.platform.shown.values()
    assert CANARY in text
    assert len(nellie.model.prompts_for("digest")) == 1


async def test_a_digest_whose_delivery_breaks_is_written_again_without_what_went(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(platform=FakePlatform(failures=1))
    await written(nellie, gate)
    gate.set()
    async with asyncio.timeout(20):
        while nellie.platform.failures:  # noqa: ASYNC110  # it happens on the platform
            await asyncio.sleep(0.01)

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    await nellie.parts.lanes.idle()

    [text] = nellie.platform.shown.values()
    assert CANARY not in text
