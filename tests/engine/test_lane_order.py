"""Lanes: answers come in the order of the questions, and nobody waits for a stranger."""

import asyncio

from doubles.start_nellie import Start

from bot.domain.model import Author, Message, Prompt, Turn
from bot.testing import (
    ANA,
    BOB,
    RunningNellie,
    Script,
    ScriptedModel,
    Steps,
    echoes,
)


def answers_behind(gates: dict[str, asyncio.Event]) -> Script:
    """Answers each question as soon as its gate is open."""

    def script(prompt: Prompt) -> Steps:
        assert prompt.trigger
        return gates[prompt.trigger.text], *echoes(prompt)

    return script


async def test_answers_in_the_order_of_a_lane(start_nellie: Start) -> None:
    gates = {text: asyncio.Event() for text in ("one", "two", "three")}
    nellie = await start_nellie(model=ScriptedModel(answers_behind(gates)))
    turns = [
        await nellie.open_turn(author, text, thread="t1")
        for author, text in ((ANA, "one"), (BOB, "two"), (ANA, "three"))
    ]

    for gate in reversed(gates.values()):
        gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.platform.finished == turns
    asked = [prompt.messages[-1].text.rpartition(": ")[2] for prompt in nellie.model.prompts]
    assert asked == ["one", "two", "three"]


async def test_nobody_waits_for_a_stranger(start_nellie: Start) -> None:
    gates = {"slow": asyncio.Event(), "fast": asyncio.Event()}
    nellie = await start_nellie(model=ScriptedModel(answers_behind(gates)))
    slow = await nellie.open_turn(ANA, "slow")
    fast = await nellie.open_turn(BOB, "fast")

    gates["fast"].set()
    await nellie.parts.turns.wait_until_ended(fast)
    unfinished = list(nellie.platform.finished)
    gates["slow"].set()
    await nellie.parts.lanes.idle()

    assert unfinished == [fast]
    assert nellie.platform.finished == [fast, slow]


async def test_a_burst_does_not_wait_for_one_whose_platform_is_slow(nellie: RunningNellie) -> None:
    says = asyncio.Event()

    async def quoted(turn: Turn) -> tuple[Message, ...]:
        await says.wait()
        return ()

    nellie.platform.quoted = quoted  # type: ignore[method-assign]  # the platform is half away
    slow = await nellie.open_turn(ANA, "about that", reply_to="m0")
    others = [await nellie.open_turn(BOB, f"question {number}") for number in range(12)]

    for turn in others:
        await nellie.parts.turns.wait_until_ended(turn)
    assert slow not in nellie.platform.finished

    says.set()
    await nellie.parts.lanes.idle()
    assert sorted(nellie.platform.finished) == sorted([slow, *others])


async def test_many_lanes_of_one_channel_remember_every_answer_once(nellie: RunningNellie) -> None:
    asked = [
        (Author(f"U{n}", f"person{n}"), f"question {n} {m}") for m in range(3) for n in range(8)
    ]

    await asyncio.gather(*(nellie.say(author, text, addressed=True) for author, text in asked))
    await nellie.parts.lanes.idle()

    texts = await nellie.texts()
    assert sorted(texts) == sorted(
        [text for _, text in asked] + [f"You said: {text}" for _, text in asked]
    )
    for prompt in nellie.model.prompts:
        shown = prompt.messages[1].text.split("\n\n")[0].splitlines()[1:]
        assert len(shown) == len(set(shown))
