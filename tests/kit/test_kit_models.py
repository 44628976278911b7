"""The kit's models do what their scripts say; the contract tells what a model does not keep to."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from bot.domain.errors import ModelError, ModelOverloaded, ModelUnavailable
from bot.domain.model import Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.testing import (
    MODEL_CONTRACT,
    ModelCheck,
    ScriptedModel,
    SteppedModel,
    breaks,
    collect,
    echoes,
    prompt_of,
    question_prompt,
    repeats_prompt,
    says,
    stalls,
    summarizes,
    waits,
)

HELLO = (Chunk("Hel"), Chunk("lo", "stop"))


@pytest.mark.parametrize("check", MODEL_CONTRACT, ids=lambda check: check.__name__)
@pytest.mark.parametrize("model", [ScriptedModel, lambda: SteppedModel(HELLO)])
async def test_the_kits_models_keep_the_contract(
    check: ModelCheck, model: type[ScriptedModel]
) -> None:
    await check(model())


class Faulty(Model):
    """A model that breaks one rule."""

    def __init__(self, fault: str) -> None:
        self.name = "faulty"
        self._fault = fault
        self._calls = self._closed = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        self._calls += 1
        if self._fault == "answers one call" and self._calls > 1:
            raise ModelOverloaded(model=self.name, reason="busy")
        yield Chunk(" " if self._fault == "says nothing" else "Hello.")
        usage = Usage("another" if self._fault == "signs for another" else self.name, 9, 1)
        if self._fault != "never finishes":
            yield Chunk("", "stop", usage)
        if self._fault == "finishes twice":
            yield Chunk("", "stop")
        if self._fault == "counts twice":
            yield Chunk("", usage=usage)

    async def context_window(self) -> int | None:
        return 0 if self._fault == "has no room" else None

    async def close(self) -> None:
        self._closed += 1
        if self._fault == "closes once" and self._closed > 1:
            raise ModelUnavailable(model=self.name, reason="closed")


FAULTS = {
    "says nothing": ("says_something_and_ends_once", "said nothing"),
    "never finishes": ("says_something_and_ends_once", "`finish`"),
    "finishes twice": ("says_something_and_ends_once", "not 2"),
    "signs for another": ("signs_usage_with_its_name", "'another', not of 'faulty'"),
    "counts twice": ("signs_usage_with_its_name", "told 2 times"),
    "answers one call": ("can_be_closed_after_its_first_chunk", "next one is not answered"),
    "has no room": ("knows_its_context_window_or_says_that_it_does_not", "of 0 tokens"),
    "closes once": ("can_be_closed_unused_and_twice", "closed"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_model_that_breaks_a_rule_is_told_which(fault: str) -> None:
    name, message = FAULTS[fault]
    [check] = [check for check in MODEL_CONTRACT if check.__name__ == name]

    with pytest.raises((AssertionError, ModelError)) as raised:
        await check(Faulty(fault))

    assert message in str(raised.value)


async def test_calls_that_get_into_each_others_way_are_noticed() -> None:
    [check] = [check for check in MODEL_CONTRACT if check.__name__ == "answers_several_at_once"]

    with pytest.raises(AssertionError, match="1 of 4 calls at once were answered"):
        await check(Faulty("answers one call"))


async def test_a_script_is_played_for_each_call_and_the_last_one_for_ever() -> None:
    model = ScriptedModel(says("one"), says("two"))

    answers = [(await collect(model, prompt_of())).text for _ in range(3)]

    assert answers == ["one", "two", "two"]
    assert len(model.prompts_for("answer")) == 3
    assert model.called.is_set()


async def test_a_script_may_be_changed_for_one_purpose() -> None:
    model = ScriptedModel(says("an answer"))
    model.follow("compaction", says("a summary"))

    summary = await collect(model, replace(prompt_of(), purpose="compaction"))

    assert summary.text == "a summary"
    assert model.prompts_for("answer") == []


async def test_what_a_script_costs_is_signed_with_the_models_name() -> None:
    output = await collect(ScriptedModel(says("one", "two"), name="mine"), prompt_of("Hello?"))

    assert output.usages == [Usage("mine", prompt_of("Hello?").tokens, 2, 0)]


async def test_a_script_fails_after_what_it_said() -> None:
    busy = ModelOverloaded(model="m", reason="busy")

    output = await collect(ScriptedModel(breaks(busy, "one ", "two")), prompt_of())

    assert (output.text, output.finishes, output.error) == ("one two", [], busy)


async def test_a_script_falls_silent_for_ever() -> None:
    calls = collect(ScriptedModel(stalls("so far")), prompt_of())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(calls, 0.05)


async def test_a_script_waits_for_its_gate() -> None:
    gate = asyncio.Event()
    call = asyncio.create_task(collect(ScriptedModel(waits(gate, says("open"))), prompt_of()))
    await asyncio.sleep(0.01)
    early = call.done()

    gate.set()

    assert not early
    assert (await call).text == "open"


async def test_scripts_that_read_the_prompt_say_what_they_read() -> None:
    question = question_prompt()
    block = replace(question, purpose="compaction", source=question.recalled)

    echo = await collect(ScriptedModel(echoes), question)
    whole = await collect(ScriptedModel(repeats_prompt), question)
    summary = await collect(ScriptedModel(), block)

    assert echo.text == "You said: Where is the parking garage?"
    assert whole.text.startswith("You are Nellie.\n")
    assert summary.text == "- ana: The parking garage is behind the station. [1]"
    assert summarizes(block)[-1] == Chunk("", "stop", Usage("", block.tokens, 1, 0))


async def test_steps_are_played_whatever_the_prompt_is() -> None:
    busy = ModelOverloaded(model="m", reason="busy")
    model = SteppedModel((Chunk("Hel"), 0.0, busy), HELLO, context_tokens=4096)

    first, second = await collect(model, prompt_of()), await collect(model, prompt_of())

    assert (first.text, first.error) == ("Hel", busy)
    assert (second.text, second.error) == ("Hello", None)
    assert (model.calls, model.closed) == (2, 2)
    assert await model.context_window() == 4096


def test_a_prompt_is_a_persons_and_the_models_by_turns() -> None:
    roles = [message.role for message in prompt_of("one", "two", "three").messages]

    assert roles == ["system", "user", "assistant", "user"]
