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
    """Segments and window hold every message of a channel once, without a gap and in order."""
    state = await nellie.channel_state(channel)
    last = 0
    for segment, _ in await nellie.parts.stores.summaries.segments(state.id):
        assert segment.first == last + 1
        assert segment.first <= segment.last
        within = range(segment.first, segment.last + 1)
        assert all(seq in within for statement in segment.statements for seq in statement.sources)
        last = segment.last
    assert last == state.watermark
    window = [message for message in await nellie.messages(channel) if message.seq > last]
    assert state.window_tokens == sum(message.tokens for message in window)
    numbers = await nellie.rows("SELECT seq FROM message WHERE channel_id = :id", id=state.id)
    assert sorted(seq for (seq,) in numbers) == list(range(1, state.seq + 1))
