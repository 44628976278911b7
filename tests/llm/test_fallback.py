"""Fallback: who is asked next, who is spared, what is judged whole, and what every call costs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from doubles.model import Scripted, ask, hear
from doubles.openai import OpenAIDouble

from bot.conversation import Chunk, Prompt, Usage
from bot.errors import (
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    PluginError,
)
from bot.llm.fallback import Fallback, load
from bot.settings import Settings

Configure = Callable[..., Settings]

HELLO = (Chunk("Hel"), Chunk("lo"), Chunk(finish="stop"))
BUSY = ModelOverloaded(model="scripted", reason="busy")
TOO_LONG = ContextOverflow(model="scripted", reason="too long", needed=99, window=50)


@pytest.fixture
def settings(configure: Configure) -> Settings:
    return configure(read_timeout=5, turn_timeout=10)


async def test_answers_with_the_first_model_that_can(settings: Settings) -> None:
    first, second = Scripted((BUSY,), name="first"), Scripted(HELLO, name="second")

    heard = await hear(Fallback([first, second], settings), ask())

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
    models = [Scripted(script), Scripted(HELLO)]

    heard = await hear(Fallback(models, settings), ask())

    assert heard.text == "Hello"


async def test_does_not_go_on_after_the_first_word(settings: Settings) -> None:
    second = Scripted(HELLO)
    models = [Scripted((Chunk("Hel"), BUSY)), second]

    heard = await hear(Fallback(models, settings), ask())

    assert heard.text == "Hel"
    assert heard.error is BUSY
    assert second.calls == 0


async def test_hands_an_overflow_to_the_caller(settings: Settings) -> None:
    second = Scripted(HELLO)

    heard = await hear(Fallback([Scripted((TOO_LONG,)), second], settings), ask())

    assert heard.error is TOO_LONG
    assert second.calls == 0


async def test_ends_with_the_last_model_s_error(settings: Settings) -> None:
    last = ModelRejected(model="m", reason="no such key")

    heard = await hear(Fallback([Scripted((BUSY,)), Scripted((last,))], settings), ask())

    assert heard.error is last


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ((Chunk("Hel"),), IncompleteAnswer),
        ((), IncompleteAnswer),
        ((Chunk("  "), Chunk(finish="length")), EmptyAnswer),
        ((Chunk("Hel"), ZeroDivisionError("a stranger's")), ModelError),
    ],
)
async def test_judges_what_is_no_whole_answer(
    settings: Settings, script: tuple[Chunk | Exception, ...], kind: type[ModelError]
) -> None:
    heard = await hear(Fallback([Scripted(script)], settings), ask())

    assert type(heard.error) is kind
    assert heard.finishes == []


async def test_keeps_an_answer_that_was_whole_before_it_broke(settings: Settings) -> None:
    heard = await hear(Fallback([Scripted((*HELLO, BUSY))], settings), ask())

    assert heard.text == "Hello"
    assert heard.finishes == ["stop"]
    assert heard.error is None


async def test_drops_blanks_before_the_first_word_only(settings: Settings) -> None:
    script = (Chunk("\n"), Chunk(" Well, "), Chunk("\n"), Chunk("yes", finish="stop"))

    heard = await hear(Fallback([Scripted(script)], settings), ask())

    assert heard.text == "Well, \nyes"


async def test_ends_a_silence(configure: Configure) -> None:
    silent, second = Scripted((60.0,)), Scripted(HELLO)

    heard = await hear(Fallback([silent, second], configure(read_timeout=0.02)), ask())

    assert heard.text == "Hello"
    assert silent.closed == 1


async def test_takes_a_chunk_without_text_for_a_sign_of_life(configure: Configure) -> None:
    thinking = (Chunk(), 0.1) * 6

    heard = await hear(Fallback([Scripted(thinking + HELLO)], configure(read_timeout=0.5)), ask())

    assert heard.text == "Hello"


@pytest.mark.parametrize(
    ("chunk", "kind"), [(Chunk(), ModelTimeout), (Chunk("so "), IncompleteAnswer)]
)
async def test_ends_what_takes_too_long_in_all(
    configure: Configure, chunk: Chunk, kind: type[ModelError]
) -> None:
    endless = Scripted((chunk, 0.01) * 6000)
    second = Scripted(HELLO)

    heard = await hear(Fallback([endless, second], configure(turn_timeout=0.05)), ask())

    assert type(heard.error) is kind
    assert second.calls == 0
    assert endless.closed == 1


async def test_every_call_leaves_its_cost(settings: Settings) -> None:
    told = Chunk(finish="stop", usage=Usage("whatever it calls itself", 50, 7, cached=40))
    models = [
        Scripted((BUSY,), name="busy"),
        Scripted((ModelTimeout(model="slow", seconds="5"),), name="slow"),
        Scripted((Chunk("Hello"), told), name="good"),
    ]

    heard = await hear(Fallback(models, settings), ask())

    assert heard.usages == [
        Usage("busy", 0, 0, estimated=True),
        Usage("slow", ask().tokens, 0, estimated=True),
        Usage("good", 50, 7, cached=40),
    ]


async def test_estimates_the_cost_that_nobody_reports(settings: Settings) -> None:
    whole = await hear(Fallback([Scripted(HELLO)], settings), ask())
    broken = await hear(Fallback([Scripted((Chunk("Hello"), BUSY))], settings), ask())

    assert whole.usages == [Usage("scripted", ask().tokens, 1, estimated=True)]
    assert [usage.output for usage in broken.usages] == [1]


async def test_keeps_the_last_of_growing_reports(settings: Settings) -> None:
    script = (Chunk("a", usage=Usage("m", 9, 1)), Chunk("b", "stop", Usage("m", 9, 2)))

    heard = await hear(Fallback([Scripted(script, name="m")], settings), ask())

    assert heard.usages == [Usage("m", 9, 2)]


async def test_stops_the_model_when_it_is_closed(settings: Settings) -> None:
    model = Scripted((Chunk("Hel"), 60.0))

    async with aclosing(Fallback([model], settings).stream(ask())) as chunks:
        await anext(chunks)

    assert model.closed == 1


async def test_stops_the_model_when_it_is_cancelled(settings: Settings) -> None:
    model = Scripted((Chunk("Hel"), 60.0))
    listening = asyncio.create_task(hear(Fallback([model], settings), ask()))
    await model.begun.wait()

    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)

    assert model.closed == 1


async def test_takes_an_iterator_that_cannot_be_closed(settings: Settings) -> None:
    class Steps:
        def __init__(self) -> None:
            self._chunks = iter(HELLO)

        def __aiter__(self) -> AsyncIterator[Chunk]:
            return self

        async def __anext__(self) -> Chunk:
            for chunk in self._chunks:
                return chunk
            raise StopAsyncIteration

    class Plain(Scripted):
        def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
            return Steps()

    heard = await hear(Fallback([Plain()], settings), ask())

    assert heard.text == "Hello"


async def test_the_smallest_window_counts(configure: Configure) -> None:
    class Lost(Scripted):
        async def context_window(self) -> int | None:
            raise OSError

    models = [Scripted(window=8192), Scripted(window=4096), Scripted(), Lost()]

    assert await Fallback(models, configure()).context_window() == 4096
    assert await Fallback(models, configure(context_window=32768)).context_window() == 32768
    assert await Fallback([Scripted()], configure()).context_window() is None


async def test_asks_for_the_window_again_after_a_minute(settings: Settings) -> None:
    now, model = 0.0, Scripted(window=4096)
    models = Fallback([model], settings, lambda: now)
    await models.context_window()
    model.window = 2048

    at_once = await models.context_window()
    now = 60.0
    later = await models.context_window()

    assert (at_once, later) == (4096, 2048)


async def test_loads_models_by_their_names(configure: Configure) -> None:
    async with OpenAIDouble() as double:
        settings = configure(OPENAI_BASE_URL=double.url, tgi_url=double.url)
        models = load(["openai/org/tiny", "tgi"], settings)
        heard = await hear(models, ask())
        await models.close()

    assert models.name == "openai/org/tiny,tgi"
    assert double.prompts[0]["model"] == "org/tiny"
    assert heard.usages[0].model == "openai/org/tiny"


def test_says_which_model_it_does_not_know(configure: Configure) -> None:
    with pytest.raises(PluginError, match='"gpt" cannot be loaded'):
        load(["gpt"], configure())
