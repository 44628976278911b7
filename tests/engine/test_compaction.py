"""Compaction: every message is in one segment or in the window, whatever happens meanwhile."""

from dataclasses import replace
from typing import Any

import pytest
from doubles.start_nellie import SMALL_WINDOW, TALK, Start, check_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.model import Channel
from bot.memory import compaction as module
from bot.prompting.fixed_text import TRANSCRIPT_HEADING
from bot.testing import ANA, RunningNellie, new_message


async def test_the_oldest_part_of_a_long_window_becomes_segments(full: RunningNellie) -> None:
    made = await full.compact()

    after = await full.channel_state()
    assert made >= 1
    assert after.window_tokens <= 100
    assert after.watermark > 60
    await check_memory(full)
    assert len(await full.texts()) == len(TALK)


async def test_the_digest_takes_the_place_of_what_left_the_window(full: RunningNellie) -> None:
    await full.compact()

    await full.ask(ANA, "hello")

    system, memory, *_ = full.model.prompts[-1].messages
    digest, _, window = memory.text.partition(TRANSCRIPT_HEADING)
    assert "talk number 0" not in system.text
    assert "talk number 0" in digest
    assert "talk number 0" not in window
    assert "talk number 79" in window


async def test_a_window_at_its_low_mark_is_left_alone(full: RunningNellie) -> None:
    await full.compact()
    asked = len(full.model.prompts)

    assert await full.compact() == 0
    assert len(full.model.prompts) == asked


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=60),
    forgotten=st.lists(st.integers(1, 60), max_size=8),
    steps=st.integers(1, 4),
)
async def test_every_message_is_covered_once(
    full: RunningNellie, texts: list[str], forgotten: list[int], steps: int
) -> None:
    channel = Channel("fake", "team", f"C{new_message(ANA, '').id}")
    channel_id = await full.channel_id(channel)
    for step in range(steps):
        await full.add_history(*(f"{step} {text}" for text in texts[step::steps]), channel=channel)
        await full.parts.stores.message_edits.forget(channel_id, forgotten[step::steps])
        await check_memory(full, channel)

        await full.parts.compaction.compact(channel_id)

        await check_memory(full, channel)
        await full.parts.compaction.repair(channel_id)
        await check_memory(full, channel)


async def test_a_segment_of_which_everything_is_forgotten_says_nothing(full: RunningNellie) -> None:
    await full.compact()
    watermark = (await full.channel_state()).watermark

    await full.parts.stores.message_edits.forget(await full.channel_id(), range(1, watermark + 1))
    await full.parts.jobs.compact_due()

    assert [
        one.statements
        for one, _ in await full.parts.stores.summaries.segments(await full.channel_id())
    ] == [()]
    await full.ask(ANA, "hello")
    prompt = full.model.prompts[-1]
    assert all("What happened here before" not in one.text for one in prompt.messages)
    await check_memory(full)


async def test_rebuilding_makes_the_same_segments_again(full: RunningNellie) -> None:
    await full.compact()
    channel_id = await full.channel_id()
    before = await full.parts.stores.summaries.segments(channel_id)
    digest = await full.parts.stores.summaries.digest(channel_id)

    await full.parts.compaction.rebuild(channel_id)

    assert await full.parts.stores.summaries.segments(channel_id) == before
    assert await full.parts.stores.summaries.digest(channel_id) == digest
    await check_memory(full)


async def test_the_ledger_tells_each_compaction(full: RunningNellie) -> None:
    made = await full.compact()

    [line] = await full.parts.stores.summaries.ledger(await full.channel_id(), limit=10)
    after = await full.channel_state()
    assert (line.first, line.last) == (1, after.watermark)
    assert line.messages == after.watermark
    assert line.tokens_before > line.tokens_after > 0
    assert line.model == "scripted"
    assert not line.rebuilt
    assert made == 1


async def test_one_usage_row_for_each_call(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=2000, window_low=400)
    await nellie.add_history(*(f"{line} " * 8 for line in TALK * 3))

    await nellie.compact()

    rows = await nellie.rows("SELECT purpose, count(*) FROM usage GROUP BY 1 ORDER BY 1")
    assert rows == [("compaction", len(nellie.model.prompts_for("compaction")))]


async def test_no_channel_is_in_the_summary_of_another(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    channels = [Channel("fake", "team", f"C{n}") for n in range(3)]
    for number, channel in enumerate(channels):
        await nellie.add_history(*(f"{line} canary{number}" for line in TALK), channel=channel)

    await nellie.parts.jobs.compact_due()

    for number, channel in enumerate(channels):
        await nellie.ask(ANA, "what became of it?", channel=channel)
        text = "".join(one.text for one in nellie.model.prompts[-1].messages)
        assert f"canary{number}" in text
        assert all(f"canary{n}" not in text for n in range(3) if n != number)
        await check_memory(nellie, channel)


async def test_the_clock_compacts_what_is_over_its_mark_or_cold_and_long(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=1000, window_low=200)
    cold, warm, over = (Channel("fake", "team", name) for name in ("cold", "warm", "over"))
    await nellie.add_history(*TALK[:36], channel=cold)
    await nellie.add_history(*TALK[:36], channel=warm)
    await nellie.say(ANA, "good morning", channel=warm)
    await nellie.add_history(*TALK, channel=over)
    await nellie.say(ANA, "good morning", channel=over)

    due = await nellie.parts.compaction.find_due()
    await nellie.parts.jobs.compact_due()

    assert set(due) == {await nellie.channel_id(cold), await nellie.channel_id(over)}
    assert await nellie.parts.compaction.find_due() == []


async def test_a_big_import_is_compacted_at_a_bounded_pace(
    full: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PASS_TOKENS", 200)

    made = await full.compact(passes=2)

    assert made == 2
    await check_memory(full)


async def test_the_same_input_makes_the_same_segments(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    twins = [Channel("fake", "team", name) for name in ("one", "two")]
    for channel in twins:
        await nellie.add_history(*TALK, channel=channel)
        await nellie.parts.compaction.compact(await nellie.channel_id(channel))

    one, two = [
        await nellie.parts.stores.summaries.segments(await nellie.channel_id(channel))
        for channel in twins
    ]

    def unaged(found: Any) -> list[Any]:
        return [replace(segment, began=None, ended=None) for segment, _ in found]

    assert unaged(one) == unaged(two)
