"""`make soak`: 60,000 messages through one replica; its memory may not grow with them."""

import argparse
import asyncio
import json
import signal
import sys

from chaos.driver import Plan, Scene, opened, say

EARLY, ALL = 5_000, 60_000  # messages after which the memory is looked at
ALLOWED = 1.1  # times what it was early
BEHIND = 50  # messages that may wait to be remembered
KEPT = 2_000  # messages that a platform of the soak remembers
COUNT = "SELECT count(*) FROM message WHERE NOT nellie"


async def soak(early: int, whole: int, asked: float, thinking: float) -> tuple[float, float]:
    """The replica's megabytes early and at the end."""
    plan = Plan(seed=1, seconds=0, replicas=1, asked=asked, thinking=thinking)
    async with opened(plan) as scene:
        [program] = scene.fleet.programs.values()
        await _pour(scene, early)
        before = program.memory
        say(f"{early:,} messages: {before:.1f} MB")
        await _pour(scene, whole)
        assert [program] == [*scene.fleet.programs.values()], "it was started again"
        return before, program.memory


async def _pour(scene: Scene, until: int) -> None:
    """Say so much in all, no faster than it is remembered."""
    said, town = len(scene.town.said), scene.town
    while said < until:
        for _ in range(BEHIND):
            town.speak()
        said += BEHIND
        await _remembered(scene, said - BEHIND)
        _forget(scene)
        if said % 5_000 == 0:
            [program] = scene.fleet.programs.values()
            say(f"{said:,} messages, {program.memory:.1f} MB")
    await _remembered(scene, until)


async def _remembered(scene: Scene, messages: int) -> None:
    """Return once so many are."""
    while (await scene.postgres.rows(COUNT))[0] < messages:  # noqa: ASYNC110  # it is Postgres'
        await asyncio.sleep(0.05)


def _forget(scene: Scene) -> None:
    """The doubles keep everything, and would slow the run down: let go of what is old."""
    town = scene.town
    for room in town.slack.rooms.values():
        for ts in list(room.messages)[:-KEPT]:
            del room.messages[ts]
    for log in (town.slack.calls, town.slack.seen, town.slack.delivery.envelopes,
                town.discord.rest.asked):  # fmt: skip
        del log[:-KEPT]
    for place in town.discord.world.places.values():
        del place.posts[:-KEPT]


def main() -> int:
    """Returns 1 when the memory has grown by more than a tenth."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--early", type=int, default=EARLY)
    parser.add_argument("--messages", type=int, default=ALL)
    parser.add_argument("--asked", type=float, default=0.02, help="the part that asks her")
    parser.add_argument("--thinking", type=float, default=0, help="seconds before the first word")
    given = parser.parse_args()
    # Whoever ends it, Postgres and the replica end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    before, after = asyncio.run(soak(given.early, given.messages, given.asked, given.thinking))
    figures = {"messages": given.messages, "early_mb": round(before, 1), "end_mb": round(after, 1)}
    sys.stdout.write(f"{json.dumps({**figures, 'growth': round(after / before - 1, 3)})}\n")
    return 0 if after <= before * ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
