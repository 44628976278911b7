"""What the tests of a running Nellie share: how it starts, and what fills its memory."""

from collections.abc import Awaitable, Callable

from bot.domain.model import Channel
from bot.testing import CARL, GENERAL, RunningNellie

Start = Callable[..., Awaitable[RunningNellie]]
"""Starts one, with the arguments of bot.testing.running_nellie."""

SMALL_WINDOW = {"window_high": 400, "window_low": 100}
"""Settings with which TALK is too long for the window."""

TALK = [f"talk number {number} about the harbour and its ships" for number in range(80)]


CANARY = "canary7731"
"""A word that must be found nowhere once its message is gone."""


async def next_prompt(nellie: RunningNellie) -> str:
    """All that the prompt of the next question holds, which somebody else asks."""
    await nellie.ask(CARL, f"what do you know about the disk code {CARL.name}?")
    return "\n".join(message.text for message in nellie.model.prompts[-1].messages)


async def check_memory(nellie: RunningNellie, channel: Channel = GENERAL) -> None:
    """Segments, window and what is late hold every message of a channel once, by its time."""
    state = await nellie.channel_state(channel)
    segments = [one for one, _ in await nellie.parts.stores.summaries.segments(state.id)]
    for segment in segments:
        assert (segment.first, segment.last) == (min(segment.numbers), max(segment.numbers))
        cited = {seq for statement in segment.statements for seq in statement.sources}
        assert cited <= set(segment.numbers)
    window = await nellie.parts.stores.messages.oldest_of_window(state, limit=10_000)
    late = await nellie.parts.stores.messages.oldest_late(state, limit=10_000)
    assert state.window_tokens == sum(message.tokens for message in window)
    assert state.late_tokens == sum(message.tokens for message in late)
    summarized = [seq for segment in segments for seq in segment.numbers]
    held = [*summarized, *(message.seq for message in (*window, *late))]
    assert len(held) == len(set(held))
    assert {message.seq for message in await nellie.messages(channel)} <= set(held)
    if window:
        assert all(one.ended <= window[0].at for one in segments)
    numbers = await nellie.rows("SELECT seq FROM message WHERE channel_id = :id", id=state.id)
    assert sorted(seq for (seq,) in numbers) == list(range(1, state.seq + 1))
