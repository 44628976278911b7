"""Rules of replicas that die, and of a database that goes away: nothing lost, nothing twice."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from doubles.sorting_script import sorts
from doubles.start_nellie import Start

from bot.domain.errors import DatabaseUnavailable
from bot.store.rule_tells import RuleTells
from bot.store.rule_work import RuleWork
from bot.store.turns import Turns
from bot.testing import BOB, FakePlatform, RunningNellie, ScriptedModel, stalls

STEPS: list[tuple[type, str]] = [
    (RuleWork, "due"),
    (RuleWork, "read"),
    (RuleWork, "keep"),
    (RuleTells, "due"),
    (Turns, "accept"),
    (RuleTells, "find"),
    (RuleTells, "end"),
    (Turns, "close"),
]
"""All that is asked of the database between a message and its tell."""


def sorting() -> ScriptedModel:
    model = ScriptedModel()
    model.follow("rule", sorts(outage="down"))
    return model


async def rule(nellie: RunningNellie) -> None:
    for line in ("add triage: bug, outage", "tell triage outage <@&S1|oncall>"):
        await nellie.run_command(f"rules {line}", admin=True)


async def look(nellie: RunningNellie) -> None:
    await nellie.parts.jobs.label_arrived()
    await nellie.parts.jobs.open_rule_posts()
    await nellie.parts.lanes.idle()


async def check(*replicas: RunningNellie, told: int = 1) -> None:
    """Everything is labelled once, and told once."""
    [one, *_] = replicas
    shown = [text for each in replicas for text in each.platform.shown.values()]
    assert len(shown) == told
    labels = await one.rows("SELECT count(*), count(DISTINCT seq) FROM rule_label")
    assert labels == [(told, told)]
    assert await one.rows("SELECT 1 FROM rule_tell WHERE posted_at IS NULL") == []
    assert await one.rows("SELECT 1 FROM turn WHERE state NOT IN ('done')") == []


def cut(whole: bool) -> Callable[[Any], Any]:
    """A method that fails once: before it does anything, or when it has done everything."""

    def broken(method: Any) -> Any:
        left = [1]

        async def once(*given: Any, **named: Any) -> Any:
            if not left:
                return await method(*given, **named)
            left.clear()
            if whole:
                await method(*given, **named)
            raise DatabaseUnavailable(reason="gone for a moment")

        return once

    return broken


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("owner", "step"), STEPS)
async def test_a_database_that_goes_away_at_any_step_loses_and_doubles_nothing(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch, owner: type, step: str, done: bool
) -> None:
    nellie = await start_nellie(model=sorting(), lease=1)
    await rule(nellie)
    await nellie.say(BOB, "the site is down")

    monkeypatch.setattr(owner, step, cut(done)(getattr(owner, step)))
    for _ in range(3):
        await look(nellie)
    [(turn,)] = await nellie.rows("SELECT id FROM turn")
    await nellie.parts.turns.wait_until_ended(turn)  # a lane is taken over when its lease ends
    await nellie.parts.lanes.idle()

    await check(nellie)


async def test_a_replica_that_dies_while_a_model_reads_leaves_it_to_the_next(
    start_nellie: Start,
) -> None:
    one = await start_nellie(model=sorting())
    one.model.follow("rule", stalls())
    await rule(one)
    await one.say(BOB, "the site is down")
    looking = asyncio.create_task(one.parts.jobs.label_arrived())
    await one.model.called.wait()

    looking.cancel()
    await one.crash()
    two = await start_nellie(model=sorting())
    await look(two)

    await check(two)


async def test_a_replica_that_dies_while_it_posts_leaves_it_to_the_next(
    start_nellie: Start,
) -> None:
    one = await start_nellie(model=sorting(), platform=FakePlatform(delay=60))
    await rule(one)
    await one.say(BOB, "the site is down")
    await one.parts.jobs.label_arrived()
    async with asyncio.timeout(20):
        while not one.platform.started:  # noqa: ASYNC110  # it happens on the platform
            await asyncio.sleep(0.01)

    await one.crash()
    two = await start_nellie(model=sorting())
    [(turn,)] = await two.rows("SELECT id FROM turn")
    await two.parts.turns.wait_until_ended(turn)
    await look(two)

    await check(two)
    assert two.platform.turns[turn].attempts == 2
    assert len(two.platform.pinged[turn]) == 1


async def test_a_model_that_answers_after_the_rule_was_removed_leaves_nothing(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=sorting())
    gate = asyncio.Event()
    script = sorts(outage="down")
    nellie.model.follow("rule", lambda prompt: (gate, *script(prompt)))
    await rule(nellie)
    await nellie.say(BOB, "the site is down")
    looking = asyncio.create_task(nellie.parts.jobs.label_arrived())
    await nellie.model.called.wait()

    asked = await nellie.run_command("rules remove triage", admin=True)
    await nellie.run_command(f"rules {asked.confirm}", admin=True)
    gate.set()
    await looking
    await look(nellie)

    assert nellie.platform.shown == {}
    assert await nellie.rows("SELECT 1 FROM rule_label") == []
