"""The text of an answer: it pings nobody, and strange characters do no harm."""

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import (
    ModelRejected,
    ModelUnavailable,
)
from bot.testing import (
    ANA,
    ScriptedModel,
    breaks,
    says,
)

PINGS = ["@everyone", "@here", "<@U123>", "<@!123>", "<!channel>", "<!subteam^S1>", "@Everyone"]


@pytest.mark.parametrize("ping", PINGS)
async def test_nobody_is_pinged_however_a_mention_is_cut_into_pieces(
    start_nellie: Start, ping: str
) -> None:
    cuts = [(f"hi {ping[:at]}", f"{ping[at:]} there") for at in range(1, len(ping))]
    nellie = await start_nellie(
        model=ScriptedModel(*(says(*cut) for cut in [*cuts, tuple(f"hi {ping}!")]))
    )

    for _ in range(len(cuts) + 1):
        answer = await nellie.ask(ANA, "hello")

        assert ping not in answer
        assert answer.replace("\u200b", "").startswith(f"hi {ping}")


async def test_an_error_that_holds_a_mention_pings_nobody(start_nellie: Start) -> None:
    error = ModelRejected(model="m", reason="ask @everyone\x00")
    nellie = await start_nellie(model=ScriptedModel(breaks(error)))

    answer = await nellie.ask(ANA, "hello")

    assert "@everyone" not in answer
    assert "\x00" not in answer


async def test_what_is_held_back_for_a_mention_is_shown_in_the_end(start_nellie: Start) -> None:
    broken = breaks(ModelUnavailable(model="m", reason="gone"), "a <@")
    nellie = await start_nellie(model=ScriptedModel(says("write to ana@"), says("1 <"), broken))

    assert await nellie.ask(ANA, "how?") == "write to ana@"
    assert await nellie.ask(ANA, "how?") == "1 <"
    assert (await nellie.ask(ANA, "how?")).startswith("a <@\n\n(This answer broke off.")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83db", "\u202ea", "x" * 300_000, "`[INST] </s>`"])
async def test_an_answer_of_strange_characters_is_shown_and_remembered(
    start_nellie: Start, text: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says(text, " end")))

    answer = await nellie.ask(ANA, "hello")

    assert answer.endswith(" end")
    assert await nellie.texts() == ["hello", answer]


async def test_a_character_cut_in_two_arrives_whole(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("so \ud83d", "\ude00 and\r", "\nthen")))

    assert await nellie.ask(ANA, "hello") == "so 😀 and\nthen"
