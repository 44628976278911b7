"""What answers and compactions teach of a model's context window, and whom it binds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from doubles.start_nellie import TALK, Start

from bot.bootstrap import started
from bot.config.settings import Settings, load
from bot.domain.errors import ContextOverflow, ModelError, ModelUnavailable
from bot.domain.model import Prompt
from bot.llm import fallback
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.prompting.budget import TOKENIZER_RESERVE
from bot.store.database import Database
from bot.testing import (
    ANA,
    FakePlatform,
    RunningNellie,
    Script,
    ScriptedModel,
    Steps,
    breaks,
    echoes,
    says,
    summarizes,
)

TOO_LONG = breaks(ContextOverflow(model="m", reason="too long"))
FILLER = [f"filler {n} " * 20 for n in range(190)]


def accepts(tokens: int, script: Script) -> Script:
    """A script that finds every prompt too long that has more tokens."""

    def play(prompt: Prompt) -> Steps:
        return TOO_LONG(prompt) if prompt.tokens > tokens else script(prompt)

    return play


def sizes(model: ScriptedModel) -> list[int]:
    """The tokens of each prompt for an answer."""
    return [prompt.tokens for prompt in model.prompts_for("answer")]


async def test_after_100_spurious_overflows_prompts_are_soon_as_long_as_before(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(*[TOO_LONG] * 100, says("fine")))
    await nellie.add_history(*FILLER, *FILLER[:30])

    apologies = [await nellie.ask(ANA, f"hello {number}") for number in range(50)]
    answers = [await nellie.ask(ANA, f"hello again {number}") for number in range(8)]

    assert all("too long for the context window" in apology for apology in apologies)
    assert answers == ["fine"] * 8
    first, *_, shortest, longest = (*sizes(nellie.model)[:100], sizes(nellie.model)[-1])
    assert shortest <= 450
    assert longest >= first


async def test_a_model_that_takes_half_answers_every_later_question(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.add_history(*FILLER)
    await nellie.ask(ANA, "how long is the prompt?")
    half = sizes(nellie.model)[0] // 2
    nellie.model.follow("answer", accepts(half, says("fine")))

    answers = [await nellie.ask(ANA, f"hello {number}") for number in range(60)]

    assert answers[3:] == ["fine"] * 57
    refused = [size for size in sizes(nellie.model)[1:] if size > half]
    assert len(refused) <= 10
    assert max(sizes(nellie.model)[-20:]) >= half // 2  # the window grows and leaves by blocks


async def test_what_a_server_states_of_its_window_is_learned_with_the_first_refusal(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "WINDOWS_KEPT", 0)  # a minute has passed
    nellie = await start_nellie()
    await nellie.add_history(*FILLER)
    nellie.model.context_tokens = 4096  # it came back with a smaller one
    nellie.model.follow("answer", accepts(2_300, says("fine")))

    answers = [await nellie.ask(ANA, f"hello {number}") for number in range(30)]

    assert answers == ["fine"] * 30
    assert len(sizes(nellie.model)) == 31  # refused once, and never again
    budget = nellie.parts.compaction.budgets.for_model("scripted")
    assert budget.total * TOKENIZER_RESERVE + budget.answer <= 4096
    assert budget.total > 2_000


async def test_a_server_that_comes_back_with_a_larger_window_is_given_more_again(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "WINDOWS_KEPT", 0)  # a minute has passed each time
    nellie = await start_nellie()
    await nellie.add_history(*FILLER)
    nellie.model.context_tokens = 4096
    nellie.model.follow("answer", accepts(2_300, says("fine")))
    for number in range(3):
        await nellie.ask(ANA, f"hello {number}")
    before = nellie.parts.compaction.budgets.for_model("scripted").total

    nellie.model.context_tokens = 128_000
    nellie.model.follow("answer", says("fine"))
    for number in range(12):
        await nellie.ask(ANA, f"hello again {number}")

    assert nellie.parts.compaction.budgets.for_model("scripted").total > before


async def test_compactions_and_answers_learn_of_a_model_together(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=2_000, window_low=400)
    nellie.model.follow("compaction", *[TOO_LONG] * 6, summarizes)
    await nellie.add_history(*(f"{line} " * 12 for line in TALK))
    await nellie.ask(ANA, "hello")

    for _ in range(6):
        with suppress(ModelError):
            await nellie.compact()
    await nellie.ask(ANA, "hello again")
    before, limited = sizes(nellie.model)
    budgets = nellie.parts.compaction.budgets
    assert limited < before / 2
    assert budgets.is_limited("scripted")

    for _ in range(4):
        await nellie.add_history(*(f"{line} " * 12 for line in TALK))
        await nellie.compact()

    assert len(nellie.model.prompts_for("compaction")) > 6 + 6
    assert not budgets.is_limited("scripted")


@asynccontextmanager
async def opened(
    database: Database, *models: ScriptedModel, general: str
) -> AsyncIterator[RunningNellie]:
    """A running Nellie whose channels may choose any of these models."""
    by_name = {model.name: model for model in models}

    def loader(names: Sequence[str], settings: Settings) -> Fallback:
        return Fallback([by_name[name] for name in names], settings)

    settings = load(model=general, models=",".join(by_name))
    registry, platform = ModelRegistry(settings, loader=loader), FakePlatform()
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(started(settings, database, registry, [platform]))
        yield RunningNellie(
            parts=parts, model=models[0], platform=platform, database=database, _stack=stack
        )


async def test_what_is_learned_of_one_model_does_not_bind_a_channel_with_another(
    database: Database,
) -> None:
    small, large = ScriptedModel(TOO_LONG, name="small"), ScriptedModel(echoes, name="large")
    async with opened(database, small, large, general="small") as nellie:
        await nellie.add_history(*FILLER)
        for number in range(10):
            await nellie.ask(ANA, f"hello {number}")

        await nellie.run_command("model set large", admin=True)
        answer = await nellie.ask(ANA, "hello 10")

    assert answer == "You said: hello 10"
    assert sizes(small)[-1] < sizes(small)[0] / 5
    assert sizes(large)[0] >= sizes(small)[0]


async def test_of_models_in_a_row_only_the_one_that_refused_is_bound(database: Database) -> None:
    away = breaks(ModelUnavailable(model="m", reason="away"))
    first, second = (
        ScriptedModel(away, name="first", context_tokens=4_096),
        ScriptedModel(name="second"),
    )
    async with opened(database, first, second, general="first,second") as nellie:
        await nellie.add_history(*FILLER)
        before = nellie.parts.budget
        second.follow("answer", *[TOO_LONG] * 4, echoes)

        for number in range(3):
            await nellie.ask(ANA, f"hello {number}")

        budgets = nellie.parts.compaction.budgets
        assert budgets.for_model("first") == before
        assert budgets.for_model("second").total < before.total / 2
        assert budgets.for_model("first,second") == budgets.for_model("second")
        assert sizes(second)[-1] < sizes(second)[0]
