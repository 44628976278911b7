"""Limits: what is asked beyond them is answered in words, before any model is called."""

import asyncio

import pytest
from doubles.house import ANA, BOB, SMALL, House, Open
from doubles.model import Actor, Part, says, stalls
from doubles.platform import Stage

from bot import metrics
from bot.errors import LimitReached
from bot.schedule import tidy


async def queued(house: House, count: int) -> None:
    """Return once so many wait for the model."""
    # Nothing happens when one begins to wait that could be waited for.
    while house.engine.places.waiting < count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_person_is_told_when_to_ask_again_and_others_are_answered(open_house: Open) -> None:
    house = await open_house(limit_person_minute=2)
    for number in range(2):
        await house.ask(ANA, f"question {number}")

    declined = await house.ask(ANA, "one more")

    assert declined.startswith("I cannot answer this now. You have asked 2 questions within a min")
    assert "ask again in " in declined
    assert "Your message is remembered." in declined
    assert await house.ask(BOB, "and me?") == "You said: and me?"
    assert len(house.model.prompts) == 3
    assert (await house.texts())[-3] == "one more"  # and no refusal after it


async def test_a_question_that_was_turned_away_does_not_count(open_house: Open) -> None:
    house = await open_house(limit_person_minute=1)
    await house.ask(ANA, "first")
    await house.ask(ANA, "second")
    await house.rows_changed(
        "UPDATE turn SET created_at = created_at - interval '1 minute' WHERE error IS NULL"
    )

    assert await house.ask(ANA, "third") == "You said: third"


async def test_a_channel_has_a_rate_of_its_own(open_house: Open) -> None:
    house = await open_house(limit_channel_hour=1)
    await house.ask(ANA, "first")

    assert "This channel has asked 1 questions within an hour" in await house.ask(BOB, "second")


@pytest.mark.parametrize(
    ("limit", "whose"),
    [
        ({"limit_person_tokens": 50}, "Your budget for today is used up (50 tokens a day)"),
        ({"limit_channel_tokens": 50}, "This channel's budget for today is used up"),
        ({"limit_tokens": 50}, "The common budget for today is used up"),
        ({"limit_cost": 0.01, "prices": ("actor=1000/100/2000",)}, "used up (0.01 a day)"),
    ],
)
async def test_a_budget_that_is_used_up_says_whose_and_what_can_be_done(
    open_house: Open, limit: dict[str, object], whose: str
) -> None:
    house = await open_house(**limit)
    await house.ask(ANA, "how much does this cost?")

    declined = await house.ask(ANA, "and this?")

    assert whose in declined
    assert "It starts again at 00:00 UTC; an admin can raise NELLIE_LIMIT_" in declined
    assert len(house.model.prompts) == 1


async def test_yesterday_does_not_count(open_house: Open) -> None:
    house = await open_house(limit_tokens=50)
    await house.ask(ANA, "how much does this cost?")
    await house.rows_changed("UPDATE usage SET at = at - interval '1 day'")

    assert await house.ask(ANA, "and this?") == "You said: and this?"


async def test_what_one_person_used_is_not_on_another_ones_budget(open_house: Open) -> None:
    house = await open_house(limit_person_tokens=50)
    await house.ask(ANA, "how much does this cost?")

    assert await house.ask(BOB, "and this?") == "You said: and this?"


async def test_what_another_replica_answered_counts(open_house: Open) -> None:
    other = await open_house()
    await other.ask(ANA, "how much does this cost?")

    house = await open_house(limit_person_minute=1, limit_tokens=50)

    assert "You have asked 1 questions within a minute" in await house.ask(ANA, "and this?")
    assert "The common budget for today is used up" in await house.ask(BOB, "and mine?")


async def test_a_declined_question_can_be_asked_again_with_its_button(open_house: Open) -> None:
    house = await open_house(limit_tokens=50)
    await house.ask(ANA, "how much does this cost?")
    turn = await house.begin(ANA, "and this?")
    await house.engine.lanes.idle()
    await house.rows_changed("UPDATE usage SET at = at - interval '1 day'")

    assert await house.engine.again(turn)
    await house.engine.lanes.idle()

    assert house.stage.shown[turn] == "You said: and this?"


