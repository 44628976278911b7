"""Digests by the clock: posted once, with links, and nothing where nobody said anything."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from doubles.house import ANA, BOB, GENERAL, House, Open, said
from doubles.model import says
from doubles.platform import Stage

from bot.errors import CommandError, NotAllowed


async def due_now(house: House) -> None:
    """Let an hour pass: the next one is due."""
    await house.rows(
        "UPDATE schedule SET next_at = now(), since = now() - interval '1 hour' RETURNING 1"
    )


async def posted(house: House) -> list[str]:
    await house.engine.post_digests()
    await house.engine.lanes.idle()
    return list(house.stage.shown.values())


async def test_a_digest_is_posted_with_links_to_what_it_rests_on(house: House) -> None:
    reply = await house.command("digest daily 09:00 Europe/Berlin", admin=True)
    now = datetime.now(UTC) - timedelta(seconds=1)
    await house.say(BOB, "the disk is red", link="https://chat.example/1", at=now)
    await due_now(house)

    [text] = await posted(house)

    assert "daily 09:00 Europe/Berlin" in reply.text
    assert not reply.private
    assert f"- bob: the disk is red ({now:%H:%M}) https://chat.example/1" in text
    assert await house.texts() == ["the disk is red"]
    assert await house.rows("SELECT purpose FROM usage") == [("digest",)]


async def test_it_is_posted_once_however_many_look(house: House) -> None:
    await house.command("digest daily 09:00", admin=True)
    await house.say(BOB, "the disk is red")
    await due_now(house)

    await asyncio.gather(*(house.engine.post_digests() for _ in range(5)))
    await house.engine.lanes.idle()

    assert len(house.stage.begun) == 1
    assert await house.engine.digests.due(["stage"]) == []


async def test_a_crash_between_owing_and_advancing_posts_no_second_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.command("digest daily 09:00", admin=True)
    await house.say(BOB, "the disk is red")
    await due_now(house)
    with monkeypatch.context() as patched:
        patched.setattr(type(house.engine.digests), "advance", lambda self, due: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await house.engine.post_digests()

    await posted(house)

    assert len(house.stage.begun) == 1


async def test_a_delivery_that_breaks_is_made_good_in_its_place(open_house: Open) -> None:
    house = await open_house(stage=Stage(failures=1))
    await house.command("digest daily 09:00", admin=True)
    await house.say(BOB, "the disk is red")
    await due_now(house)

    [text] = await posted(house)

    assert "the disk is red" in text
    assert len(house.stage.begun) == 2
    assert len(house.model.asked("digest")) == 1


async def test_nothing_is_posted_where_nobody_said_anything(house: House) -> None:
    await house.command("digest weekly monday 09:00", admin=True)
    await house.engine.remember(
        [house.engine.checked(said(BOB, "old", at=datetime.now(UTC) - timedelta(days=30)))]
    )
    await due_now(house)

    assert await posted(house) == []
    assert house.model.prompts == []
    assert await house.rows("SELECT state FROM turn") == [("done",)]


async def test_a_model_that_says_nothing_leaves_an_honest_line(house: House) -> None:
    house.model.plays("digest", says("Hm."))
    await house.command("digest daily 09:00", admin=True)
    await house.say(BOB, "the disk is red", link="https://chat.example/1")
    await due_now(house)

    [text] = await posted(house)

    assert "could not be summed up; it begins here: https://chat.example/1" in text


async def test_it_is_shown_and_taken_back(house: House) -> None:
    assert "No digest" in (await house.command("digest")).text
    await house.command("digest weekly friday 17:00", admin=True)
    assert "weekly friday 17:00 UTC" in (await house.command("digest")).text

    await house.command("digest off", admin=True)

    assert "No digest" in (await house.command("digest")).text


async def test_it_needs_rights_and_a_time(house: House) -> None:
    with pytest.raises(NotAllowed):
        await house.command("digest daily 09:00", author=ANA)
    with pytest.raises(CommandError):
        await house.command("digest at tea time", admin=True)


async def test_a_digest_is_of_its_channel_alone(house: House) -> None:
    await house.command("digest daily 09:00", admin=True)
    other = type(GENERAL)("stage", "team", "C2")
    await house.say(BOB, "a secret elsewhere", channel=other)
    await due_now(house)

    assert await posted(house) == []
