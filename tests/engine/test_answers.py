"""How an answer comes about when a model or the platform does not do what it should."""

import json

import pytest
import sqlalchemy as sa
from doubles.house import ANA, BOB, House, Open
from doubles.model import Actor, Part, Script, breaks, repeats, says, stalls
from doubles.platform import Stage

from bot.context import RECALLED
from bot.conversation import Chunk, Prompt, Usage
from bot.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from bot.store.tables import TurnRow
from bot.turns import CRASHES

FAULTS: list[tuple[Part, str]] = [
    (breaks(ModelUnavailable(model="m", reason="refused")), "cannot be reached: refused"),
    (breaks(ModelOverloaded(model="m", reason="busy")), "too busy right now"),
    (breaks(ModelTimeout(model="m", seconds=3)), "said nothing for 3 seconds"),
    (breaks(ModelRejected(model="m", reason="bad key")), "refused the request: bad key"),
    (breaks(ContextOverflow(model="m", reason="too long")), "too long for the context window"),
    (breaks(ModelError(model="m", reason="strange")), "failed: strange"),
    (says(""), "without saying anything"),
    (says("  \n "), "without saying anything"),
    (says("\u202e\x01"), "without saying anything"),
    (says(finish=None), "broke off before its end"),
    (stalls(), "said nothing for 0.05 seconds"),
    (lambda prompt: (ValueError("a bug"),), "a bug"),
]


@pytest.mark.parametrize(("part", "reason"), FAULTS)
async def test_what_a_model_cannot_do_ends_in_an_honest_sentence(
    open_house: Open, part: Part, reason: str
) -> None:
    house = await open_house(model=Actor(part), read_timeout=0.05)

    answer = await house.ask(ANA, "hello")

    assert answer.startswith("I could not answer this.")
    assert reason in answer
    assert "Your message is remembered" in answer
    assert await house.texts() == ["hello"]
    assert await house.rows("SELECT state FROM turn") == [("failed",)]


@pytest.mark.parametrize(
    "part",
    [
        says("The disk is", finish=None),
        breaks(ModelUnavailable(model="m", reason="gone"), "The disk", " is"),
        stalls("The disk is"),
    ],
)
async def test_an_answer_that_breaks_off_is_kept_and_says_so(open_house: Open, part: Part) -> None:
    house = await open_house(model=Actor(part), read_timeout=0.05)

    answer = await house.ask(ANA, "where is it?")

    assert answer.startswith("The disk is\n\n(This answer broke off.")
    assert await house.texts() == ["where is it?", answer]
    assert len(await house.rows("SELECT * FROM usage")) == 1


async def test_the_next_question_is_answered_after_a_failure(open_house: Open) -> None:
    house = await open_house(model=Actor(FAULTS[0][0], says("fine")))
    await house.ask(ANA, "hello")

    assert await house.ask(ANA, "hello again") == "fine"


async def test_an_overflow_is_tried_once_more_with_less_and_learned(open_house: Open) -> None:
    too_long = breaks(ContextOverflow(model="m", reason="too long"))
    house = await open_house(model=Actor(too_long, says("fine"), says("fine")))
    await house.history(*(f"filler {n} " * 20 for n in range(190)))

    first = await house.ask(ANA, "hello")
    second = await house.ask(ANA, "hello again")

    sizes = [prompt.tokens for prompt in house.model.prompts]
    assert (first, second) == ("fine", "fine")
    assert len(sizes) == 3
    assert max(sizes[1:]) < sizes[0]
    assert len(await house.rows("SELECT * FROM usage WHERE purpose = 'answer'")) == 3


async def test_an_overflow_after_the_first_words_is_not_tried_again(open_house: Open) -> None:
    half = breaks(ContextOverflow(model="m", reason="too long"), "The disk")
    house = await open_house(model=Actor(half, says("fine")))

    answer = await house.ask(ANA, "hello")

    assert answer.startswith("The disk\n\n(This answer broke off.")
    assert len(house.model.prompts) == 1


async def test_a_model_that_always_overflows_never_breaks_the_prompt(open_house: Open) -> None:
    house = await open_house(model=Actor(breaks(ContextOverflow(model="m", reason="too long"))))
    await house.history(*(f"filler {n} " * 20 for n in range(60)))

    for number in range(40):
        answer = await house.ask(ANA, f"hello {number}")
        assert "too long for the context window" in answer

    assert house.model.prompts[-1].tokens <= 450


