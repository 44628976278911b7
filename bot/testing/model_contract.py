"""What every model keeps to, as checks that an author runs on an own one.

@pytest.mark.parametrize("check", MODEL_CONTRACT)
async def test_keeps_the_contract(check: ModelCheck) -> None:
    await check(Loud("anything", settings))
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.model import Author, Channel, Message, Prompt
from bot.domain.ports import Model
from bot.testing.model_output import collect, prompt_of

AT_ONCE = 4

ModelCheck = Callable[[Model], Awaitable[None]]
"""Raises AssertionError, which says what a model does not keep to."""


def question_prompt() -> Prompt:
    """A question that a model can answer, as text and as what the text was made of."""
    question = _message(2, "Where is the parking garage?")
    recalled = _message(1, "The parking garage is behind the station.")
    return replace(prompt_of(question.text), trigger=question, recalled=(recalled,))


async def says_something_and_ends_once(model: Model) -> None:
    """An answer has text, exactly one `finish`, and no error."""
    output = await collect(model, question_prompt())

    assert output.error is None, f"it failed: {output.error}"
    assert output.text.strip(), "it said nothing"
    assert len(output.finishes) == 1, f"one chunk has `finish` set, not {len(output.finishes)}"


async def signs_usage_with_its_name(model: Model) -> None:
    """What it cost is told at most once, with the name of the model."""
    output = await collect(model, question_prompt())

    assert len(output.usages) <= 1, f"`usage` is told {len(output.usages)} times"
    for usage in output.usages:
        assert usage.model == model.name, f"usage of {usage.model!r}, not of {model.name!r}"
        assert min(usage.input, usage.output) >= 0, f"a negative number of tokens: {usage}"


async def answers_several_at_once(model: Model) -> None:
    """Calls do not get into each other's way."""
    outputs = await asyncio.gather(*(collect(model, question_prompt()) for _ in range(AT_ONCE)))

    whole = [output for output in outputs if output.finishes and output.text]
    assert len(whole) == AT_ONCE, f"{len(whole)} of {AT_ONCE} calls at once were answered"


async def can_be_closed_after_its_first_chunk(model: Model) -> None:
    """Closing the iterator ends a call, and the next one is answered."""
    async with aclosing(model.stream(question_prompt())) as chunks:  # type: ignore[type-var]  # generators close
        await anext(chunks)

    output = await collect(model, question_prompt())
    assert output.finishes, "after a call that was closed early, the next one is not answered"


async def knows_its_context_window_or_says_that_it_does_not(model: Model) -> None:
    """The context window is a number of tokens, or None."""
    window = await model.context_window()

    assert window is None or window > 0, f"a context window of {window} tokens"


async def can_be_closed_unused_and_twice(model: Model) -> None:
    """Giving back what it holds never fails."""
    await model.close()
    await model.close()


MODEL_CONTRACT: tuple[ModelCheck, ...] = (
    says_something_and_ends_once,
    signs_usage_with_its_name,
    answers_several_at_once,
    can_be_closed_after_its_first_chunk,
    knows_its_context_window_or_says_that_it_does_not,
    can_be_closed_unused_and_twice,
)


def _message(seq: int, text: str) -> Message:
    channel, author = Channel("fake", "team", "C1", "general"), Author("U1", "ana")
    at = datetime(2025, 6, 1, 12, seq, tzinfo=UTC)
    return Message(channel, str(seq), author, text, at, seq=seq, tokens=8)
