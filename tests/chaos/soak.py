"""`make soak`: 60,000 messages through one replica; its memory may not grow with them."""

import argparse
import asyncio
import json
import signal
import sys

from chaos.driver import Rig, open_rig, say
from chaos.plan import Plan
from doubles.nellie_process import NellieProcess

from bot.core.jobs import TIDYING

EARLY, ALL = 5_000, 60_000  # messages after which the memory is looked at
ALLOWED = 1.1  # times what it was early; 1.06 to 1.08 were seen
BEHIND = 50  # messages that may wait to be remembered
KEPT = 2_000  # messages that a platform of the soak remembers
COUNT = "SELECT count(*) FROM message WHERE NOT nellie"


async def soak(
    early: int, whole: int, *, question_share: float, model_delay: float
) -> tuple[float, float]:
    """The replica's megabytes early and at the end."""
    plan = Plan(
        seed=1, seconds=0, replicas=1, question_share=question_share, model_delay=model_delay
    )
    async with open_rig(plan) as rig:
        [process] = rig.replicas.running.values()
        await _send_messages(rig, early)
        before = await _memory_kept(process)
        say(f"{early:,} messages: {before:.1f} MB")
        await _send_messages(rig, whole)
        assert [process] == [*rig.replicas.running.values()], "it was started again"
        return before, await _memory_kept(process)


async def _memory_kept(process: NellieProcess) -> float:
    """Its megabytes once it has given back what it needed for a moment: 2 to 4 of them."""
    await asyncio.sleep(TIDYING + 1)
    return process.memory_mb


async def _send_messages(rig: Rig, total: int) -> None:
    """Say so much in all, no faster than it is remembered."""
    sent, platforms = len(rig.platforms.sent), rig.platforms
    while sent < total:
        for _ in range(BEHIND):
            platforms.send_message()
        sent += BEHIND
        await _wait_until_remembered(rig, sent - BEHIND)
        _delete_old(rig)
        if sent % 5_000 == 0:
            [process] = rig.replicas.running.values()
            say(f"{sent:,} messages, {process.memory_mb:.1f} MB")
    await _wait_until_remembered(rig, total)


async def _wait_until_remembered(rig: Rig, messages: int) -> None:
    while (await rig.postgres.rows(COUNT))[0] < messages:  # noqa: ASYNC110  # it happens in Postgres
        await asyncio.sleep(0.05)


def _delete_old(rig: Rig) -> None:
    """The platforms keep everything, and would slow the run down: let go of what is old."""
    slack, discord = rig.platforms.slack, rig.platforms.discord
    for room in slack.rooms.values():
        for ts in list(room.messages)[:-KEPT]:
            del room.messages[ts]
    for log in (slack.calls, slack.seen, slack.delivery.envelopes, discord.rest.requests):
        del log[:-KEPT]
    for place in discord.world.channels.values():
        del place.posts[:-KEPT]


def main() -> int:
    """Returns 1 when the memory has grown by more than a tenth."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--early", type=int, default=EARLY)
    parser.add_argument("--messages", type=int, default=ALL)
    parser.add_argument("--asked", type=float, default=0.02, help="the share of questions")
    parser.add_argument("--thinking", type=float, default=0, help="seconds before the first word")
    given = parser.parse_args()
    # Whoever ends it, Postgres and the replica end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = soak(given.early, given.messages, question_share=given.asked, model_delay=given.thinking)
    before, after = asyncio.run(run)
    figures = {"messages": given.messages, "early_mb": round(before, 1), "end_mb": round(after, 1)}
    sys.stdout.write(f"{json.dumps({**figures, 'growth': round(after / before - 1, 3)})}\n")
    return 0 if after <= before * ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