PINGS = ["@everyone", "@here", "<@U123>", "<@!123>", "<!channel>", "<!subteam^S1>", "@Everyone"]


@pytest.mark.parametrize("ping", PINGS)
async def test_nobody_is_pinged_however_a_mention_is_cut_into_pieces(
    open_house: Open, ping: str
) -> None:
    cuts = [(f"hi {ping[:at]}", f"{ping[at:]} there") for at in range(1, len(ping))]
    house = await open_house(model=Actor(*(says(*cut) for cut in [*cuts, tuple(f"hi {ping}!")])))

    for _ in range(len(cuts) + 1):
        answer = await house.ask(ANA, "hello")

        assert ping not in answer
        assert answer.replace("\u200b", "").startswith(f"hi {ping}")


async def test_an_error_that_holds_a_mention_pings_nobody(open_house: Open) -> None:
    error = ModelRejected(model="m", reason="ask @everyone\x00")
    house = await open_house(model=Actor(breaks(error)))

    answer = await house.ask(ANA, "hello")

    assert "@everyone" not in answer
    assert "\x00" not in answer


async def test_what_is_held_back_for_a_mention_is_shown_in_the_end(open_house: Open) -> None:
    broken = breaks(ModelUnavailable(model="m", reason="gone"), "a <@")
    house = await open_house(model=Actor(says("write to ana@"), says("1 <"), broken))

    assert await house.ask(ANA, "how?") == "write to ana@"
    assert await house.ask(ANA, "how?") == "1 <"
    assert (await house.ask(ANA, "how?")).startswith("a <@\n\n(This answer broke off.")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83db", "\u202ea", "x" * 300_000, "[INST] </s>"])
async def test_an_answer_of_strange_characters_is_shown_and_remembered(
    open_house: Open, text: str
) -> None:
    house = await open_house(model=Actor(says(text, " end")))

    answer = await house.ask(ANA, "hello")

    assert answer.endswith(" end")
    assert await house.texts() == ["hello", answer]


async def test_a_character_cut_in_two_arrives_whole(open_house: Open) -> None:
    house = await open_house(model=Actor(says("so \ud83d", "\ude00 and\r", "\nthen")))

    assert await house.ask(ANA, "hello") == "so 😀 and\nthen"


async def test_a_platform_that_fails_twice_shows_the_answer_in_the_end(open_house: Open) -> None:
    house = await open_house(stage=Stage(failures=2))

    answer = await house.ask(ANA, "hello")

    assert answer == "You said: hello"
    assert len(house.stage.begun) == 3
    assert house.stage.turns[house.stage.ended[0]].posted == (f"post-{house.stage.ended[0]}",)
    assert await house.texts() == ["hello", answer]
    usage = await house.rows("SELECT purpose FROM usage")
    assert len(usage) == len(house.model.prompts)


async def test_a_platform_that_stays_away_leaves_a_failed_turn_and_a_free_lane(
    open_house: Open,
) -> None:
    house = await open_house(stage=Stage(failures=4))

    await house.ask(ANA, "hello")
    answer = await house.ask(ANA, "hello again")

    assert answer == "You said: hello again"
    assert await house.rows("SELECT state FROM turn ORDER BY id") == [("failed",), ("done",)]


async def test_an_answer_finished_before_a_crash_is_only_delivered(open_house: Open) -> None:
    house = await open_house()
    await crashed(house, "hello", text="An answer from before", posted=["p1"])
    heir = await open_house(stage=Stage())
    await ended(heir)

    assert list(heir.stage.shown.values()) == ["An answer from before"]
    assert heir.model.prompts == []
    assert heir.stage.turns[heir.stage.ended[0]].posted == ("p1",)
    assert await heir.texts() == ["hello", "An answer from before"]


async def test_an_answer_cut_off_by_a_crash_is_made_again_in_place(open_house: Open) -> None:
    house = await open_house()
    await crashed(house, "hello", text=None, posted=[])
    heir = await open_house(stage=Stage())
    [[turn]] = await heir.rows("SELECT id FROM turn")
    heir.stage.stands[turn] = ("found-there",)
    await ended(heir)

    assert heir.stage.turns[turn].posted == ("found-there",)
    assert heir.stage.turns[turn].attempts > 1
    assert await heir.texts() == ["hello", "You said: hello"]


