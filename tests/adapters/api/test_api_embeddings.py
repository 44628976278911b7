"""Embeddings over the endpoint: as asked for, and joined where several come side by side."""

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

TEXTS = [f"the {number} cats of harbour {number % 5}" for number in range(12)]


@pytest.fixture(autouse=True)
def a_long_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, what is asked at once arrives within that alone."""
    monkeypatch.setattr("bot.gateway.saving.joined_embeddings.MOMENT", 0.4)


async def embed(client: openai.AsyncOpenAI, texts: Any, **more: Any) -> list[list[float]]:
    found = await client.embeddings.create(
        model="openai/double", input=texts, encoding_format="float", **more
    )
    return [one.embedding for one in sorted(found.data, key=lambda one: one.index)]


async def test_side_by_side_texts_go_together(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.default_response = CannedResponse(delay=0.2)
    client = api.client()
    alone = [await embed(client, text) for text in TEXTS]
    before = len(upstream.embedded_texts)

    together = await asyncio.gather(*(embed(client, text) for text in TEXTS))

    assert together == alone
    assert len(upstream.embedded_texts) - before <= 4
    rows = await api.ended_rows(24)
    assert sum(row.input for row in rows[:12]) == sum(row.input for row in rows[12:])
    assert all(row.input > 0 and row.output == 0 for row in rows)


async def test_several_texts_of_one_call_keep_their_order(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=0.2)
    client = api.client()
    [one], [two], [three] = [await embed(client, text) for text in TEXTS[:3]]

    found = await asyncio.gather(
        embed(client, TEXTS[5]),
        embed(client, [TEXTS[0], TEXTS[1]]),
        embed(client, [TEXTS[2]]),
        embed(client, [TEXTS[1], TEXTS[0], TEXTS[2]]),
    )

    assert found[1:] == [[one, two], [three], [two, one, three]]


async def test_a_refused_text_is_nobody_elses_trouble(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=0.2)
    upstream.cannot_read, upstream.unreadable = "harbour 3", (400, "This text is bad")

    found = await asyncio.gather(
        *(embed(api.client(), text) for text in TEXTS), return_exceptions=True
    )

    failed = [text for text, one in zip(TEXTS, found, strict=True) if isinstance(one, Exception)]
    assert failed == [text for text in TEXTS if "harbour 3" in text]
    assert all("This text is bad" in str(one) for one in found if isinstance(one, Exception))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 451, 500, 503])
async def test_no_error_tells_one_what_another_sent(
    api: ApiEndpoint, upstream: OpenAIServer, status: int
) -> None:
    upstream.default_response = CannedResponse(delay=0.4)
    upstream.cannot_read = "weapon"
    upstream.unreadable = (status, "These break our rules: {texts}")
    texts = ["first", "a weapon of Ana's", "bread of Bob's", "milk of Carl's"]
    clients = [api.client(await api.add_key(text[-6:])) for text in texts]

    found = await asyncio.gather(
        *(embed(client, text) for client, text in zip(clients, texts, strict=True)),
        return_exceptions=True,
    )

    assert any(len(sent) > 1 for sent in upstream.embedded_texts)
    assert [isinstance(one, list) for one in found] == [True, False, True, True]
    assert "break our rules" in str(found[1]) or status == 401  # whose key is wrong is our affair
    assert "bread" not in str(found[1])


async def test_an_ill_server_tells_each_for_itself(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(status=503, error="No room.", delay=0.05)

    found = await asyncio.gather(
        *(embed(api.client(), text) for text in TEXTS), return_exceptions=True
    )

    assert all("No room." in str(one) for one in found)
    assert sum(len(texts) == 1 for texts in upstream.embedded_texts) == len(TEXTS)


async def test_texts_of_two_teams_never_go_together(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    teams = {"red": "red", "blue": "blue", "dora": "", "eve": ""}
    keys = {
        f"{who}{number}": await api.add_key(who, team=team)
        for who, team in teams.items()
        for number in range(4)
    }

    def ask(who: str, key: str) -> Any:
        return api.post("embeddings", {"model": "openai/double", "input": [who]}, key=key)

    for who, key in keys.items():  # who is known comes side by side
        await ask(who, key)
    upstream.default_response = CannedResponse(delay=0.3)
    answers = await asyncio.gather(*(ask(who, key) for who, key in keys.items()))

    assert {status for status, _, _ in answers} == {200}

    owners = [{text.rstrip("0123") for text in texts} for texts in upstream.embedded_texts]
    assert all(len(one) == 1 for one in owners)
    assert any(len(texts) > 1 for texts in upstream.embedded_texts)


async def test_a_call_that_wants_to_be_made_for_itself_is_not_joined(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=0.1)
    alone = {"extra_headers": {"x-nellie-coalesce": "off"}}

    await asyncio.gather(*(embed(api.client(), text, **alone) for text in TEXTS))

    assert all(len(texts) == 1 for texts in upstream.embedded_texts)


@pytest.mark.parametrize("text", ["", " ", "\n"])
async def test_texts_of_nothing_are_nobodys_trouble(
    api: ApiEndpoint, upstream: OpenAIServer, text: str
) -> None:
    upstream.default_response = CannedResponse(delay=0.1)

    found = await asyncio.gather(*(embed(api.client(), [text] * count) for count in range(1, 5)))

    assert [len(one) for one in found] == [1, 2, 3, 4]


OTHER = [0.5] * 64
SPOILT: list[Callable[[list[dict[str, Any]]], Any]] = [
    lambda data: None,
    lambda data: "none",
    lambda data: [5] * len(data),
    lambda data: [{**one, "index": [one["index"]]} for one in data],
    lambda data: [{"embedding": one["embedding"]} for one in data],
    lambda data: [*data, {**data[0], "embedding": OTHER}],
    lambda data: {str(one["index"]): one for one in data},
]


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_joined_answer_that_cannot_be_divided_is_asked_for_one_by_one(
    api: ApiEndpoint, upstream: OpenAIServer, spoil: Callable[[list[dict[str, Any]]], Any]
) -> None:
    alone = [await embed(api.client(), text) for text in TEXTS[:4]]
    upstream.default_response = CannedResponse(delay=0.4)
    upstream.spoil = lambda data: spoil(data) if len(data) > 1 else data

    found = await asyncio.gather(*(embed(api.client(), text) for text in TEXTS[:4]))

    assert any(len(texts) > 1 for texts in upstream.embedded_texts)
    assert found == alone


@pytest.mark.parametrize("more", [{"dimensions": 8}, {"user": "u2"}])
async def test_calls_of_another_kind_are_not_joined(
    api: ApiEndpoint, upstream: OpenAIServer, more: dict[str, Any]
) -> None:
    upstream.default_response = CannedResponse(delay=0.1)

    await asyncio.gather(embed(api.client(), TEXTS[0]), embed(api.client(), TEXTS[1], **more))

    assert len(upstream.embedded_texts) == 2
    assert all(len(texts) == 1 for texts in upstream.embedded_texts)


@pytest.mark.parametrize("name", ["auto", "tei", "org/own-model"])
async def test_the_embedder_of_memory_embeds_for_programs_too(
    start_api: StartApi, name: str
) -> None:
    async with OpenAIServer() as embedder:
        given = name if name != "auto" else "tei"
        api = await start_api(embeddings=given, embeddings_url=embedder.url)
        listed = [one.id async for one in api.client().models.list()]
        before = len(embedder.embedded_texts)

        found = await api.client().embeddings.create(model=name, input="a cat")

        assert len(found.data[0].embedding) == 64
        assert len(embedder.embedded_texts) == before + 1
        assert given in listed


async def test_who_leaves_leaves_the_others_their_vectors(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=0.2)
    calls = [asyncio.create_task(embed(api.client(), text)) for text in TEXTS[:4]]
    async with asyncio.timeout(5):
        while len(upstream.embedded_texts) < 2:  # noqa: ASYNC110  # the double tells nobody
            await asyncio.sleep(0.01)

    calls[1].cancel()

    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(one, list) for one in found] == [True, False, True, True]


async def test_all_who_leave_end_their_call(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.default_response = CannedResponse(delay=60)
    calls = [asyncio.create_task(embed(api.client(), text)) for text in TEXTS[:4]]
    async with asyncio.timeout(5):
        while len(upstream.embedded_texts) < 2:  # noqa: ASYNC110  # the double tells nobody
            await asyncio.sleep(0.01)

    for call in calls:
        call.cancel()

    for request in upstream.requests:
        if "input" in request.body:
            await asyncio.wait_for(request.hung_up.wait(), 1)
    rows = await api.ended_rows(4)
    assert {row.status for row in rows} == {"499"}
