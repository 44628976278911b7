"""What every model keeps to, ours or a stranger's: add yours to MODELS."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from doubles.model import ask, hear
from doubles.openai import EMPTY, HTML, OVERLOADED, OpenAIDouble, Play
from doubles.tgi import TGIDouble

from bot.conversation import Author, Channel, Message, Prompt
from bot.errors import ModelError
from bot.llm.extractive import Extractive
from bot.llm.fallback import Fallback
from bot.llm.openai import OpenAI
from bot.llm.tgi import TGI
from bot.ports import Model

Build = Callable[..., Model]

MODELS = ["openai", "tgi", "extractive", "fallback"]
REMOTE = ["openai", "tgi"]
CHANNEL = Channel("console", "", "general")
ADA = Author("1", "Ada")


@dataclass
class Subject:
    """A model, and the server behind it where there is one."""

    model: Model
    server: OpenAIDouble | None = None


@pytest.fixture
async def subject(request: pytest.FixtureRequest, build: Build) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "openai":
                server = await stack.enter_async_context(OpenAIDouble())
                yield Subject(build(OpenAI, "tiny", OPENAI_BASE_URL=server.url), server)
            case "tgi":
                tgi = await stack.enter_async_context(TGIDouble())
                yield Subject(build(TGI, "", tgi_url=tgi.url), tgi)
            case "extractive":
                yield Subject(build(Extractive, ""))
            case "fallback":
                server = await stack.enter_async_context(OpenAIDouble())

                def both(name: str, settings: object) -> Model:
                    return Fallback([OpenAI("tiny", settings)], settings)

                yield Subject(build(both, "", OPENAI_BASE_URL=server.url), server)


@pytest.fixture
def prompt() -> Prompt:
    """One that chat models read as text and others as what it is made of."""
    question = _message(2, "Where is the parking garage?")
    answer = _message(1, "The parking garage is behind the station.")
    return replace(ask(question.text), trigger=question, recalled=(answer,))


def _message(seq: int, text: str) -> Message:
    said = datetime(2025, 6, 1, 12, seq, tzinfo=UTC)
    return Message(CHANNEL, str(seq), ADA, text, said, seq=seq, tokens=8)


every_model = pytest.mark.parametrize("subject", MODELS, indirect=True)
every_remote_model = pytest.mark.parametrize("subject", REMOTE, indirect=True)


@every_model
async def test_says_something_and_ends_once(subject: Subject, prompt: Prompt) -> None:
    heard = await hear(subject.model, prompt)

    assert heard.text.strip()
    assert len(heard.finishes) == 1
    assert heard.error is None


@every_model
async def test_signs_what_it_cost_with_its_name(subject: Subject, prompt: Prompt) -> None:
    heard = await hear(subject.model, prompt)

    assert len(heard.usages) <= 1
    for usage in heard.usages:
        assert usage.model == subject.model.name
        assert usage.input >= 0
        assert usage.output >= 0


@every_model
async def test_answers_several_at_once(subject: Subject, prompt: Prompt) -> None:
    heard = await asyncio.gather(*(hear(subject.model, prompt) for _ in range(4)))

    assert all(answer.finishes and answer.text for answer in heard)


@every_model
async def test_can_be_closed_after_its_first_chunk(subject: Subject, prompt: Prompt) -> None:
    async with aclosing(subject.model.stream(prompt)) as chunks:
        await anext(chunks)

    heard = await hear(subject.model, prompt)
    assert heard.finishes


@every_model
async def test_knows_its_window_or_says_that_it_does_not(subject: Subject) -> None:
    window = await subject.model.context_window()

    assert window is None or window > 0


@every_model
async def test_may_be_closed_unused_and_twice(subject: Subject) -> None:
    await subject.model.close()
    await subject.model.close()


@every_remote_model
async def test_stops_the_server_when_it_is_closed(subject: Subject, prompt: Prompt) -> None:
    assert subject.server
    subject.server.play(Play("One moment", ending="stall"))

    async with aclosing(subject.model.stream(prompt)) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break

    await asyncio.wait_for(subject.server.requests[-1].left.wait(), 5)


@every_remote_model
@pytest.mark.parametrize("ending", ["cut", "garbage", "error"])
async def test_gives_out_what_came_before_it_broke(
    subject: Subject, prompt: Prompt, ending: str
) -> None:
    assert subject.server
    subject.server.play(Play("One moment", ending=ending))

    heard = await hear(subject.model, prompt)

    assert heard.text == "One moment"
    assert heard.finishes == []
    assert isinstance(heard.error, ModelError)


@every_remote_model
@pytest.mark.parametrize("play", [OVERLOADED, HTML, EMPTY, Play("Hel", ending="unfinished")])
async def test_recovers_from_a_bad_answer(subject: Subject, prompt: Prompt, play: Play) -> None:
    assert subject.server
    subject.server.play(play)

    await hear(subject.model, prompt)
    heard = await hear(subject.model, prompt)

    assert heard.finishes == ["stop"]


@every_remote_model
async def test_passes_any_text_both_ways(subject: Subject) -> None:
    assert subject.server
    text = "Grüße 🐘\u200d \u202eabc <|weird|> “quoted” \x07 日本語\n\n```py\nx = '\\n'\n```"
    subject.server.play(Play(echo=True))

    heard = await hear(subject.model, ask(text))

    assert heard.text == text
