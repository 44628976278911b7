"""One call of a model: what is judged whole, when it is ended, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from doubles.model_script import BUSY, HELLO

from bot.config.settings import Settings
from bot.domain.errors import (
    ContextOverflow,
    EmptyAnswer,
    IncompleteAnswer,
    ModelError,
    ModelTimeout,
)
from bot.domain.model import Chunk, Prompt, Usage
from bot.llm.fallback import Fallback
from bot.testing import SteppedModel, collect, prompt_of

Configure = Callable[..., Settings]


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
    heard = await collect(Fallback([SteppedModel(script)], settings), prompt_of())

    assert type(heard.error) is kind
    assert heard.finishes == []


async def test_keeps_an_answer_that_was_whole_before_it_broke(settings: Settings) -> None:
    heard = await collect(Fallback([SteppedModel((*HELLO, BUSY))], settings), prompt_of())

    assert heard.text == "Hello"
    assert heard.finishes == ["stop"]
    assert heard.error is None


async def test_drops_blanks_before_the_first_word_only(settings: Settings) -> None:
    script = (Chunk("\n"), Chunk(" Well, "), Chunk("\n"), Chunk("yes", finish="stop"))

    heard = await collect(Fallback([SteppedModel(script)], settings), prompt_of())

    assert heard.text == "Well, \nyes"


async def test_ends_a_silence(configure: Configure) -> None:
    silent, second = SteppedModel((60.0,)), SteppedModel(HELLO)

    heard = await collect(Fallback([silent, second], configure(read_timeout=0.02)), prompt_of())

    assert heard.text == "Hello"
    assert silent.closed == 1


async def test_takes_a_chunk_without_text_for_a_sign_of_life(configure: Configure) -> None:
    thinking = (Chunk(), 0.1) * 6

    heard = await collect(
        Fallback([SteppedModel(thinking + HELLO)], configure(read_timeout=0.5)), prompt_of()
    )

    assert heard.text == "Hello"


@pytest.mark.parametrize(
    ("chunk", "kind"), [(Chunk(), ModelTimeout), (Chunk("so "), IncompleteAnswer)]
)
async def test_ends_what_takes_too_long_in_all(
    configure: Configure, chunk: Chunk, kind: type[ModelError]
) -> None:
    endless = SteppedModel((chunk, 0.01) * 6000)
    second = SteppedModel(HELLO)

    heard = await collect(Fallback([endless, second], configure(turn_timeout=0.05)), prompt_of())

    assert type(heard.error) is kind
    assert second.calls == 0
    assert endless.closed == 1


async def test_every_call_leaves_its_cost(settings: Settings) -> None:
    told = Chunk(finish="stop", usage=Usage("whatever it calls itself", 50, 7, cached=40))
    models = [
        SteppedModel((BUSY,), name="busy"),
        SteppedModel((ModelTimeout(model="slow", seconds="5"),), name="slow"),
        SteppedModel((Chunk("Hello"), told), name="good"),
    ]

    heard = await collect(Fallback(models, settings), prompt_of())

    assert heard.usages == [
        Usage("busy", 0, 0, estimated=True),
        Usage("slow", prompt_of().tokens, 0, estimated=True),
        Usage("good", 50, 7, cached=40),
    ]


async def test_estimates_the_cost_that_nobody_reports(settings: Settings) -> None:
    whole = await collect(Fallback([SteppedModel(HELLO)], settings), prompt_of())
    broken = await collect(Fallback([SteppedModel((Chunk("Hello"), BUSY))], settings), prompt_of())

    assert whole.usages == [Usage("scripted", prompt_of().tokens, 1, estimated=True)]
    assert [usage.output for usage in broken.usages] == [1]


async def test_keeps_the_last_of_growing_reports(settings: Settings) -> None:
    script = (Chunk("a", usage=Usage("m", 9, 1)), Chunk("b", "stop", Usage("m", 9, 2)))

    heard = await collect(Fallback([SteppedModel(script, name="m")], settings), prompt_of())

    assert heard.usages == [Usage("m", 9, 2)]


async def test_stops_the_model_when_it_is_closed(settings: Settings) -> None:
    model = SteppedModel((Chunk("Hel"), 60.0))

    async with aclosing(Fallback([model], settings).stream(prompt_of())) as chunks:
        await anext(chunks)

    assert model.closed == 1


async def test_stops_the_model_when_it_is_cancelled(settings: Settings) -> None:
    model = SteppedModel((Chunk("Hel"), 60.0))
    listening = asyncio.create_task(collect(Fallback([model], settings), prompt_of()))
    await model.called.wait()

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

    class Plain(SteppedModel):
        def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
            return Steps()

    heard = await collect(Fallback([Plain()], settings), prompt_of())

    assert heard.text == "Hello"


async def test_an_error_bears_the_name_that_the_model_has_here(settings: Settings) -> None:
    too_long = ContextOverflow(model="whatever it calls itself", reason="too long")
    models = [SteppedModel((BUSY,), name="busy"), SteppedModel((too_long,), name="small")]

    heard = await collect(Fallback(models, settings), prompt_of())

    assert heard.error is too_long
    assert too_long.details["model"] == "small"
