"""Embeddings over the endpoint: as asked for, and joined where several come side by side."""

import asyncio
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

TEXTS = [f"the {number} cats of harbour {number % 5}" for number in range(12)]


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


async def test_an_ill_server_is_asked_for_all_together(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(status=503, error="No room.", delay=0.05)

    found = await asyncio.gather(
        *(embed(api.client(), text) for text in TEXTS), return_exceptions=True
    )

    assert all("No room." in str(one) for one in found)
    assert len(upstream.embedded_texts) <= 4


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
