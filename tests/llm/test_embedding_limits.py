"""What a server of embeddings refuses: sent in parts, shortened, or set aside; and remembered."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.canned_responses import HTML, OVERLOADED, CannedResponse
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.errors import ModelError, ModelOverloaded, ModelRejected, ModelUnavailable
from bot.llm.embedding.embedder import HARMLESS, Embedder

FORTY = [f"text number {n}" for n in range(40)]


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as opened:
        yield opened


@pytest.fixture
async def embedder(double: OpenAIServer) -> AsyncIterator[Embedder]:
    made = configured(double)
    yield made
    await made.close()


def configured(double: OpenAIServer, name: str = "openai/double", **given: Any) -> Embedder:
    return Embedder.from_settings(Settings(embeddings=name, embeddings_url=double.url, **given))


def sizes(double: OpenAIServer) -> list[int]:
    return [len(texts) for texts in double.embedded_texts]


@pytest.mark.parametrize(
    "refusal",
    [
        (422, "batch size 33 > maximum allowed batch size 8"),
        (413, "Request Entity Too Large"),
        (400, "at most 10 requests can be in one batch"),
        (400, "Too many inputs in request: 32. Max allowed inputs is 10"),
        (500, "input array too large"),
        (400, "Invalid 'input': array too long. Expected an array with maximum length 10."),
        (424, "Backend error: out of memory"),
        (400, "invalid request: total number of texts must be at most 10, 32 were sent"),
    ],
)
async def test_too_many_texts_are_sent_in_parts_and_that_is_remembered(
    embedder: Embedder, double: OpenAIServer, refusal: tuple[int, str]
) -> None:
    double.most_texts, double.too_many = 10, refusal

    vectors, _ = await embedder.embed(FORTY)
    assert len(vectors) == 40
    assert sizes(double).count(32) == 1

    double.requests.clear()
    again, _ = await embedder.embed(FORTY)
    assert max(sizes(double)) <= 10
    assert again == vectors


@pytest.mark.parametrize(
    "refusal",
    [
        (500, "input (992 tokens) is too large to process. increase the physical batch size"),
        (413, "`inputs` must have less than 512 tokens. Given: 700"),
        (400, "This model's maximum context length is 8192 tokens"),
        (400, "input length exceeds maximum context length"),
        (500, "the input length exceeds the context length"),
        (422, "string too long"),
    ],
)
async def test_one_long_text_is_shortened_and_the_others_stay_together(
    embedder: Embedder, double: OpenAIServer, refusal: tuple[int, str]
) -> None:
    double.longest_text, double.too_long = 300, refusal
    texts = [*FORTY[:7], "word " * 300]

    vectors, _ = await embedder.embed(texts)
    assert len(vectors) == 8

    double.requests.clear()
    await embedder.embed(FORTY[:32])
    assert sizes(double) == [32]  # that one was too long says nothing of how many may come


async def test_how_long_a_text_may_be_is_remembered(
    embedder: Embedder, double: OpenAIServer
) -> None:
    double.longest_text = 300
    await embedder.embed(["word " * 300])
    double.requests.clear()

    await embedder.embed(["text " * 300])

    assert len(double.embedded_texts) == 1
    assert len(double.embedded_texts[0][0]) > 100


@pytest.mark.parametrize(
    ("name", "most"),
    [("all-minilm", 256), ("intfloat/e5-small-v2", 512), ("BAAI/bge-small-en-v1.5", 512)],
)
@pytest.mark.parametrize("text", ["word " * 2_000, "слово " * 2_000, "会議の資料" * 1_000])
async def test_a_text_is_cut_to_the_window_of_a_model_that_is_known(
    double: OpenAIServer, name: str, most: int, text: str
) -> None:
    embedder = configured(double, f"ollama/{name}", embeddings_passage_prefix="none")

    await embedder.embed([text])
    await embedder.close()

    ((sent,),) = double.embedded_texts
    assert text.startswith(sent)
    assert most * 0.5 < len(sent) < most * 5


@pytest.mark.parametrize(
    "unreadable",
    [(500, "failed to generate embedding"), (400, "invalid input"), (422, "NaN is no JSON")],
)
async def test_one_bad_text_is_set_aside_alone(
    embedder: Embedder, double: OpenAIServer, unreadable: tuple[int, str]
) -> None:
    double.cannot_read, double.unreadable = "number 5", unreadable

    vectors, usage = await embedder.embed_each(FORTY[:16])

    assert [text for text, vector in zip(FORTY, vectors, strict=False) if vector is None] == [
        "text number 5"
    ]
    assert usage.input > 0


@pytest.mark.parametrize("number", [float("nan"), float("inf"), None, "1", True, 0.0])
async def test_what_is_no_vector_is_set_aside_alone(
    embedder: Embedder, double: OpenAIServer, number: Any
) -> None:
    def spoil(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for entry in data:
            if max(entry["embedding"]) > 2:  # the text that says one word three times
                entry["embedding"] = [number] * 64
        return data

    double.spoil = spoil

    vectors, _ = await embedder.embed_each(["one", "two", "no no no", "three"])

    assert [vector is None for vector in vectors] == [False, False, True, False]
    with pytest.raises(ModelError, match="a vector that it sent"):
        await embedder.embed(["no no no"])


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (OVERLOADED, ModelOverloaded),
        (HTML, ModelUnavailable),
        (CannedResponse(status=401, error="no"), ModelRejected),
        (CannedResponse(status=402, error="insufficient credits"), ModelRejected),
        (CannedResponse(status=500, error="cuda error"), ModelUnavailable),
        (CannedResponse(status=400, error="unknown model"), ModelRejected),
        (CannedResponse(ending="garbage"), ModelError),
    ],
)
async def test_a_server_that_is_ill_sets_no_text_aside(
    embedder: Embedder, double: OpenAIServer, response: CannedResponse, error: type[ModelError]
) -> None:
    double.default_response = response

    with pytest.raises(ModelError) as raised:
        await embedder.embed_each(FORTY)

    assert type(raised.value) is error


async def test_a_server_that_takes_one_text_at_a_time_is_given_one(
    embedder: Embedder, double: OpenAIServer
) -> None:
    double.spoil = lambda data: data[-1:]  # only the first one's

    vectors, _ = await embedder.embed_each(FORTY[:8])
    assert None not in vectors

    double.requests.clear()
    assert (await embedder.embed(FORTY[:8]))[0] == vectors
    assert sizes(double) == [1] * 8


async def test_a_hiccup_sets_nothing_aside(embedder: Embedder, double: OpenAIServer) -> None:
    double.respond_with(*[CannedResponse(ending="garbage")] * 1)

    vectors, _ = await embedder.embed_each(FORTY[:4])

    assert None not in vectors
    assert [HARMLESS] in double.embedded_texts
