"""Questions and quotas: what an answer may use is held before it, and given back at its end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from doubles.api_calls import CallingReplica, caller, let_leases_end, request, used
from doubles.start_nellie import Start

from bot.core.jobs import Jobs
from bot.domain.errors import ModelTimeout
from bot.domain.model import Author, Chunk, Prompt, Usage
from bot.testing import (
    ANA,
    BOB,
    CARL,
    RunningNellie,
    ScriptedModel,
    Steps,
    breaks,
    says,
    stalls,
    summarizes,
    waits,
)

SPENT = 2_000  # tokens that each answer of `costly` uses
PRICE = {"prices": ("scripted=1000000/1000000/1000000",)}  # a token costs 1
PEOPLE = [Author(f"U{number}", f"p{number}") for number in range(50)]


def costly(gate: asyncio.Event) -> ScriptedModel:
    """Answers once the gate is open, and says what that used."""

    def script(prompt: Prompt) -> Steps:
        usage = Usage("scripted", SPENT - 100, 100)
        return gate, Chunk("well", finish="stop", usage=usage)

    return ScriptedModel(script)


async def held(nellie: RunningNellie) -> int:
    [(count,)] = await nellie.rows("SELECT count(*) FROM reservation WHERE until > now()")
    return int(count)


async def spent(nellie: RunningNellie) -> int:
    [(tokens,)] = await nellie.rows("SELECT coalesce(sum(input + output), 0) FROM usage")
    return int(tokens)


async def until(nellie: RunningNellie, ready: Callable[[], Awaitable[bool]]) -> None:
    while not await ready():  # noqa: ASYNC110  # a database
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "limit",
    [
        {"limit_tokens": 3 * SPENT},
        {"limit_channel_tokens": 3 * SPENT},
        {"limit_team_tokens": 3 * SPENT},
        {"limit_cost": 3.0 * SPENT, **PRICE},
        {"limit_team_cost": 3.0 * SPENT, **PRICE},
    ],
    ids=lambda limit: next(iter(limit)),
)
async def test_fifty_questions_at_once_overshoot_a_quota_by_less_than_one(
    start_nellie: Start, limit: dict[str, Any]
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=costly(gate), max_answer=SPENT, **limit)
    other = await start_nellie(model=nellie.model, max_answer=SPENT, **limit)
    for one in (nellie, other):
        one.parts.quotas.reserving.patience = 1.0  # as long as others' answers are waited for

    turns = [
        await (nellie, other)[number % 2].open_turn(person, f"question {number}")
        for number, person in enumerate(PEOPLE)
    ]
    await until(nellie, lambda: _all_but_running(nellie))
    gate.set()
    await asyncio.gather(nellie.parts.lanes.idle(), other.parts.lanes.idle())

    shown = {**nellie.platform.shown, **other.platform.shown}
    answered = [turn for turn in turns if shown[turn] == "well"]
    assert await spent(nellie) < 3 * SPENT + SPENT
    assert len(answered) == len(nellie.model.prompts)
    assert all("budget for today" in shown[turn] for turn in turns if turn not in answered)
    assert await held(nellie) == 0


async def _all_but_running(nellie: RunningNellie) -> bool:
    """Whether every question is answered, refused, or with the model."""
    [(open_,)] = await nellie.rows("SELECT count(*) FROM turn WHERE state IN ('waiting','running')")
    return bool(open_ == len(nellie.model.prompts))


async def test_what_was_refused_can_be_asked_again_in_a_moment(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=costly(gate), max_answer=SPENT, limit_tokens=SPENT + 50)
    nellie.parts.quotas.reserving.patience = 0.0
    await nellie.open_turn(ANA, "first")
    await nellie.model.called.wait()

    refused = await nellie.open_turn(BOB, "second")
    await until(nellie, lambda: _is_shown(nellie, refused))
    gate.set()
    await nellie.parts.lanes.idle()

    assert "which calls under way may use: ask again in a moment" in nellie.platform.shown[refused]
    assert await nellie.ask(BOB, "second again") == "well"
    assert "is used up" in await nellie.ask(BOB, "third")


async def test_a_question_waits_for_answers_that_only_hold_what_is_left(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=costly(gate), max_answer=2 * SPENT, limit_tokens=2 * SPENT)
    first = await nellie.open_turn(ANA, "first")
    await nellie.model.called.wait()
    second = await nellie.open_turn(BOB, "second")
    await until(nellie, lambda: _has_looked(nellie, second))

    gate.set()
    await nellie.parts.lanes.idle()

    assert [nellie.platform.shown[turn] for turn in (first, second)] == ["well", "well"]


async def test_a_question_that_waits_for_others_can_be_stopped(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=costly(gate), max_answer=2 * SPENT, limit_tokens=2 * SPENT)
    await nellie.open_turn(ANA, "first")
    await nellie.model.called.wait()
    second = await nellie.open_turn(BOB, "second")
    await until(nellie, lambda: _has_looked(nellie, second))

    await nellie.parts.turns.stop(second)
    await until(nellie, lambda: _is_shown(nellie, second))
    gate.set()
    await nellie.parts.lanes.idle()

    assert "(stopped)" in nellie.platform.shown[second]
    assert len(nellie.model.prompts) == 1


async def _has_looked(nellie: RunningNellie, turn: int) -> bool:
    run = nellie.parts.lanes._worker.runs.get(turn)
    return bool(run and run.status.startswith("reading"))


async def _is_shown(nellie: RunningNellie, turn: int) -> bool:
    return turn in nellie.platform.shown


@pytest.mark.parametrize(
    "model",
    [
        lambda: ScriptedModel(says("well")),
        lambda: ScriptedModel(breaks(ModelTimeout(model="m", seconds=1))),
        lambda: ScriptedModel(says("")),
    ],
    ids=["answered", "failed", "empty"],
)
async def test_however_a_turn_ends_nothing_is_held_any_more(
    start_nellie: Start, model: Callable[[], ScriptedModel]
) -> None:
    nellie = await start_nellie(model=model(), limit_tokens=100_000)

    await nellie.ask(ANA, "how?")

    assert await nellie.rows("SELECT count(*) FROM reservation") == [(0,)]


async def test_a_stopped_answer_gives_back_what_it_held(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("well")), limit_tokens=100_000)
    turn = await nellie.open_turn(ANA, "how?")
    await nellie.model.called.wait()
    assert await held(nellie) == 1

    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert await held(nellie) == 0


async def test_a_command_that_calls_a_model_reserves_too(start_nellie: Start) -> None:
    gate = asyncio.Event()
    model = ScriptedModel()
    model.follow("catchup", waits(gate, summarizes))
    nellie = await start_nellie(model=model, limit_tokens=200)
    nellie.parts.quotas.reserving.patience = 0.0
    await nellie.add_history("the ship sails at noon", "no, at one", "then we have time")

    running = asyncio.create_task(nellie.run_command("catchup 3d", CARL))
    await nellie.model.called.wait()
    during = await held(nellie)
    refused = await nellie.ask(ANA, "when?")
    gate.set()
    await running

    assert during == 1
    assert "ask again in a moment" in refused
    assert await held(nellie) == 0


async def test_questions_and_calls_of_a_person_are_on_one_budget(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_tokens=SPENT)
    replica = CallingReplica.on(nellie.database, limit_person_tokens=SPENT)
    ana = caller(ANA.id, platform="fake", workspace="team")
    call = await replica.calls.begin(ana, request())
    await call.end(usage=used(SPENT))

    assert "Your budget for today is used up" in await nellie.ask(ANA, "and here?")
    assert await nellie.ask(BOB, "and I?") == "You said: and I?"
    assert await replica.try_to_begin(ana) is None


async def test_what_a_crashed_replica_held_is_given_back_with_its_lease(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(limit_tokens=SPENT)
    replica = CallingReplica.on(nellie.database, limit_tokens=SPENT)
    await replica.calls.begin(caller(), request())
    replica.die()
    jobs: Jobs = nellie.parts.jobs

    await jobs.end_leases()
    assert await held(nellie) == 1
    await let_leases_end(nellie.database)
    await jobs.end_leases()

    assert await nellie.rows("SELECT count(*) FROM reservation") == [(0,)]
    assert await nellie.rows("SELECT status FROM api_call") == [("lost",)]


async def test_kept_content_goes_by_the_clock(start_nellie: Start) -> None:
    nellie = await start_nellie(api_log="content", api_log_days=2)
    replica = CallingReplica.on(nellie.database, api_log="content")
    call = await replica.calls.begin(caller(), request(body={"messages": ["the spare key"]}))
    await call.end()
    await nellie.rows("UPDATE api_call SET at = at - interval '49 hours'")

    await nellie.parts.jobs.expire()

    assert await nellie.find_traces("spare key") == []
