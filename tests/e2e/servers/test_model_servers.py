"""Servers that others wrote, with a real small model: streamed, stopped, overflowed, embedded."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
from e2e.servers.model_servers import WINDOW, Server

from bot.config.settings import Settings
from bot.domain.errors import ContextOverflow, ModelError
from bot.domain.model import ChatMessage, Prompt
from bot.llm.embedding.embedder import Embedder
from bot.llm.model_loading import load_model
from bot.llm.openai.chat import OpenAI
from bot.store.database import Database
from bot.testing import MODEL_CONTRACT, ModelCheck, collect, prompt_of, running_nellie
from bot.testing.running_nellie import ANA

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

TOLD = "Where is Paris? Answer in one short sentence."


@asynccontextmanager
async def closing(embedder: Embedder) -> AsyncIterator[Embedder]:
    try:
        yield embedder
    finally:
        await embedder.close()


@pytest.fixture
async def model(server: Server, configure: Callable[..., Settings]) -> AsyncIterator[OpenAI]:
    settings = configure(OPENAI_BASE_URL=server.url)
    model = OpenAI(server.kind.model(), settings)
    yield model
    await model.close()


@pytest.mark.parametrize("check", MODEL_CONTRACT, ids=lambda check: check.__name__)
async def test_keeps_the_contract(model: OpenAI, check: ModelCheck) -> None:
    await check(model)


async def test_streams(model: OpenAI, server: Server) -> None:
    await collect(model, prompt_of(TOLD))  # the first answer of a model is shown when it is whole
    output = await collect(model, prompt_of(TOLD))

    assert output.error is None
    assert output.finishes == ["stop"]
    assert sum(bool(chunk.text) for chunk in output.chunks) > 3
    assert [usage.input > 20 for usage in output.usages] == [True] * server.kind.reports_usage


async def test_says_that_it_was_cut(model: OpenAI) -> None:
    output = await collect(model, prompt_of("Tell a long story.", max_output=16))

    assert output.finishes == ["length"]


async def test_is_free_once_it_was_stopped(model: OpenAI) -> None:
    """With one answer at a time, the next would wait for the rest of a long one."""
    for _ in range(3):
        counting = prompt_of("Count from one to one thousand, in words.", max_output=1500)
        async with aclosing(model.stream(counting)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    break

        async with asyncio.timeout(30):
            assert (await collect(model, prompt_of("Hi", max_output=8))).error is None


async def test_a_prompt_that_is_too_long_is_told_by_its_numbers(
    model: OpenAI, server: Server
) -> None:
    output = await collect(model, prompt_of("word " * 3000, max_output=16))

    if server.kind.refuses_long_prompts:
        assert isinstance(output.error, ContextOverflow)
        assert output.error.details["window"] == WINDOW
        assert 3000 < output.error.details["needed"] < 3050
    else:  # it goes on beyond what the model was made for
        assert output.finishes == ["length"]


async def test_tells_its_context_window_or_nothing(model: OpenAI, server: Server) -> None:
    assert await model.context_window() == (WINDOW if server.kind.knows_window else None)


async def test_answers_several_at_once(model: OpenAI) -> None:
    prompts = [prompt_of(f"Say the number {number}.", max_output=8) for number in range(4)]

    outputs = await asyncio.gather(*(collect(model, prompt) for prompt in prompts))

    assert [output.error for output in outputs] == [None] * 4


async def test_generates_as_it_was_set(model: OpenAI, server: Server) -> None:
    story = prompt_of("Tell me a story.", max_output=24)

    async def told(**generation: object) -> str:
        return (await collect(model, replace(story, generation=generation))).text

    wild = [await told(temperature=1.9, seed=seed) for seed in (1, 1, 2, 3)]

    assert wild[0] == wild[1]
    assert (len({*wild}) > 1) == server.kind.samples
    assert await told(temperature=0.0) == await told(temperature=0.0)


async def test_goes_on_in_place_or_as_it_was_asked(
    server: Server, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = "llamacpp" if server.kind.goes_on_in_place else "vllm"  # it knows vLLM's way or refuses
    monkeypatch.setenv(f"NELLIE_PROVIDER_{kind.upper()}_URL", server.url)
    model = load_model(f"{kind}/{server.kind.model()}", configure())
    said = (
        ChatMessage("user", "Count from one to ten, in words, separated by commas."),
        ChatMessage("assistant", "One, two, three,"),
        ChatMessage("user", "Go on with: four, five, six"),
    )

    rest = await collect(
        model,
        Prompt(
            "answer", said, max_output=12, goes_on=True, generation={"temperature": 0.0, "seed": 1}
        ),
    )
    await model.close()

    assert rest.error is None
    assert "four" in rest.text.lower()
    if server.kind.goes_on_in_place:
        assert rest.text.startswith(" four")


async def test_ends_at_a_stop_text(model: OpenAI) -> None:
    prompt = replace(prompt_of("Tell me a story.", max_output=200), generation={"stop": [","]})

    output = await collect(model, prompt)

    assert output.finishes == ["stop"]
    assert "," not in output.text  # transformers leaves it there


async def test_nellie_answers_and_remembers(model: OpenAI, database: Database) -> None:
    async with running_nellie(database, model=model) as nellie:
        await nellie.say(ANA, "The parking garage is behind the station.")

        answer = await nellie.ask(ANA, "Nellie, where is the parking garage?")

        assert answer
        assert len(await nellie.texts()) == 3


async def test_embeds_and_halves_what_is_too_long(
    embedding_server: Server, configure: Callable[..., Settings]
) -> None:
    settings = configure(embeddings="openai/smollm2", embeddings_url=embedding_server.url)
    texts = ["The garage is behind the station.", "Grüße 🐘 日本語", "a", "word " * 2_000]
    async with closing(Embedder.from_settings(settings)) as embedder:
        if not embedding_server.kind.pools:
            with pytest.raises(ModelError, match="a vector for each token"):
                await embedder.embed(texts)
            return
        vectors, usage = await embedder.embed(texts)

    assert [len(vector) for vector in vectors] == [576] * 4
    assert all(math.isclose(math.hypot(*vector), 1, rel_tol=1e-6) for vector in vectors)
    assert usage.input > 20
