"""What is too old is forgotten, with all that rests on it; the rest stays."""

from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, SMALL_WINDOW, TALK, Start, check_memory

from bot.core.message_checks import checked
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Channel
from bot.memory import forgetting
from bot.testing import BOB, GENERAL, RunningNellie, new_message


async def add_old(
    nellie: RunningNellie, *texts: str, days: int, channel: Channel = GENERAL
) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    await nellie.parts.acceptance.remember(
        [checked(new_message(BOB, text, at=at, channel=channel)) for text in texts]
    )


async def test_what_is_older_leaves_text_index_and_summaries(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW, retention=30)
    await add_old(nellie, f"the code is {CANARY}", *TALK, days=31)
    await nellie.add_history(*TALK)
    await nellie.compact()
    assert "segment.statements" in await nellie.find_traces(CANARY)

    await nellie.parts.jobs.expire()
    await nellie.parts.jobs.compact_due()

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.texts() == TALK
    assert await nellie.parts.stores.summaries.dirty_channels() == []
    await check_memory(nellie)


async def test_by_default_everything_stays(nellie: RunningNellie) -> None:
    await add_old(nellie, "from long ago", days=30_000)

    await nellie.parts.jobs.expire()

    assert await nellie.texts() == ["from long ago"]


async def test_a_channel_may_keep_longer_or_less(start_nellie: Start) -> None:
    nellie = await start_nellie(retention=30)
    rooms = [Channel("fake", "team", f"C-{n}") for n in range(3)]
    for room in rooms:
        await add_old(nellie, "old", days=60, channel=room)
        await add_old(nellie, "new", days=5, channel=room)
    await nellie.run_command("memory retention off", channel=rooms[1], admin=True)
    await nellie.run_command("memory retention 3 days", channel=rooms[2], admin=True)

    await nellie.parts.jobs.expire()

    assert [await nellie.texts(room) for room in rooms] == [["new"], ["old", "new"], []]


async def test_many_messages_expire_in_batches(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "EXPIRY_BATCH", 10)
    monkeypatch.setattr(forgetting, "EXPIRY_BATCHES", 3)
    nellie = await start_nellie(retention=30)
    await add_old(nellie, *TALK, days=31)

    await nellie.parts.jobs.expire()
    assert len(await nellie.texts()) == len(TALK) - 30

    for _ in range(3):
        await nellie.parts.jobs.expire()
    assert await nellie.texts() == []


async def test_retention_is_shown_and_needs_rights(nellie: RunningNellie) -> None:
    assert "for ever (the general rule)" in (await nellie.run_command("memory retention")).text
    with pytest.raises(NotAllowed):
        await nellie.run_command("memory retention 90")
    for wrong in ("0", "soon", "-3", "99999999999", "0000365000000", "36501", "9" * 5_000):
        with pytest.raises(CommandError):
            await nellie.run_command(f"memory retention {wrong}", admin=True)

    reply = await nellie.run_command("memory retention 90d", admin=True)

    assert "for 90 days, then forgotten for good" in reply.text
    await nellie.run_command("memory retention default", admin=True)
    assert "the general rule" in (await nellie.run_command("memory retention")).text
