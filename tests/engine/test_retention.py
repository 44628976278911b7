"""What is too old is forgotten, with all that rests on it; the rest stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, SMALL_WINDOW, TALK, Start, check_memory

from bot.core.message_checks import checked
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Channel
from bot.memory import forgetting
from bot.store.message_edits import MessageEdits
from bot.telemetry import metrics
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
    asked = await nellie.run_command("memory retention 3 days", channel=rooms[2], admin=True)
    await nellie.run_command(f"memory {asked.confirm}", channel=rooms[2], admin=True)

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
    for wrong in (
        *("0", "soon", "-3", "99999999999", "0000365000000", "36501", "9" * 5_000, "1.5", "1e3"),
        *("90 days of", "days", "d", "off 3", "²", "0x10", "365,000,000 days"),
    ):
        with pytest.raises(CommandError):
            await nellie.run_command(f"memory retention {wrong}", admin=True)

    reply = await nellie.run_command("memory retention 90d", admin=True)

    assert "for 90 days, then forgotten for good" in reply.text
    await nellie.run_command("memory retention default", admin=True)
    assert "the general rule" in (await nellie.run_command("memory retention")).text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("90", "for 90 days"),
        ("1", "for 1 day,"),
        ("1 day", "for 1 day,"),
        ("30\tDAYS", "for 30 days"),
        ("0036500 d", "for 36,500 days"),
        ("OFF", "for ever."),
        ("Forever", "for ever."),
        ("Default", "for ever (the general rule)"),
        ("٩٠", "for 90 days"),
    ],
)
async def test_a_retention_is_understood_as_people_type_it(
    nellie: RunningNellie, typed: str, kept: str
) -> None:
    assert kept in (await nellie.run_command(f"memory retention {typed}", admin=True)).text


@pytest.mark.parametrize("days", [365_000_000, 2_147_483_647, -2_147_483_648, -1])
async def test_a_retention_beyond_all_calendars_stops_no_other_channels(
    start_nellie: Start, days: int
) -> None:
    nellie = await start_nellie(retention=30)
    odd = Channel("fake", "team", "D-odd", direct=True)
    for room in (odd, GENERAL):
        await add_old(nellie, "old", days=60, channel=room)
    await nellie.rows("UPDATE channel SET retention = :days WHERE external_id = 'D-odd'", days=days)

    await nellie.parts.jobs.expire()

    assert await nellie.texts() == []
    assert await nellie.texts(odd) == ["old"]


async def test_a_channel_that_cannot_be_expired_stops_no_other(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    nellie = await start_nellie(retention=30)
    rooms = [Channel("fake", "team", f"C-{n}") for n in range(3)]
    for room in rooms:
        await add_old(nellie, "old", days=60, channel=room)
    broken, forget = await nellie.channel_id(rooms[0]), MessageEdits.forget

    async def forget_others(edits: MessageEdits, channel_id: int, seqs: Sequence[int]) -> int:
        if channel_id == broken:
            raise ValueError("a fault of ours")
        return await forget(edits, channel_id, seqs)

    monkeypatch.setattr(MessageEdits, "forget", forget_others)
    failures = metrics.job_failures.values.get(("retention",), 0)

    await nellie.parts.jobs.expire()

    assert [await nellie.texts(room) for room in rooms] == [["old"], [], []]
    assert metrics.job_failures.values["retention",] == failures + 1


async def test_a_shorter_retention_counts_and_asks_before_it_holds(nellie: RunningNellie) -> None:
    await add_old(nellie, "one", "two", days=60)
    await add_old(nellie, "new", days=5)

    asked = await nellie.run_command("memory retention 30", admin=True)
    await nellie.parts.jobs.expire()
    before = await nellie.texts()
    done = await nellie.run_command(f"memory {asked.confirm}", admin=True)
    await nellie.parts.jobs.expire()

    assert asked.text.startswith("This forgets 2 messages older than 30 days, the oldest of 20")
    assert before == ["one", "two", "new"]
    assert "remembered for 30 days" in done.text
    assert await nellie.texts() == ["new"]


@pytest.mark.parametrize("rule", ["off", "90", "default"])
async def test_a_retention_that_forgets_nothing_is_set_at_once(
    nellie: RunningNellie, rule: str
) -> None:
    await add_old(nellie, "one", days=60)

    reply = await nellie.run_command(f"memory retention {rule}", admin=True)

    assert not reply.confirm
    assert "is remembered" in reply.text
