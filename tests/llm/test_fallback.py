"""Fallback: who is asked next, and which windows its models have."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from doubles.model_script import BUSY, HELLO, TOO_LONG
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.errors import (
    IncompleteAnswer,
    ModelRejected,
    ModelTimeout,
    NeedsModel,
    PluginError,
)
from bot.domain.model import Chunk
from bot.llm.extractive import Extractive
from bot.llm.fallback import Fallback, load_models
from bot.testing import SteppedModel, collect, prompt_of, question_prompt

Configure = Callable[..., Settings]


async def test_answers_with_the_first_model_that_can(settings: Settings) -> None:
    first, second = SteppedModel((BUSY,), name="first"), SteppedModel(HELLO, name="second")

    heard = await collect(Fallback([first, second], settings), prompt_of())

    assert heard.text == "Hello"
    assert heard.finishes == ["stop"]
    assert heard.error is None


@pytest.mark.parametrize(
    "script",
    [
        (ModelRejected(model="m", reason="no such key"),),
        (ModelTimeout(model="m", seconds="60"),),
        (IncompleteAnswer(model="m"),),
        (KeyError("a stranger's mistake"),),
        (Chunk(finish="stop"),),
        (Chunk(" \n"), Chunk(finish="stop")),
        (),
    ],
    ids=["rejected", "timeout", "incomplete", "foreign", "empty", "blank", "nothing"],
)
async def test_goes_on_after_any_failure_before_the_first_word(
    settings: Settings, script: tuple[Chunk | Exception, ...]
) -> None:
    models = [SteppedModel(script), SteppedModel(HELLO)]

    heard = await collect(Fallback(models, settings), prompt_of())

    assert heard.text == "Hello"


async def test_does_not_go_on_after_the_first_word(settings: Settings) -> None:
    second = SteppedModel(HELLO)
    models = [SteppedModel((Chunk("Hel"), BUSY)), second]

    heard = await collect(Fallback(models, settings), prompt_of())

    assert heard.text == "Hel"
    assert heard.error is BUSY
    assert second.calls == 0


async def test_hands_an_overflow_to_the_caller(settings: Settings) -> None:
    second = SteppedModel(HELLO)

    heard = await collect(Fallback([SteppedModel((TOO_LONG,)), second], settings), prompt_of())

    assert heard.error is TOO_LONG
    assert second.calls == 0


async def test_ends_with_the_last_model_s_error(settings: Settings) -> None:
    last = ModelRejected(model="m", reason="no such key")

    heard = await collect(
        Fallback([SteppedModel((BUSY,)), SteppedModel((last,))], settings), prompt_of()
    )

    assert heard.error is last


async def test_what_only_quotes_is_passed_over_for_a_task(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    task = replace(prompt_of(), purpose="task")

    alone = await collect(Fallback([Extractive()], settings), task)
    behind = await collect(Fallback([SteppedModel((BUSY,)), Extractive()], settings), task)
    before = await collect(Fallback([Extractive(), SteppedModel(HELLO)], settings), task)

    assert isinstance(alone.error, NeedsModel)
    assert behind.error is BUSY, "why that failed says more"
    assert before.text == "Hello"
    assert "NeedsModel" not in capsys.readouterr().out, "it is no failure, for no log"


async def test_the_smallest_window_counts(configure: Configure) -> None:
    class Lost(SteppedModel):
        async def context_window(self) -> int | None:
            raise OSError

    models = [
        SteppedModel(context_tokens=8192),
        SteppedModel(context_tokens=4096),
        SteppedModel(),
        Lost(),
    ]

    assert await Fallback(models, configure()).context_window() == 4096
    assert await Fallback(models, configure(context_window=32768)).context_window() == 32768
    assert await Fallback([SteppedModel()], configure()).context_window() is None


async def test_each_model_s_own_window_is_known(configure: Configure) -> None:
    models = [SteppedModel(name="small", context_tokens=4096), SteppedModel(name="silent")]

    chain = Fallback(models, configure())
    stated = Fallback(models, configure(context_window=32768))

    assert await chain.window_of("small") == 4096
    assert await chain.window_of("silent") is None
    assert await chain.window_of("no such model") is None
    assert await stated.window_of("silent") == 32768


async def test_asks_for_the_window_again_after_a_minute(settings: Settings) -> None:
    now, model = 0.0, SteppedModel(context_tokens=4096)
    models = Fallback([model], settings, lambda: now)
    await models.context_window()
    model.context_tokens = 2048

    at_once = await models.context_window()
    now = 60.0
    later = await models.context_window()

    assert (at_once, later) == (4096, 2048)


async def test_loads_models_by_their_names(configure: Configure) -> None:
    async with OpenAIServer() as double:
        settings = configure(OPENAI_BASE_URL=double.url, tgi_url=double.url)
        models = load_models(["openai/org/tiny", "tgi"], settings)
        heard = await collect(models, prompt_of())
        await models.close()

    assert models.name == "openai/org/tiny,tgi"
    assert double.prompts[0]["model"] == "org/tiny"
    assert heard.usages[0].model == "openai/org/tiny"


def test_says_which_model_it_does_not_know(configure: Configure) -> None:
    with pytest.raises(PluginError, match='"gpt" cannot be loaded'):
        load_models(["gpt"], configure())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BUSY, "The model first is too busy just now."),
        (ModelTimeout(model="first", seconds="60"), "The model first took too long."),
        (ModelRejected(model="first", reason="key sk-123"), "The model first refused the request."),
        (KeyError("a stranger's mistake"), "The model first failed just now."),
    ],
    ids=["busy", "timeout", "rejected", "foreign"],
)
async def test_who_quotes_instead_says_which_model_failed(
    settings: Settings, error: Exception, said: str
) -> None:
    models = [SteppedModel((error,), name="first"), Extractive()]
    asked = question_prompt()

    heard = await collect(Fallback(models, settings), asked)

    assert heard.text.startswith(f"{said} ")


async def test_of_several_that_failed_all_are_named(settings: Settings) -> None:
    failing = [SteppedModel((BUSY,), name=name) for name in ("first", "second")]

    heard = await collect(Fallback([*failing, Extractive()], settings), question_prompt())

    assert heard.text.startswith("The models first and second failed just now.")
