"""What is too old is forgotten, with all that rests on it; the rest stays."""

from datetime import UTC, datetime, timedelta

import pytest
from doubles.house import BOB, GENERAL, LINES, SMALL, House, Open, said

from bot.conversation import Channel
from bot.errors import CommandError, NotAllowed
from bot.memory import forgetting
from bot.schedule import tidy

CANARY = "canary7731"


async def old(house: House, *texts: str, days: int, channel: Channel = GENERAL) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    await house.engine.remember(
        [house.engine.checked(said(BOB, text, at=at, channel=channel)) for text in texts]
    )


async def test_what_is_older_leaves_text_index_and_summaries(open_house: Open) -> None:
    house = await open_house(**SMALL, retention=30)
    await old(house, f"the code is {CANARY}", *LINES, days=31)
    await house.history(*LINES)
    await house.compact()
    assert "segment.statements" in await house.traces(CANARY)

    await house.engine.expire()
    await tidy(house.engine.compaction)

    assert await house.traces(CANARY) == []
    assert await house.texts() == LINES
    assert await house.engine.summaries.dirty() == []
    await house.covered()


async def test_by_default_everything_stays(house: House) -> None:
    await old(house, "from long ago", days=30_000)

    await house.engine.expire()

    assert await house.texts() == ["from long ago"]


async def test_a_channel_may_keep_longer_or_less(open_house: Open) -> None:
    house = await open_house(retention=30)
    rooms = [Channel("stage", "team", f"C-{n}") for n in range(3)]
    for room in rooms:
        await old(house, "old", days=60, channel=room)
        await old(house, "new", days=5, channel=room)
    await house.command("memory retention off", channel=rooms[1], admin=True)
    await house.command("memory retention 3 days", channel=rooms[2], admin=True)

    await house.engine.expire()

    assert [await house.texts(room) for room in rooms] == [["new"], ["old", "new"], []]


async def test_much_goes_in_batches(open_house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 10)
    monkeypatch.setattr(forgetting, "BATCHES", 3)
    house = await open_house(retention=30)
    await old(house, *LINES, days=31)

    await house.engine.expire()
    assert len(await house.texts()) == len(LINES) - 30

    for _ in range(3):
        await house.engine.expire()
    assert await house.texts() == []


async def test_it_is_shown_and_needs_rights(house: House) -> None:
    assert "for ever (the general rule)" in (await house.command("memory retention")).text
    with pytest.raises(NotAllowed):
        await house.command("memory retention 90")
    for wrong in ("0", "soon", "-3", "99999999999"):
        with pytest.raises(CommandError):
            await house.command(f"memory retention {wrong}", admin=True)

    reply = await house.command("memory retention 90d", admin=True)

    assert "for 90 days, then forgotten for good" in reply.text
    await house.command("memory retention default", admin=True)
    assert "the general rule" in (await house.command("memory retention")).text
