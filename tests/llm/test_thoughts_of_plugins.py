"""Thoughts that a model of a plugin leaves in its text, and the room it needs to think."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.config.settings import Settings
from bot.domain.errors import ModelError, OnlyThoughts
from bot.domain.model import Chunk, Prompt, Purpose, Usage
from bot.llm.answers import thoughtless
from bot.llm.answers.room import THINKING_ROOM
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


CLOSES_ALONE = {
    "one mark": ("They ask.", " Red it is.", "</think>", "The disk", " is red."),
    "a cut mark": ("They", " ask.\n</thi", "nk>\n\nThe disk is red."),
    "another name": ("1. ask ana\n2. be brief", "</reasoning>The disk is red."),
    "another bracket": ("hm, red?", "◁/think▷The disk", " is red."),
}


@pytest.mark.parametrize("pieces", CLOSES_ALONE.values(), ids=CLOSES_ALONE)
async def test_nothing_is_shown_that_its_end_proves_a_thought_once_that_is_known_of_a_model(
    settings: Settings, pieces: tuple[str, ...]
) -> None:
    model = SteppedModel((*map(Chunk, pieces), Chunk(finish="stop")))
    models = Fallback([model], settings)
    await collect(models, replace(prompt_of(), purpose="catchup"))

    heard = [await collect(models, prompt_of()) for _ in range(3)]

    assert [one.text.strip() for one in heard] == ["The disk is red."] * 3
    assert all(one.finishes == ["stop"] for one in heard)


async def test_an_answer_is_streamed_once_it_is_known_that_the_model_does_not_think(
    settings: Settings,
) -> None:
    gate = asyncio.Event()
    model = SteppedModel(
        (Chunk("Red."), Chunk(finish="stop")),
        (Chunk("Re"), gate, Chunk("d."), Chunk(finish="stop")),
    )
    models = Fallback([model], settings)
    await collect(models, prompt_of())

    async with aclosing(models.stream(prompt_of())) as chunks:
        first = await anext(chunks)

    assert first.text == "Re"


@pytest.mark.parametrize("name", ["deepseek-r1:8b", "me/QwQ-32B", "qwen3-thinking", "a-reasoner"])
async def test_who_is_named_for_thinking_may_fall_silent_in_its_thoughts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(thoughtless, "SILENCE", 0.01)
    steps = (Chunk("They ask."), 0.1, Chunk("</think>Red."), Chunk(finish="stop"))

    heard = await collect(Fallback([SteppedModel(steps, name=name)], settings), prompt_of())

    assert heard.text == "Red."


async def test_thoughts_that_their_length_cut_off_are_no_answer(settings: Settings) -> None:
    thinks = (Chunk("They ask."), Chunk("</think>Red."), Chunk(finish="stop"))
    cut = (Chunk("They ask me for"), Chunk(finish="length"))
    models = Fallback([SteppedModel(thinks, cut)], settings)

    first = await collect(models, replace(prompt_of(), purpose="catchup"))
    second = await collect(models, prompt_of())

    assert (first.text, second.text) == ("Red.", "")
    assert isinstance(second.error, OnlyThoughts)


@pytest.mark.parametrize(
    "after", [asyncio.Event(), RuntimeError("oh"), ModelError(model="m", reason="oh")]
)
async def test_what_comes_after_the_end_does_no_harm(
    configure: Callable[..., Settings], after: asyncio.Event | Exception
) -> None:
    models = Fallback(
        [SteppedModel((Chunk("Red."), Chunk(finish="stop"), after))],
        configure(read_timeout=0.2, turn_timeout=5),
    )

    heard = await collect(models, prompt_of())

    assert (heard.text, heard.error, heard.finishes[:1]) == ("Red.", None, ["stop"])


async def test_a_note_and_what_it_cost_pass_through(settings: Settings) -> None:
    usage = Usage("", 7, 2)
    steps = (Chunk("<think>hm</think>Red."), Chunk(finish="stop", usage=usage, note="Not seen."))
    given = [chunk async for chunk in Fallback([SteppedModel(steps)], settings).stream(prompt_of())]

    assert given[-1].note == "Not seen."
    assert given[-1].usage == replace(usage, model="scripted")


async def test_a_plugin_is_read_in_one_task_from_first_to_last(settings: Settings) -> None:
    class Strict(SteppedModel):
        async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(0))
                yield Chunk("Red.")
                await asyncio.sleep(0)
                yield Chunk(finish="stop")

    heard = await collect(Fallback([Strict()], settings), prompt_of())

    assert (heard.text, heard.error) == ("Red.", None)