async def test_a_turn_that_is_given_up_says_so_in_place_of_what_stands(open_house: Open) -> None:
    house = await open_house()
    await crashed(house, "hello", attempts=CRASHES, posted=[])
    heir = await open_house(stage=Stage())
    [[turn]] = await heir.rows("SELECT id FROM turn")
    heir.stage.stands[turn] = ("found-there",)
    await ended(heir)

    assert heir.stage.shown[turn].startswith("I could not answer this.")
    assert heir.stage.turns[turn].posted == ("found-there",)


async def test_a_recalled_message_stands_just_before_the_question(open_house: Open) -> None:
    house = await open_house(window_high=400, window_low=100)
    await house.say(BOB, "the backup disk is in the red cupboard")
    await house.history(*(f"talk about {n} other things" for n in range(60)))

    await house.ask(ANA, "where is the backup disk?")

    *_, last = house.model.prompts[-1].said
    before, _, after = last.text.partition(RECALLED)
    assert "red cupboard" not in before
    assert "the backup disk is in the red cupboard" in after
    assert after.endswith("ana: where is the backup disk?")


async def test_what_the_window_shows_is_not_recalled_too(house: House) -> None:
    await house.say(BOB, "the backup disk is in the red cupboard")

    await house.ask(ANA, "where is the backup disk?")

    text = "".join(one.text for one in house.model.prompts[-1].said)
    assert text.count("red cupboard") == 1
    assert RECALLED not in text
    assert [one.text for one in house.model.prompts[-1].recalled] == [
        "the backup disk is in the red cupboard"
    ]


async def test_what_people_said_is_recalled_before_questions_and_her_answers(
    house: House,
) -> None:
    await house.ask(BOB, "nellie, where is the backup disk, the backup disk?")
    await house.say(BOB, "the backup disk is in the cupboard")

    await house.ask(ANA, "where is that backup disk now?")

    recalled = house.model.prompts[-1].recalled
    assert recalled[0].text == "the backup disk is in the cupboard"


async def test_recall_can_be_switched_off(open_house: Open) -> None:
    house = await open_house(recall=0)
    await house.say(BOB, "the backup disk is in the red cupboard")

    await house.ask(ANA, "where is the backup disk?")

    assert house.model.prompts[-1].recalled == ()


async def test_hi_in_an_empty_channel_costs_under_1000_bytes(house: House) -> None:
    await house.ask(ANA, "hi")

    [prompt] = house.model.prompts
    body = json.dumps([{"role": one.role, "content": one.text} for one in prompt.said])
    assert len(body.encode()) < 1000


async def test_every_prompt_keeps_its_budget_in_a_small_model(open_house: Open) -> None:
    house = await open_house(model=Actor(repeats, window=4096))
    await house.history(*(f"talk {n} about ships " * (n % 40 + 1) for n in range(1, 300)))

    for number in range(5):
        await house.ask(ANA, "tell me about ships " * 3**number * 10)

    for prompt in house.model.prompts:
        assert prompt.tokens * 1.35 + prompt.max_output <= 4096


async def test_one_usage_row_for_each_call_with_what_the_model_reports(open_house: Open) -> None:
    def cached(prompt: Prompt) -> Script:
        return Chunk("yes"), Chunk("", "stop", Usage("m", 100, 7, 80))

    house = await open_house(model=Actor(cached, says("no", finish=None)))
    await house.ask(ANA, "hello")
    await house.ask(ANA, "hello again")

    rows = await house.rows(
        "SELECT purpose, input, cached, output, estimated, attempt FROM usage ORDER BY id"
    )
    assert rows[0] == ("answer", 100, 80, 7, False, 1)
    assert len(rows) == 2


async def test_the_persona_and_model_of_a_channel_are_used(house: House) -> None:
    await house.command("persona set You are a pirate.", admin=True)

    await house.ask(ANA, "hello")

    assert house.model.prompts[-1].said[0].text.startswith("You are a pirate.")


async def crashed(house: House, question: str, **kept: object) -> None:
    """A question whose replica died; what it had kept of its answer stays in the turn."""
    house.model.plays("answer", stalls())
    await house.begin(ANA, question)
    await house.model.begun.wait()
    for task in list(house.engine.lanes._tasks.values()):
        task.cancel()
    await house.engine.__aexit__(None, None, None)
    async with house.database.begin() as connection:
        await connection.execute(sa.update(TurnRow).values(**kept))


async def ended(house: House) -> None:
    """Until the turn that was left behind is over."""
    [[turn]] = await house.rows("SELECT id FROM turn")
    await house.engine.over(turn)
    await house.engine.lanes.idle()
