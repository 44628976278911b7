"""Each embedding model is given its texts as its card says, of the size that was asked for."""

import math
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from doubles.openai_server import OpenAIServer

from bot.config.settings import Settings
from bot.domain.errors import ModelError, SettingsError
from bot.llm.embedding.embedder import Embedder
from bot.llm.embedding.models import find_model
from bot.llm.providers.known import ALL


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as opened:
        yield opened


def configured(double: OpenAIServer, name: str, **given: Any) -> Embedder:
    return Embedder.from_settings(Settings(embeddings=name, embeddings_url=double.url, **given))


SEARCHING = "Represent this sentence for searching relevant passages: "


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("e5-small-v2-GGUF:Q8_0", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: ", ""),
        ("BAAI/bge-small-en-v1.5", SEARCHING, ""),
        ("bge-large:latest", SEARCHING, ""),
        ("bge-m3", "", ""),
        ("BAAI/bge-large-zh-v1.5", "为这个句子", ""),
        ("nomic-embed-text:latest", "search_query: ", "search_document: "),
        ("text-embedding-nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("thenlper/gte-base", "", ""),
        ("Alibaba-NLP/gte-Qwen2-7B-instruct", "Instruct: ", ""),
        ("mxbai-embed-large", SEARCHING, ""),
        ("snowflake-arctic-embed2", "query: ", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("snowflake-arctic-embed:335m", SEARCHING, ""),
        ("jinaai/jina-embeddings-v2-base-en", "", ""),
        ("jinaai/jina-embeddings-v4", "Query: ", "Passage: "),
        ("hf.co/Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0", "Instruct: ", ""),
        ("qwen3-embedding:0.6b", "Instruct: ", ""),
        ("embeddinggemma:300m", "task: search result | query: ", "title: none | text: "),
        ("google/embedding-gemma-300m", "task: search result | query: ", "title: none | text: "),
        ("text-embedding-3-small", "", ""),
        ("all-minilm:l6-v2", "", ""),
        ("my-own-model", "", ""),
    ],
)
async def test_what_a_model_wants_stands_before_a_text(
    double: OpenAIServer, name: str, query: str, passage: str
) -> None:
    embedder = configured(double, f"ollama/{name}")

    await embedder.embed(["what?"], "query")
    await embedder.embed(["that"])
    await embedder.close()

    (asked,), (told,) = double.embedded_texts
    assert (asked.startswith(query), asked.endswith("what?")) == (True, True)
    assert (asked == "what?") == (not query)
    assert told == f"{passage}that"


async def test_what_is_set_by_hand_goes_before_the_name(double: OpenAIServer) -> None:
    embedder = configured(
        double,
        "ollama/nomic-embed-text",
        embeddings_query_prefix=r"Ask:\n",
        embeddings_passage_prefix="none",
    )

    await embedder.embed(["what?"], "query")
    await embedder.embed(["that"])
    await embedder.close()

    assert double.embedded_texts == [["Ask:\nwhat?"], ["that"]]


@pytest.mark.parametrize(
    ("provider", "query", "passage"),
    [
        ("voyage", {"input_type": "query"}, {"input_type": "document"}),
        ("jina", {"task": "retrieval.query"}, {"task": "retrieval.passage"}),
        ("nvidia", {"input_type": "query"}, {"input_type": "passage"}),
    ],
)
async def test_where_a_server_knows_the_role_it_is_told_it(
    double: OpenAIServer, provider: str, query: Mapping[str, str], passage: Mapping[str, str]
) -> None:
    embedder = configured(double, f"{provider}/jina-embeddings-v3")

    await embedder.embed(["what?"], "query")
    await embedder.embed(["that"])
    await embedder.close()

    asked, told = (request.body for request in double.requests)
    assert asked.items() >= query.items()
    assert told.items() >= passage.items()
    assert (asked["input"], told["input"]) == (["what?"], ["that"])


@pytest.mark.parametrize("name", sorted(ALL))
async def test_each_provider_is_asked_by_its_name(
    double: OpenAIServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"NELLIE_PROVIDER_{name.upper().replace('-', '_')}"
    monkeypatch.setenv(f"{own}_URL", double.url)
    monkeypatch.setenv(f"{own}_KEY", "secret-key")
    given = {"openai_base_url": double.url, "openai_api_key": "secret-key"}
    settings = Settings(embeddings=f"{name}/some/model", **(given if name == "openai" else {}))

    embedder = Embedder.from_settings(settings)
    (vector,), usage = await embedder.embed(["a red car"])
    await embedder.close()

    request = next(request for request in double.requests if "input" in request.body)
    assert request.path == "/v1/embeddings"
    assert request.headers["Authorization"] == "Bearer secret-key"
    assert request.headers.get("api-key") == ("secret-key" if name == "azure" else None)
    assert request.body["model"] == "some/model"
    assert math.hypot(*vector) == pytest.approx(1)
    assert usage.model == f"{name}/some/model"


async def test_a_key_of_its_own_goes_before_the_provider_s(
    double: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NELLIE_PROVIDER_MISTRAL_URL", double.url)
    monkeypatch.setenv("MISTRAL_API_KEY", "for-answers")

    embedder = Embedder.from_settings(
        Settings(embeddings="mistral/mistral-embed", embeddings_key="for-vectors")
    )
    await embedder.embed(["one"])
    await embedder.close()

    assert double.requests[0].headers["Authorization"] == "Bearer for-vectors"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("nobody/model", "there is no provider nobody"),
        ("voyage/voyage-3.5", "VOYAGE_API_KEY"),
        ("cohere/embed-v4.0", "COHERE_API_KEY"),
        ("gemini/gemini-embedding-001", "GEMINI_API_KEY"),
    ],
)
def test_what_a_provider_lacks_is_said(name: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        Embedder.from_settings(Settings(embeddings=name))


async def test_dimensions_are_asked_for_where_the_server_knows_them(double: OpenAIServer) -> None:
    double.knows_dimensions = True
    embedder = configured(double, "openai/anything", embeddings_dimensions=16)

    (vector,), _ = await embedder.embed(["a red car in the yard"])
    await embedder.close()

    assert double.requests[0].body["dimensions"] == 16
    assert len(vector) == 16


@pytest.mark.parametrize("refused", [(), ("dimensions",), ("dimensions", "encoding_format")])
@pytest.mark.parametrize("name", ["nomic-embed-text", "qwen3-embedding:4b", "mxbai-embed-large"])
async def test_a_vector_is_cut_where_its_model_allows_that(
    double: OpenAIServer, name: str, refused: tuple[str, ...]
) -> None:
    double.unknown_parameters = refused
    embedder = configured(double, f"ollama/{name}", embeddings_dimensions=32)
    text = " ".join(f"word{n}" for n in range(50))

    (vector,), _ = await embedder.embed([text])
    await embedder.embed([text])
    await embedder.close()

    assert (len(vector), math.hypot(*vector)) == (32, pytest.approx(1))
    assert len(double.requests) == 2 + len(refused)  # what is refused is remembered


@pytest.mark.parametrize("name", ["all-minilm", "BAAI/bge-small-en-v1.5", "my-own"])
async def test_a_vector_that_cannot_be_cut_is_said(double: OpenAIServer, name: str) -> None:
    embedder = configured(double, f"ollama/{name}", embeddings_dimensions=32)

    with pytest.raises(ModelError, match=r"64 numbers.*NELLIE_EMBEDDINGS_DIMENSIONS"):
        await embedder.embed(["a red car"])
    await embedder.close()


async def test_base64_is_read_whatever_was_asked_for(double: OpenAIServer) -> None:
    embedder = configured(double, "openai/double")
    plain, _ = await embedder.embed(["a red car", "lunch"])
    double.encodes = True

    encoded, _ = await embedder.embed(["a red car", "lunch"])
    await embedder.close()

    assert [one == pytest.approx(other) for one, other in zip(plain, encoded, strict=True)]


async def test_another_size_is_believed_when_it_comes_twice(double: OpenAIServer) -> None:
    embedder = configured(double, "openai/double")
    await embedder.embed(["one"])
    double.vector_size = 32

    with pytest.raises(ModelError, match="32 numbers, after 64 before"):
        await embedder.embed(["one"])
    (vector,), _ = await embedder.embed(["one"])
    await embedder.close()

    assert (len(vector), embedder.size) == (32, 32)


async def test_tei_is_asked_what_it_serves(double: OpenAIServer) -> None:
    double.info = {
        "model_id": "intfloat/e5-small-v2",
        "max_client_batch_size": 4,
        "max_input_length": 512,
    }
    embedder = configured(double, "tei")

    await embedder.embed([f"text {n}" for n in range(10)])
    await embedder.close()

    assert [len(texts) for texts in double.embedded_texts] == [4, 4, 2]
    assert double.embedded_texts[0][0] == "passage: text 0"
    assert embedder.space.startswith("tei/intfloat/e5-small-v2")


def test_vectors_made_otherwise_are_not_compared(double: OpenAIServer) -> None:
    made = [
        configured(double, "ollama/nomic-embed-text"),
        configured(double, "ollama/nomic-embed-text", embeddings_dimensions=256),
        configured(double, "ollama/nomic-embed-text", embeddings_passage_prefix="none"),
        configured(double, "lmstudio/nomic-embed-text"),
    ]

    assert len({embedder.space for embedder in made}) == 4


def test_a_name_that_says_nothing_wants_nothing() -> None:
    known = find_model("acme/vectors-xl")

    assert (known.query, known.passage, known.tokens, known.can_be_cut) == ("", "", 0, False)
