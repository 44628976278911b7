"""What an answer is made from, and what it costs."""

import json
from datetime import UTC, datetime, timedelta

from doubles.start_nellie import Start

from bot.domain.model import Chunk, Prompt, Usage
from bot.prompting.fixed_text import RECALLED_HEADING
from bot.testing import (
    ANA,
    BOB,
    RunningNellie,
    ScriptedModel,
    Steps,
    repeats_prompt,
    says,
)


async def test_a_recalled_message_stands_just_before_the_question(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await nellie.say(BOB, "the backup disk is in the red cupboard", at=long_ago)
    await nellie.add_history(*(f"talk about {n} other things" for n in range(60)))

    await nellie.ask(ANA, "where is the backup disk?")

    *_, last = nellie.model.prompts[-1].messages
    before, _, after = last.text.partition(RECALLED_HEADING)
    assert "red cupboard" not in before
    assert "the backup disk is in the red cupboard" in after
    assert after.endswith("ana: where is the backup disk?")


async def test_what_the_window_shows_is_not_recalled_too(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the backup disk is in the red cupboard")

    await nellie.ask(ANA, "where is the backup disk?")

    text = "".join(one.text for one in nellie.model.prompts[-1].messages)
    assert text.count("red cupboard") == 1
    assert RECALLED_HEADING not in text
    assert [one.text for one in nellie.model.prompts[-1].recalled] == [
        "the backup disk is in the red cupboard"
    ]


async def test_what_people_said_is_recalled_before_questions_and_answers(
    nellie: RunningNellie,
) -> None:
    await nellie.ask(BOB, "nellie, where is the backup disk, the backup disk?")
    await nellie.say(BOB, "the backup disk is in the cupboard")

    await nellie.ask(ANA, "where is that backup disk now?")

    recalled = nellie.model.prompts[-1].recalled
    assert recalled[0].text == "the backup disk is in the cupboard"


async def test_recall_can_be_switched_off(start_nellie: Start) -> None:
    nellie = await start_nellie(recall=0)
    await nellie.say(BOB, "the backup disk is in the red cupboard")

    await nellie.ask(ANA, "where is the backup disk?")

    assert nellie.model.prompts[-1].recalled == ()


async def test_hi_in_an_empty_channel_costs_under_1000_bytes(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "hi")

    [prompt] = nellie.model.prompts
    body = json.dumps([{"role": one.role, "content": one.text} for one in prompt.messages])
    assert len(body.encode()) < 1000


async def test_every_prompt_keeps_its_budget_in_a_small_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt, context_tokens=4096))
    await nellie.add_history(*(f"talk {n} about ships " * (n % 40 + 1) for n in range(1, 300)))

    for number in range(5):
        await nellie.ask(ANA, "tell me about ships " * 3**number * 10)

    for prompt in nellie.model.prompts:
        assert prompt.tokens * 1.35 + prompt.max_output <= 4096


async def test_one_usage_row_for_each_call_with_what_the_model_reports(start_nellie: Start) -> None:
    def cached(prompt: Prompt) -> Steps:
        return Chunk("yes"), Chunk("", "stop", Usage("m", 100, 7, 80))

    nellie = await start_nellie(model=ScriptedModel(cached, says("no", finish=None)))
    await nellie.ask(ANA, "hello")
    await nellie.ask(ANA, "hello again")

    rows = await nellie.rows(
        "SELECT purpose, input, cached, output, estimated, attempt FROM usage ORDER BY id"
    )
    assert rows[0] == ("answer", 100, 80, 7, False, 1)
    assert len(rows) == 2


async def test_the_persona_and_model_of_a_channel_are_used(nellie: RunningNellie) -> None:
    await nellie.run_command("persona set You are a pirate.", admin=True)

    await nellie.ask(ANA, "hello")

    assert nellie.model.prompts[-1].messages[0].text.startswith("You are a pirate.")
