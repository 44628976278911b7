"""Thoughts that a model of a plugin leaves in its text, and the room it needs to think."""

from dataclasses import replace

import pytest

from bot.config.settings import Settings
from bot.domain.errors import OnlyThoughts
from bot.domain.model import Chunk, Purpose
from bot.llm.answers.thoughtless import THINKING_ROOM
from bot.llm.fallback import Fallback
from bot.testing import ScriptedModel, SteppedModel, collect, prompt_of, says

STREAMS = [
    ("<think>maybe red, maybe not</think>\n\nThe disk is red.",),
    ("<thi", "nk>maybe", " red</thi", "nk>The disk is", " red."),
    ("[THINK]maybe[/THINK]The disk", " is red."),
    ("◁think▷maybe◁/think▷The disk is red.",),
    ("<|channel|>analysis<|message|>hm<|end|><|channel|>final<|message|>The disk is red.",),
    ("The disk is red.<|im_end|>",),
]


@pytest.mark.parametrize("pieces", STREAMS)
@pytest.mark.parametrize("purpose", ["answer", "compaction", "digest", "catchup"])
async def test_no_thought_of_a_plugin_is_part_of_what_it_says(
    settings: Settings, pieces: tuple[str, ...], purpose: Purpose
) -> None:
    model = SteppedModel((*map(Chunk, pieces), Chunk(finish="stop")))

    heard = await collect(Fallback([model], settings), replace(prompt_of(), purpose=purpose))

    assert heard.text.strip() == "The disk is red."
    assert heard.finishes == ["stop"]


@pytest.mark.parametrize("purpose", ["compaction", "digest", "catchup"])
async def test_a_short_call_believes_nothing_before_a_lone_closing_mark(
    settings: Settings, purpose: Purpose
) -> None:
    model = SteppedModel(
        (
            Chunk("1. ana wonders\n2. be brief\n"),
            Chunk("</think>\n- ana: red [1]"),
            Chunk(finish="stop"),
        )
    )

    heard = await collect(Fallback([model], settings), replace(prompt_of(), purpose=purpose))

    assert heard.text.strip() == "- ana: red [1]"


async def test_what_stands_in_code_stays(settings: Settings) -> None:
    text = "Write `<think>` and\n```\n<think>x</think>\n```\nthat is all."

    heard = await collect(Fallback([ScriptedModel(says(*text))], settings), prompt_of())

    assert heard.text == text


@pytest.mark.parametrize("thoughts", [0, 7])
@pytest.mark.parametrize("purpose", ["answer", "compaction", "digest", "catchup"])
async def test_who_only_thought_is_asked_once_more_with_room(
    settings: Settings, purpose: Purpose, thoughts: int
) -> None:
    model = ScriptedModel()
    model.follow(
        purpose,
        lambda prompt: (Chunk(thought=thoughts), Chunk(finish="length")),
        says("The disk is red."),
    )

    heard = await collect(Fallback([model], settings), replace(prompt_of(), purpose=purpose))

    assert heard.text == "The disk is red."
    assert [one.max_output for one in model.prompts] == [100, 100 + THINKING_ROOM]


async def test_who_thinks_for_ever_is_asked_twice_and_told_so(settings: Settings) -> None:
    model = SteppedModel((Chunk("<think>and so on"), Chunk(finish="length")))

    heard = await collect(Fallback([model], settings), prompt_of())

    assert isinstance(heard.error, OnlyThoughts)
    assert model.calls == 2
