"""What every model keeps to (bot.testing.MODEL_CONTRACT), and ours with a server behind them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

import pytest
from doubles.canned_responses import EMPTY, HTML, OVERLOADED, CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

from bot.domain.errors import ModelError
from bot.domain.model import Prompt
from bot.domain.ports import Model
from bot.llm.extractive import Extractive
from bot.llm.fallback import Fallback
from bot.llm.openai.chat import OpenAI
from bot.llm.tgi.model import TGI
from bot.testing import MODEL_CONTRACT, ModelCheck, collect, prompt_of, question_prompt

Build = Callable[..., Model]

MODELS = ["openai", "tgi", "extractive", "fallback"]
REMOTE = ["openai", "tgi"]


@dataclass
class Subject:
    """A model, and the server behind it where there is one."""

    model: Model
    server: OpenAIServer | None = None


@pytest.fixture
async def subject(request: pytest.FixtureRequest, build: Build) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "openai":
                server = await stack.enter_async_context(OpenAIServer())
                yield Subject(build(OpenAI, "tiny", OPENAI_BASE_URL=server.url), server)
            case "tgi":
                tgi = await stack.enter_async_context(TGIServer())
                yield Subject(build(TGI, "", tgi_url=tgi.url), tgi)
            case "extractive":
                yield Subject(build(Extractive, ""))
            case "fallback":
                server = await stack.enter_async_context(OpenAIServer())

                def both(name: str, settings: object) -> Model:
                    return Fallback([OpenAI("tiny", settings)], settings)

                yield Subject(build(both, "", OPENAI_BASE_URL=server.url), server)


@pytest.fixture
def prompt() -> Prompt:
    """One that chat models read as text and others as what it is made of."""
    return question_prompt()


every_model = pytest.mark.parametrize("subject", MODELS, indirect=True)
every_remote_model = pytest.mark.parametrize("subject", REMOTE, indirect=True)


@every_model
@pytest.mark.parametrize("check", MODEL_CONTRACT, ids=lambda check: check.__name__)
async def test_keeps_the_contract(subject: Subject, check: ModelCheck) -> None:
    await check(subject.model)


@every_remote_model
async def test_stops_the_server_when_it_is_closed(subject: Subject, prompt: Prompt) -> None:
    assert subject.server
    subject.server.respond_with(CannedResponse("One moment", ending="stall"))

    async with aclosing(subject.model.stream(prompt)) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break

    await asyncio.wait_for(subject.server.requests[-1].hung_up.wait(), 5)


@every_remote_model
@pytest.mark.parametrize("ending", ["cut", "garbage", "error"])
async def test_gives_out_what_came_before_it_broke(
    subject: Subject, prompt: Prompt, ending: str
) -> None:
    assert subject.server
    subject.server.respond_with(CannedResponse("One moment", ending=ending))

    output = await collect(subject.model, prompt)

    assert output.text == "One moment"
    assert output.finishes == []
    assert isinstance(output.error, ModelError)


@every_remote_model
@pytest.mark.parametrize(
    "response", [OVERLOADED, HTML, EMPTY, CannedResponse("Hel", ending="unfinished")]
)
async def test_recovers_from_a_bad_answer(
    subject: Subject, prompt: Prompt, response: CannedResponse
) -> None:
    assert subject.server
    subject.server.respond_with(response)

    await collect(subject.model, prompt)
    output = await collect(subject.model, prompt)

    assert output.finishes == ["stop"]


@every_remote_model
async def test_passes_any_text_both_ways(subject: Subject) -> None:
    assert subject.server
    text = "Grüße 🐘\u200d \u202eabc <|weird|> “quoted” \x07 日本語\n\n```py\nx = '\\n'\n```"
    subject.server.respond_with(CannedResponse(echo=True))

    output = await collect(subject.model, prompt_of(text))

    assert output.text == text
