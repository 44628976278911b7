"""The window: append-only between compactions, whole blocks when it is too long."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model import Author, Channel, Message
from bot.memory import window as module
from bot.memory.window import Window, Windows
from bot.prompting.budget import Budget
from bot.prompting.message_line import count_line_tokens
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.summaries import Summaries
from bot.text.tokens import estimate

CHANNEL = Channel("fake", "team", "C1", "general")
ANA = Author("U1", "ana")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SMALL = Budget.fit(high=600, low=200, recall=0, answer=300)


@dataclass
class Log:
    """A channel kept in memory, read as the store reads it."""

    messages: list[Message] = field(default_factory=list)
    watermark: int = 0
    epoch: int = 0
    reads: int = 0
    """Messages that were read, all in all."""

    def say(self, words: int) -> None:
        seq = len(self.messages) + 1
        at = NOON + timedelta(minutes=seq)
        message = Message(CHANNEL, str(seq), ANA, f"{seq}:" + " word" * words, at, seq=seq)
        self.messages.append(replace(message, tokens=count_line_tokens(message)))

    def compact(self, seq: int) -> None:
        self.watermark, self.epoch = seq, self.epoch + 1

    async def state(self, channel_id: int) -> ChannelState:
        tokens = sum(one.tokens for one in self.messages[self.watermark :])
        seq = len(self.messages)
        return ChannelState(
            id=channel_id,
            channel=CHANNEL,
            seq=seq,
            watermark=self.watermark,
            epoch=self.epoch,
            window_tokens=tokens,
            forgotten=0,
            persona=None,
            model=None,
        )

    async def read_window(
        self, channel_id: int, *, after: int, limit: int
    ) -> tuple[ChannelState, list[Message]]:
        now = await self.state(channel_id)
        fresh = self.messages[max(after, self.watermark) :][-limit:]
        self.reads += len(fresh)
        await asyncio.sleep(0)
        return now, fresh


def windows(log: Log, budget: Budget = SMALL) -> Windows:
    return Windows(messages=cast(Messages, log), summaries=cast(Summaries, None), budget=budget)


def rendered(window: Window, budget: Budget = SMALL) -> str:
    return window.render(budget)[1]


sizes = st.lists(st.integers(1, 60), min_size=1, max_size=60)


@given(sizes)
async def test_a_window_only_grows_at_its_end_until_a_whole_block_leaves(
    words: Sequence[int],
) -> None:
    log = Log()
    windows_ = windows(log)
    before, first = "", 1

    for size in words:
        log.say(size)
        window = await windows_.read(1)
        begins, text = window.render(SMALL)

        assert estimate(text) <= SMALL.high
        if begins == first:
            assert text.startswith(before)
        else:
            gone = sum(one.tokens for one in log.messages[: begins - 1])
            assert gone // SMALL.block > sum(o.tokens for o in log.messages[: first - 1]) // (
                SMALL.block
            )
        before, first = text, begins


@given(sizes, st.integers(0, 59), st.integers(1, 7))
async def test_a_window_grown_step_by_step_reads_as_one_loaded_at_once(
    words: Sequence[int], compacted: int, every: int
) -> None:
    log = Log()
    extended = windows(log)

    for number, size in enumerate(words):
        log.say(size)
        if number == compacted:
            log.compact(number // 2)
        if number % every == 0:
            await extended.read(1)

    assert rendered(await extended.read(1)) == rendered(await windows(log).read(1))


@given(sizes)
async def test_a_window_shows_every_message_after_its_first_once(words: Sequence[int]) -> None:
    log = Log()
    for size in words:
        log.say(size)

    begins, text = (await windows(log).read(1)).render(SMALL)

    heads = [line for line in text.splitlines() if line.startswith("[")]
    assert len(heads) == len(log.messages) - begins + 1


async def test_lanes_that_read_at_the_same_time_add_nothing_twice() -> None:
    log = Log()
    windows_ = windows(log)
    log.say(3)
    await windows_.read(1)
    log.say(3)
    log.say(3)

    async def late() -> Window:
        await asyncio.sleep(0)
        log.say(3)
        return await windows_.read(1)

    read = await asyncio.gather(windows_.read(1), windows_.read(1), late(), windows_.read(1))

    assert [text.count("word") for text in map(rendered, read)] == [12] * 4
    assert read[0].seqs == [1, 2, 3, 4]


async def test_only_what_is_new_is_read() -> None:
    log = Log()
    windows_ = windows(log)
    for _ in range(20):
        log.say(3)
    await windows_.read(1)

    await windows_.read(1)

    assert log.reads == 20


async def test_a_flood_between_two_reads_leaves_the_window_as_if_loaded_at_once() -> None:
    log = Log()
    windows_ = windows(log)
    log.say(3)
    await windows_.read(1)

    for _ in range(module.READ_LIMIT + 10):
        log.say(1)

    window = await windows_.read(1)
    assert rendered(window) == rendered(await windows(log).read(1))
    assert window.total == sum(one.tokens for one in log.messages)


async def test_lines_that_no_prompt_shows_are_let_go() -> None:
    log = Log()
    windows_ = windows(log)

    for _ in range(1500):
        log.say(3)
        await windows_.read(1)

    window = await windows_.read(1)
    assert len(window.lines) == len(window.starts) == len(window.seqs) < 400
    assert rendered(window) == rendered(await windows(log).read(1))


async def test_a_compaction_starts_the_window_after_its_watermark() -> None:
    log = Log()
    windows_ = windows(log)
    for _ in range(10):
        log.say(3)
    await windows_.read(1)

    log.compact(7)

    assert (await windows_.read(1)).seqs == [8, 9, 10]


async def test_a_message_longer_than_the_window_leaves_room_for_what_follows() -> None:
    log = Log()
    log.say(3)
    log.say(900)
    log.say(3)

    begins, text = (await windows(log).read(1)).render(SMALL)

    assert begins == 3
    assert text.startswith("[2026-11-22 12:03] ana: 3:")


async def test_only_the_busiest_windows_are_kept() -> None:
    log = Log()
    log.say(3)
    windows_ = windows(log)

    for channel_id in range(module.KEPT + 10):
        await windows_.read(channel_id)

    assert len(windows_._windows) == module.KEPT


@pytest.mark.parametrize("words", [15, 30, 45])
async def test_a_little_over_its_high_mark_a_window_keeps_its_beginning_for_a_short_question(
    words: int,
) -> None:
    log = Log()
    while sum(one.tokens for one in log.messages) + 20 < SMALL.high:
        log.say(3)
    before = rendered(await windows(log).read(1))
    log.say(words)
    window = await windows(log).read(1)

    assert SMALL.high < window.total
    assert rendered(window, SMALL.beside(40)).startswith(before)
    assert not rendered(window, SMALL.beside(SMALL.trigger)).startswith(before)


@given(sizes, st.integers(0, 300))
async def test_no_window_overruns_its_high_mark_by_more_than_a_question_leaves(
    words: Sequence[int], question: int
) -> None:
    log = Log()
    for size in words:
        log.say(size)
    budget = SMALL.beside(question)
    window = await windows(log).read(1)

    assert estimate(rendered(window, budget)) <= SMALL.high + budget.overrun
    assert budget.overrun + min(question, SMALL.trigger) <= SMALL.trigger


@given(sizes)
async def test_the_marks_of_a_window_are_those_of_the_window_it_grows_to(
    words: Sequence[int],
) -> None:
    log = Log()
    windows_ = windows(log)
    kept: list[str] = []
    for size in words:
        log.say(size)
        window = await windows_.read(1)
        text, ends = rendered(window), window.ends(SMALL)
        if kept and text.startswith(kept[-1]):
            assert len(kept[-1]) in ends
        assert ends == (await windows(log).read(1)).ends(SMALL)
        kept.append(text)
