"""Compaction keeps its thirteen rules, and each check notices when its rule is broken."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from compaction_rules import RULES
from doubles.bad_summarizers import echoes
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.core import gathering
from bot.domain.errors import ModelError
from bot.domain.model import Message, Segment
from bot.memory import compaction, segment_writer, summary_parsing
from bot.memory.grounding import Evidence
from bot.memory.segments import build_digest, build_segment, split_into_blocks
from bot.prompting.prompt import build_system_text
from bot.store import message_edits, summaries
from bot.store.channels import ChannelState
from bot.store.locks import LockKind, Locks
from bot.store.messages import Messages
from bot.store.summaries import Compacted, Summaries
from bot.testing import RunningNellie


@pytest.fixture
async def filled(start_nellie: Start) -> RunningNellie:
    """A window far too long, a summarizer that echoes, and a model's short patience."""
    nellie = await start_nellie(**SMALL_WINDOW, read_timeout=2)
    nellie.model.follow("compaction", echoes)
    await nellie.add_history(*TALK)
    return nellie


@pytest.mark.parametrize("rule", RULES)
async def test_compaction_keeps_its_rule(filled: RunningNellie, rule: str) -> None:
    await RULES[rule](filled)


# Each rule broken at the one place that keeps it.

COMMIT, READ = Summaries.commit, Messages.oldest_of_window


def leave_a_gap(block: Sequence[Message], statements: Any) -> Segment:
    return build_segment(block[1:], statements)


async def commit_in_two_steps(self: Summaries, state: ChannelState, done: Compacted) -> bool:
    """The watermark is committed before the segments are."""
    key = {"watermark": state.watermark, "epoch": state.epoch, "last": done.last, "seqs": done.seqs}
    async with self._database.begin() as connection:
        await connection.execute(summaries._SQL.move_watermark, {"channel": state.id, **key})
    async with self._database.begin() as connection:
        await self._store(connection, state, done, rebuilt=False)
    return True


async def commit_and_drop_postings(self: Summaries, state: ChannelState, done: Compacted) -> bool:
    """What was summarized leaves the index."""
    async with self._database.begin() as connection:
        await connection.execute(
            sa.text("DELETE FROM posting WHERE channel_id = :id AND seq <= :last"),
            {"id": state.id, "last": done.segments[-1].last},
        )
    return await COMMIT(self, state, done)


@asynccontextmanager
async def lock_nobody_out(self: Locks, kind: LockKind, key: int) -> AsyncIterator[bool]:
    yield True


async def postpone_nothing(self: Summaries, channel_id: int, seconds: float, most: float) -> None:
    """Nothing is postponed."""


def read_another_channel() -> Callable[..., Any]:
    """Of a second channel that is asked for, the first one is read."""
    asked: list[ChannelState] = []

    async def read(self: Messages, state: ChannelState, **more: Any) -> list[Message]:
        asked.append(state)
        return await READ(self, asked[0], **more)

    return read


def change_every_time() -> Callable[..., str]:
    ticks = iter(range(1_000))
    return lambda *given: f"{next(ticks)} {build_system_text(*given)}"


def cut_differently_every_time() -> Callable[..., list[list[Message]]]:
    sizes = iter(range(300, 100, -13))
    return lambda messages, size: split_into_blocks(messages, next(sizes))


def reword(made: Sequence[Segment], size: int, **grown: Any) -> str:
    return build_digest(made, size, **grown).replace("ships", "boats")


def believe_every_number(text: str, block: Sequence[Message]) -> set[int]:
    return {int(one) for one in text.split(",")}


UNCHECKED = sa.text(
    str(summaries._SQL.move_watermark).replace("AND watermark = :watermark AND epoch = :epoch", "")
)
NOTHING = sa.text("SELECT CAST(:channel AS bigint), CAST(:seqs AS bigint[])")
BROKEN: dict[str, tuple[object, str, object]] = {
    "1 coverage": (segment_writer, "build_segment", leave_a_gap),
    "2 atomicity": (Summaries, "commit", commit_in_two_steps),
    "2 overtaken": (summaries._SQL, "move_watermark", UNCHECKED),
    "3 single flight": (Locks, "holding", lock_nobody_out),
    "4 failures": (Summaries, "postpone", postpone_nothing),
    "5 sizes": (summary_parsing, "clip", lambda text, tokens: text),
    "6 provenance": (summary_parsing, "_parse_citation", believe_every_number),
    "7 guards": (Evidence, "find_unfounded", lambda self, text, cited: None),
    "8 tombstones": (message_edits._SQL, "mark_dirty", NOTHING),
    "9 isolation": (Messages, "oldest_of_window", read_another_channel()),
    "10 prefix": (gathering, "build_system_text", change_every_time()),
    "11 idempotence": (segment_writer, "split_into_blocks", cut_differently_every_time()),
    "12 recall afterwards": (Summaries, "commit", commit_and_drop_postings),
    "13 drift": (compaction, "build_digest", reword),
}


@pytest.mark.parametrize("rule", RULES)
async def test_the_check_notices_when_its_rule_is_broken(
    filled: RunningNellie, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    where, name, otherwise = BROKEN[rule]
    monkeypatch.setattr(where, name, otherwise)

    with pytest.raises((AssertionError, ModelError)):
        await RULES[rule](filled)
