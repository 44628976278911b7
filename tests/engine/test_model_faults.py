"""A model that fails, breaks off or is given too much: the answer is an honest sentence."""

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from bot.domain.model import Chunk
from bot.testing import (
    ANA,
    Script,
    ScriptedModel,
    breaks,
    says,
    stalls,
)

FAULTS: list[tuple[Script, str]] = [
    (breaks(ModelUnavailable(model="m", reason="refused")), "cannot be reached: refused"),
    (breaks(ModelOverloaded(model="m", reason="busy")), "too busy right now"),
    (breaks(ModelTimeout(model="m", seconds=3)), "said nothing for 3 s"),
    (breaks(ModelRejected(model="m", reason="bad key")), "refused the request: bad key"),
    (breaks(ContextOverflow(model="m", reason="too long")), "too long for the context window"),
    (breaks(ModelError(model="m", reason="strange")), "failed: strange"),
    (says(""), "without saying anything"),
    (says("  \n "), "without saying anything"),
    (says("\u202e\x01"), "without saying anything"),
    (says(finish=None), "broke off before its end"),
    (stalls(), "said nothing for 0.05 s"),
    (lambda prompt: (ValueError("a bug"),), "a bug"),
]


@pytest.mark.parametrize(("script", "reason"), FAULTS)
async def test_what_a_model_cannot_do_ends_in_an_honest_sentence(
    start_nellie: Start, script: Script, reason: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(script), read_timeout=0.05)

    answer = await nellie.ask(ANA, "hello")

    assert answer.startswith("I could not answer this.")
    assert reason in answer
    assert "Your message is remembered" in answer
    assert await nellie.texts() == ["hello"]
    assert await nellie.rows("SELECT state FROM turn") == [("failed",)]


async def test_nothing_is_said_to_be_remembered_of_a_private_question(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(breaks(ModelUnavailable(model="m", reason="x")))
    )

    answer = await nellie.ask(ANA, "hello", private=True)

    assert answer.startswith("I could not answer this.")
    assert answer.endswith("Please ask me again.")
    assert "remembered" not in answer


@pytest.mark.parametrize(
    "script",
    [
        says("The disk is", finish=None),
        breaks(ModelUnavailable(model="m", reason="gone"), "The disk", " is"),
        stalls("The disk is"),
    ],
)
async def test_an_answer_that_breaks_off_is_kept_and_says_so(
    start_nellie: Start, script: Script
) -> None:
    nellie = await start_nellie(model=ScriptedModel(script), read_timeout=0.05)

    answer = await nellie.ask(ANA, "where is it?")

    assert answer.startswith("The disk is\n\n(This answer broke off.")
    assert await nellie.texts() == ["where is it?", answer]
    assert len(await nellie.rows("SELECT * FROM usage")) == 1


async def test_the_next_question_is_answered_after_a_failure(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(FAULTS[0][0], says("fine")))
    await nellie.ask(ANA, "hello")

    assert await nellie.ask(ANA, "hello again") == "fine"


async def test_an_overflow_is_tried_once_more_with_less_and_learned(start_nellie: Start) -> None:
    too_long = breaks(ContextOverflow(model="m", reason="too long"))
    nellie = await start_nellie(model=ScriptedModel(too_long, says("fine"), says("fine")))
    await nellie.add_history(*(f"filler {n} " * 20 for n in range(190)))

    first = await nellie.ask(ANA, "hello")
    second = await nellie.ask(ANA, "hello again")

    sizes = [prompt.tokens for prompt in nellie.model.prompts]
    assert (first, second) == ("fine", "fine")
    assert len(sizes) == 3
    assert max(sizes[1:]) < sizes[0]
    assert len(await nellie.rows("SELECT * FROM usage WHERE purpose = 'answer'")) == 3


async def test_an_overflow_after_the_first_words_is_not_tried_again(start_nellie: Start) -> None:
    half = breaks(ContextOverflow(model="m", reason="too long"), "The disk")
    nellie = await start_nellie(model=ScriptedModel(half, says("fine")))

    answer = await nellie.ask(ANA, "hello")

    assert answer.startswith("The disk\n\n(This answer broke off.")
    assert len(nellie.model.prompts) == 1


async def test_a_model_that_always_overflows_never_breaks_the_prompt(start_nellie: Start) -> None:
    nellie = await start_nellie(
        model=ScriptedModel(breaks(ContextOverflow(model="m", reason="too long")))
    )
    await nellie.add_history(*(f"filler {n} " * 20 for n in range(60)))

    for number in range(40):
        answer = await nellie.ask(ANA, f"hello {number}")
        assert "too long for the context window" in answer

    assert nellie.model.prompts[-1].tokens <= 450


@pytest.mark.parametrize(
    ("finish", "note"),
    [("length", 'Say "go on" for the rest.'), ("content_filter", "content filter"), ("stop", "")],
)
async def test_an_answer_that_was_cut_short_says_so(
    start_nellie: Start, finish: str, note: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("First, stop the", finish=finish)))

    answer = await nellie.ask(ANA, "how do I change the disk?")

    assert answer.startswith("First, stop the")
    assert note in answer
    assert await nellie.rows("SELECT state FROM turn") == [("done",)]


@pytest.mark.parametrize(
    "note",
    [
        "I have not seen the picture: tgi cannot see pictures.",
        "I have not seen the 2 pictures: ollama/llama3.2 did not take them.",
        "",
    ],
)
async def test_what_was_left_out_is_told_below_the_answer(start_nellie: Start, note: str) -> None:
    said = (Chunk("A cat, I suppose."), Chunk(finish="stop", note=note))
    nellie = await start_nellie(model=ScriptedModel(lambda prompt: said))

    answer = await nellie.ask(ANA, "what is this?")

    assert answer == f"A cat, I suppose.\n\n({note})" if note else "A cat, I suppose."


async def test_nothing_is_told_of_a_model_that_gave_no_answer(start_nellie: Start) -> None:
    broken = (Chunk("A c"), Chunk(note="I have not seen the picture: tgi cannot see pictures."))
    nellie = await start_nellie(model=ScriptedModel(lambda prompt: broken))

    answer = await nellie.ask(ANA, "what is this?")

    assert "broke off" in answer
    assert "not seen" not in answer
