"""The embedder: vectors in their order, each of length 1, and every fault by its name."""

import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.canned_responses import HTML, OVERLOADED, CannedResponse
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.errors import (
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
    SettingsError,
)
from bot.llm.embedding.embedder import Embedder


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(key="right") as opened:
        yield opened


def configured(**given: Any) -> Embedder:
    return Embedder.from_settings(Settings(embeddings="openai/double", **given))


@pytest.fixture
async def embedder(double: OpenAIServer) -> AsyncIterator[Embedder]:
    made = configured(embeddings_url=double.url, embeddings_key="right")
    yield made
    await made.close()


async def test_vectors_come_in_the_order_of_their_texts(embedder: Embedder) -> None:
    (one, other, again), usage = await embedder.embed(["a red car", "lunch", "a red car"])

    assert one == again != other
    assert [math.hypot(*vector) for vector in (one, other)] == pytest.approx([1, 1])
    assert (usage.model, usage.output, usage.estimated) == ("openai/double", 0, False)
    assert usage.input > 0


async def test_a_server_that_counts_nothing_is_estimated(
    embedder: Embedder, double: OpenAIServer
) -> None:
    double.respond_with(CannedResponse(usage=False))

    _, usage = await embedder.embed(["a red car"])

    assert usage.estimated
    assert usage.input >= 3


async def test_what_is_too_long_is_embedded_by_its_beginning(
    embedder: Embedder, double: OpenAIServer
) -> None:
    double.longest_text = 300

    vectors, usage = await embedder.embed(["short", "word " * 200, "short"])

    assert len(vectors) == 3
    assert vectors[0] == vectors[2]
    assert len(double.answers) > 1
    assert usage.input > 0


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (OVERLOADED, ModelOverloaded),
        (HTML, ModelUnavailable),
        (CannedResponse(status=404, error="no such model"), ModelRejected),
        (CannedResponse(ending="garbage"), ModelError),
        (CannedResponse(ending="unfinished"), ModelError),
    ],
)
async def test_faults_have_names(
    embedder: Embedder, double: OpenAIServer, response: CannedResponse, error: type[ModelError]
) -> None:
    double.respond_with(response)

    with pytest.raises(ModelError) as raised:
        await embedder.embed(["one", "two"])

    assert type(raised.value) is error


async def test_a_wrong_key_is_said_and_not_shown(double: OpenAIServer) -> None:
    embedder = configured(embeddings_url=double.url, embeddings_key="wrong-key")

    with pytest.raises(ModelRejected) as raised:
        await embedder.embed(["one"])

    assert "wrong-key" not in str(raised.value)
    await embedder.close()


async def test_the_key_for_openai_goes_to_no_other_server(double: OpenAIServer) -> None:
    double.key = ""
    embedder = configured(embeddings_url=double.url, openai_api_key="sk-for-openai")

    await embedder.embed(["one"])

    assert "sk-for-openai" not in str(double.requests[0].headers)
    await embedder.close()


async def test_without_its_own_address_it_is_where_the_models_are(double: OpenAIServer) -> None:
    embedder = configured(openai_base_url=double.url, openai_api_key="right")

    await embedder.embed(["one"])

    assert double.embedded_texts == [["one"]]
    await embedder.close()


@pytest.mark.parametrize(
    ("given", "name"),
    [({}, "OPENAI_API_KEY"), ({"embeddings_url": "tei:8080"}, "NELLIE_EMBEDDINGS_URL")],
)
def test_what_is_missing_is_named(given: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        configured(**given)