async def test_compaction_waits_for_the_next_day_on_the_channels_budget(open_house: Open) -> None:
    house = await open_house(**SMALL, limit_channel_tokens=50)
    await house.history(*[f"talk number {n} about the harbour and its ships" for n in range(80)])
    await house.ask(ANA, "how much does this cost?")

    with pytest.raises(LimitReached, match="This channel's budget for today is used up"):
        await house.compact()
    await tidy(house.engine.compaction)

    assert house.model.asked("compaction") == []
    await house.rows_changed("UPDATE usage SET at = at - interval '1 day'")
    assert await house.compact() > 0


async def test_catchup_is_on_the_persons_budget(open_house: Open) -> None:
    house = await open_house(limit_person_tokens=20)
    await house.history("the ship has sailed")
    await house.command("catchup 3d")

    with pytest.raises(Exception, match="Your budget for today is used up"):
        await house.command("catchup 3d")


async def test_usage_shows_what_is_left(open_house: Open) -> None:
    house = await open_house(limit_channel_tokens=1_000_000)
    await house.ask(ANA, "how much does this cost?")

    shown = (await house.command("usage")).text

    assert "Left today of this channel's 1,000,000 tokens a day: 999," in shown


async def test_usage_says_what_it_cost_and_where_that_is_unknown(open_house: Open) -> None:
    house = await open_house(prices=("actor=1000000/0/0",))
    await house.ask(ANA, "how much does this cost?")
    [[tokens]] = await house.rows("SELECT input FROM usage")
    assert f", cost {tokens:,}.0000" in (await house.command("usage")).text

    house = await open_house(prices=("another=1/1/1",))

    assert ", cost unknown (not in NELLIE_PRICES)" in (await house.command("usage")).text


async def test_without_limits_nothing_is_looked_up(house: House) -> None:
    assert await house.engine.limits.budgets(await house.id(), "U1") == []
    assert house.engine.limits._rates() == []


async def test_who_waits_for_the_model_is_told_how_many_are_before_them(open_house: Open) -> None:
    gate = asyncio.Event()
    slow: Part = lambda prompt: (gate, *says("done")(prompt))  # noqa: E731  # a part is a function
    house = await open_house(model=Actor(slow), concurrency=1)
    turns = [await house.begin(ANA, f"q{n}", thread=f"t{n}") for n in range(4)]
    await house.model.begun.wait()
    await queued(house, 3)

    doing = [house.engine.lanes._runs[turn].doing for turn in turns[1:]]
    assert doing == ["waiting (you are next)", "waiting (1 before you)", "waiting (2 before you)"]

    gate.set()
    await house.engine.lanes.idle()
    assert [house.stage.shown[turn] for turn in turns] == ["done"] * 4


async def test_an_answer_that_waits_for_the_model_can_be_stopped(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("first")), concurrency=1)
    first = await house.begin(ANA, "q1", thread="t1")
    await house.model.begun.wait()
    second = await house.begin(ANA, "q2", thread="t2")
    await queued(house, 1)

    await house.engine.stop(second)
    await house.engine.over(second)

    assert house.engine.places.waiting == 0
    assert len(house.model.prompts) == 1
    await house.engine.stop(first)


async def test_a_full_queue_declines_in_words(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("one")), concurrency=1, limit_waiting=1)
    await house.begin(ANA, "q1", thread="t1")
    await house.model.begun.wait()
    await house.begin(ANA, "q2", thread="t2")
    await queued(house, 1)

    third = await house.begin(ANA, "q3", thread="t3")
    await house.engine.over(third)

    assert "1 questions wait for an answer already; ask again" in house.stage.shown[third]
    for turn in list(house.engine.lanes._runs):
        await house.engine.stop(turn)


async def test_a_conversation_with_too_many_waiting_questions_declines_the_rest(
    open_house: Open,
) -> None:
    gate = asyncio.Event()
    slow: Part = lambda prompt: (gate, *says("done")(prompt))  # noqa: E731  # a part is a function
    house = await open_house(model=Actor(slow, says("done")), limit_lane=2)
    turns = [await house.begin(ANA, f"q{n}", thread="t") for n in range(4)]
    await asyncio.sleep(0.6)

    gate.set()
    await house.engine.lanes.idle()

    shown = [house.stage.shown[turn] for turn in turns]
    assert shown[:2] == ["done", "done"]
    assert "questions waited in this conversation when you asked" in shown[2]
    assert "questions waited in this conversation when you asked" in shown[3]


async def test_limits_are_counted(open_house: Open) -> None:
    before = metrics.limits.values.get(("person_minute",), 0)
    house = await open_house(limit_person_minute=1, stage=Stage())

    await house.ask(ANA, "one")
    await house.ask(ANA, "two")

    assert metrics.limits.values["person_minute",] == before + 1
