"""Limits: what is asked beyond them is answered in words, before any model is called."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.start_nellie import SMALL_WINDOW, Start

from bot.domain.errors import CommandError, LimitReached
from bot.domain.model import Chunk, Prompt, Usage
from bot.telemetry import metrics
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    says,
    stalls,
    waits,
)
from bot.testing.scripted_model import Steps


async def wait_for_queue(nellie: RunningNellie, count: int) -> None:
    """Return once so many questions wait for the model."""
    while nellie.parts.call_queue.waiting < count:  # noqa: ASYNC110  # no event says so
        await asyncio.sleep(0.01)


async def test_a_person_is_told_when_to_ask_again_and_others_are_answered(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(limit_person_minute=2)
    for number in range(2):
        await nellie.ask(ANA, f"question {number}")

    declined = await nellie.ask(ANA, "one more")

    assert declined.startswith("I cannot answer this now. You have asked 2 questions within a min")
    assert "ask again in " in declined
    assert "Your message is remembered." in declined
    assert await nellie.ask(BOB, "and me?") == "You said: and me?"
    assert len(nellie.model.prompts) == 3
    assert (await nellie.texts())[-3] == "one more"  # and no refusal after it


async def test_a_declined_question_does_not_count(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=1)
    await nellie.ask(ANA, "first")
    await nellie.ask(ANA, "second")
    await nellie.rows(
        "UPDATE turn SET created_at = created_at - interval '1 minute' WHERE error IS NULL"
    )

    assert await nellie.ask(ANA, "third") == "You said: third"


async def test_a_channel_has_a_rate_limit_of_its_own(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_channel_hour=1)
    await nellie.ask(ANA, "first")

    assert "This channel has asked 1 question within an hour" in await nellie.ask(BOB, "second")


@pytest.mark.parametrize(
    ("limit", "whose"),
    [
        ({"limit_person_tokens": 50}, "Your budget for today is used up (50 tokens a day)"),
        ({"limit_channel_tokens": 50}, "This channel's budget for today is used up"),
        ({"limit_tokens": 50}, "The common budget for today is used up"),
        ({"limit_cost": 0.01, "prices": ("scripted=1000/100/2000",)}, "used up (0.01 a day)"),
    ],
)
async def test_a_quota_that_is_used_up_says_whose_and_what_can_be_done(
    start_nellie: Start, limit: dict[str, object], whose: str
) -> None:
    nellie = await start_nellie(**limit)
    await nellie.ask(ANA, "how much does this cost?")

    declined = await nellie.ask(ANA, "and this?")

    assert whose in declined
    assert "It starts again at 00:00 UTC; an admin can raise NELLIE_LIMIT_" in declined
    assert len(nellie.model.prompts) == 1


async def test_yesterday_does_not_count(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_tokens=50)
    await nellie.ask(ANA, "how much does this cost?")
    await nellie.rows("UPDATE usage SET at = at - interval '1 day'")

    assert await nellie.ask(ANA, "and this?") == "You said: and this?"


async def test_what_one_person_used_is_not_on_another_ones_quota(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_tokens=50)
    await nellie.ask(ANA, "how much does this cost?")

    assert await nellie.ask(BOB, "and this?") == "You said: and this?"


async def test_what_another_replica_answered_counts(start_nellie: Start) -> None:
    other = await start_nellie()
    await other.ask(ANA, "how much does this cost?")

    nellie = await start_nellie(limit_person_minute=1, limit_tokens=50)

    assert "You have asked 1 question within a minute" in await nellie.ask(ANA, "and this?")
    assert "The common budget for today is used up" in await nellie.ask(BOB, "and mine?")


async def test_a_declined_question_can_be_asked_again_with_its_button(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_tokens=50)
    await nellie.ask(ANA, "how much does this cost?")
    turn = await nellie.open_turn(ANA, "and this?")
    await nellie.parts.lanes.idle()
    await nellie.rows("UPDATE usage SET at = at - interval '1 day'")

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "You said: and this?"


async def test_compaction_waits_for_the_next_day_on_the_channels_quota(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW, limit_channel_tokens=50)
    await nellie.add_history(
        *[f"talk number {n} about the harbour and its ships" for n in range(80)]
    )
    await nellie.ask(ANA, "how much does this cost?")

    with pytest.raises(LimitReached, match="This channel's budget for today is used up"):
        await nellie.compact()
    await nellie.parts.jobs.compact_due()

    assert nellie.model.prompts_for("compaction") == []
    await nellie.rows("UPDATE usage SET at = at - interval '1 day'")
    assert await nellie.compact() > 0


async def test_catchup_is_on_the_persons_quota(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_tokens=20)
    await nellie.add_history("the ship has sailed")
    await nellie.run_command("catchup 3d")

    with pytest.raises(Exception, match="Your budget for today is used up"):
        await nellie.run_command("catchup 3d")


async def test_usage_shows_what_is_left(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_channel_tokens=1_000_000)
    await nellie.ask(ANA, "how much does this cost?")

    shown = (await nellie.run_command("usage")).text

    assert "Left today of this channel's 1,000,000 tokens a day: 999," in shown


async def test_usage_says_what_it_cost_and_where_that_is_unknown(start_nellie: Start) -> None:
    nellie = await start_nellie(prices=("scripted=1000000/0/0",))
    await nellie.ask(ANA, "how much does this cost?")
    [[tokens]] = await nellie.rows("SELECT input FROM usage")
    assert f", cost {tokens:,}.0000" in (await nellie.run_command("usage")).text

    nellie = await start_nellie(prices=("another=1/1/1",))

    assert ", cost unknown (not in NELLIE_PRICES)" in (await nellie.run_command("usage")).text


def reads_and_writes_a_cache(prompt: Prompt) -> Steps:
    """Says Yes, of a prompt of 1,000 tokens: 700 were in the cache, 200 are from now on."""
    usage = Usage("", 1_000, 10, cached=700, cache_write=200)
    return (Chunk("Yes."), Chunk("", "stop", usage))


@pytest.mark.parametrize(
    ("price", "cost"),
    [
        ("1000/100/1250/8000", "0.5000"),  # 100 + 70 + 250 + 80 of a thousand
        ("1000/100/8000", "0.4500"),  # what is written costs what input costs
        ("0/0/1000/0", "0.2000"),
        ("0/0/0", "0.0000"),
    ],
)
async def test_what_is_written_to_a_cache_has_a_price_of_its_own(
    start_nellie: Start, price: str, cost: str
) -> None:
    written = ("answer", "scripted", "cache_write")
    before = metrics.tokens.values.get(written, 0)
    nellie = await start_nellie(
        model=ScriptedModel(reads_and_writes_a_cache), prices=(f"scripted={price}",)
    )
    await nellie.ask(ANA, "how much does this cost?")

    shown = (await nellie.run_command("usage")).text

    assert f"1,000 tokens in (70% cached, 20% written to the cache), 10 out, cost {cost}" in shown
    assert metrics.tokens.values[written] == before + 200


async def test_a_quota_of_money_counts_what_is_written_to_a_cache(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(reads_and_writes_a_cache),
        prices=("scripted=0/0/1000/0",),
        limit_cost=0.3,
    )
    answers = [await nellie.ask(ANA, f"question {number}") for number in range(3)]

    assert answers[:2] == ["Yes.", "Yes."]
    assert "used up (0.30 a day)" in answers[2]


async def test_without_limits_nothing_is_looked_up(nellie: RunningNellie) -> None:
    assert await nellie.parts.quotas.read_quotas(await nellie.channel_id(), "U1") == []
    assert nellie.parts.quotas._rate_limits() == []


async def test_who_waits_for_the_model_is_told_how_many_are_before_them(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    slow = waits(gate, says("done"))
    nellie = await start_nellie(model=ScriptedModel(slow), concurrency=1)
    turns = [await nellie.open_turn(ANA, f"q{n}", thread=f"t{n}") for n in range(4)]
    await nellie.model.called.wait()
    await wait_for_queue(nellie, 3)

    statuses = [nellie.parts.lanes._worker.runs[turn].status for turn in turns[1:]]
    assert statuses == [
        "waiting (you are next)",
        "waiting (1 before you)",
        "waiting (2 before you)",
    ]

    gate.set()
    await nellie.parts.lanes.idle()
    assert [nellie.platform.shown[turn] for turn in turns] == ["done"] * 4


async def test_an_answer_that_waits_for_the_model_can_be_stopped(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("first")), concurrency=1)
    first = await nellie.open_turn(ANA, "q1", thread="t1")
    await nellie.model.called.wait()
    second = await nellie.open_turn(ANA, "q2", thread="t2")
    await wait_for_queue(nellie, 1)

    await nellie.parts.turns.stop(second)
    await nellie.parts.turns.wait_until_ended(second)

    assert nellie.parts.call_queue.waiting == 0
    assert len(nellie.model.prompts) == 1
    await nellie.parts.turns.stop(first)


async def test_a_full_queue_declines_in_words(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls("one")), concurrency=1, limit_waiting=1)
    await nellie.open_turn(ANA, "q1", thread="t1")
    await nellie.model.called.wait()
    await nellie.open_turn(ANA, "q2", thread="t2")
    await wait_for_queue(nellie, 1)

    third = await nellie.open_turn(ANA, "q3", thread="t3")
    await nellie.parts.turns.wait_until_ended(third)

    assert "1 question waits for an answer already; ask again" in nellie.platform.shown[third]
    for turn in list(nellie.parts.lanes._worker.runs):
        await nellie.parts.turns.stop(turn)


async def test_a_conversation_with_too_many_waiting_questions_declines_the_rest(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    slow = waits(gate, says("done"))
    nellie = await start_nellie(model=ScriptedModel(slow, says("done")), limit_lane=2)
    turns = [await nellie.open_turn(ANA, f"q{n}", thread="t") for n in range(4)]
    await asyncio.sleep(0.6)

    gate.set()
    await nellie.parts.lanes.idle()

    shown = [nellie.platform.shown[turn] for turn in turns]
    assert shown[:2] == ["done", "done"]
    assert "questions waited in this conversation when you asked" in shown[2]
    assert "questions waited in this conversation when you asked" in shown[3]


async def test_limits_are_counted(start_nellie: Start) -> None:
    before = metrics.limits.values.get(("person_minute",), 0)
    nellie = await start_nellie(limit_person_minute=1, platform=FakePlatform())

    await nellie.ask(ANA, "one")
    await nellie.ask(ANA, "two")

    assert metrics.limits.values["person_minute",] == before + 1


async def delete(nellie: RunningNellie) -> None:
    """Everything that anybody said is deleted on the platform."""
    for (id_,) in await nellie.rows("SELECT external_id FROM message WHERE NOT nellie"):
        await nellie.parts.inbox.deleted(GENERAL, id_)


async def forget(nellie: RunningNellie) -> None:
    """The person forgets all of theirs, and opts out."""
    plan = await nellie.run_command("memory forget me")
    await nellie.run_command(f"memory {plan.confirm}")
    await nellie.run_command("memory optout")


async def opt_out(nellie: RunningNellie) -> None:
    await nellie.run_command("memory optout")


@pytest.mark.parametrize("hide", [delete, forget, opt_out])
@pytest.mark.parametrize("limit", ["limit_person_minute", "limit_person_hour"])
async def test_a_question_that_is_hidden_afterwards_still_counts(
    start_nellie: Start, hide: Callable[[RunningNellie], Awaitable[None]], limit: str
) -> None:
    nellie = await start_nellie(**{limit: 2})
    await nellie.ask(ANA, "first")
    await nellie.ask(ANA, "second")

    await hide(nellie)

    assert "You have asked 2 questions within a" in await nellie.ask(ANA, "third")
    assert await nellie.ask(BOB, "and me?") == "You said: and me?"


async def test_who_opted_out_and_who_asks_in_private_is_counted_as_a_person(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(limit_person_minute=2)
    await opt_out(nellie)
    await nellie.ask(ANA, "first")
    await nellie.ask(ANA, "second", private=True)

    assert "You have asked 2 questions" in await nellie.ask(ANA, "third", private=True)
    assert "You have asked 2 questions" in await nellie.ask(ANA, "fourth")
    assert await nellie.ask(BOB, "and me?", private=True) == "You said: and me?"
    assert not {"asked.payer", "usage.payer", "usage.author_id"} & {*await nellie.find_traces("U1")}


@pytest.mark.parametrize("private", [True, False])
async def test_who_is_not_remembered_still_pays(start_nellie: Start, private: bool) -> None:
    nellie = await start_nellie(limit_person_tokens=50)
    await opt_out(nellie)
    await nellie.ask(ANA, "how much does this cost?", private=private)

    assert "Your budget for today is used up" in await nellie.ask(ANA, "and this?", private=private)
    assert await nellie.ask(BOB, "and mine?") == "You said: and mine?"


async def test_catching_up_counts_as_a_question_and_is_counted_with_them(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(limit_person_minute=2)
    await nellie.add_history("the ship has sailed")
    await nellie.run_command("catchup 3d")
    await nellie.ask(ANA, "why?")

    with pytest.raises(CommandError, match="You have asked 2 questions within a minute; ask again"):
        await nellie.run_command("catchup 3d")
    assert "You have asked 2 questions" in await nellie.ask(ANA, "and when?")
    assert len(nellie.model.prompts) == 2
    assert (await nellie.run_command("catchup 3d", BOB)).text


@pytest.mark.parametrize("limit", ["limit_channel_minute", "limit_channel_hour"])
async def test_catching_up_is_under_the_channels_limit_too(start_nellie: Start, limit: str) -> None:
    nellie = await start_nellie(**{limit: 1})
    await nellie.add_history("the ship has sailed")
    await nellie.run_command("catchup 3d", BOB)

    with pytest.raises(CommandError, match="This channel has asked 1 question within a"):
        await nellie.run_command("catchup 3d")
    assert "This channel has asked 1 question" in await nellie.ask(ANA, "why?")


async def test_a_catch_up_that_was_turned_away_does_not_count(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=1)
    await nellie.add_history("the ship has sailed")
    await nellie.run_command("catchup 3d")
    for _ in range(3):
        with pytest.raises(CommandError, match="You have asked 1 question"):
            await nellie.run_command("catchup 3d")
    await nellie.rows("UPDATE asked SET at = at - interval '1 minute'")

    assert (await nellie.run_command("catchup 3d")).text


async def test_a_catch_up_that_has_nothing_to_tell_costs_nothing(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=1)

    for _ in range(3):
        assert "You missed nothing" in (await nellie.run_command("catchup 3d")).text
    assert await nellie.ask(ANA, "hello") == "You said: hello"


async def test_a_question_asked_again_by_its_button_counts_as_asked_then(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(limit_person_minute=1)
    await nellie.ask(ANA, "first")
    turn = await nellie.open_turn(ANA, "second")
    await nellie.parts.lanes.idle()
    assert "You have asked 1 question" in nellie.platform.shown[turn]
    await nellie.rows(
        "UPDATE turn SET created_at = created_at - interval '1 minute' WHERE id <> :turn", turn=turn
    )

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "You said: second"
    assert "You have asked 1 question" in await nellie.ask(ANA, "third")


async def test_who_asked_is_let_go_after_an_hour_and_who_paid_after_the_day(
    nellie: RunningNellie,
) -> None:
    for number in range(3):
        await nellie.ask(ANA, f"question {number}")
    await nellie.rows(
        "UPDATE asked SET at = at - interval '61 minutes' WHERE id < (SELECT max(id) FROM asked)"
    )
    await nellie.rows(
        "UPDATE usage SET at = at - interval '1 day' WHERE id < (SELECT max(id) FROM usage)"
    )

    await nellie.parts.jobs.expire()

    assert len(await nellie.rows("SELECT 1 FROM asked")) == 1
    assert len(await nellie.rows("SELECT 1 FROM usage WHERE payer IS NOT NULL")) == 1
    assert len(await nellie.rows("SELECT 1 FROM usage")) == 3
