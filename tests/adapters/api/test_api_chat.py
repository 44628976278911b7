"""Chats over the endpoint, with OpenAI's own library as the program."""

import asyncio

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

ASK = {"model": "openai/double", "messages": [{"role": "user", "content": "hi there"}]}


async def test_answers_a_chat(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    raw = await api.client().chat.completions.with_raw_response.create(**ASK)

    answer = raw.parse()
    assert answer.choices[0].message.content == "Hello from the double."
    assert upstream.prompts == [{**ASK, "model": "double"}]
    assert raw.headers["x-nellie-model"] == "openai/double"
    assert raw.headers["x-nellie-saved"] == "none"
    [row] = await api.ended_rows(1)
    assert raw.headers["x-request-id"] == str(row.id)
    assert (row.status, row.model, row.asked, row.stream) == (
        "200",
        "openai/double",
        "openai/double",
        False,
    )


async def test_streams_a_chat(api: ApiEndpoint) -> None:
    stream = await api.client().chat.completions.create(**ASK, stream=True)

    chunks = [chunk async for chunk in stream]
    assert "".join(one.choices[0].delta.content or "" for one in chunks) == "Hello from the double."
    assert chunks[-1].choices[0].finish_reason == "stop"
    [row] = await api.ended_rows(1)
    assert (row.status, row.stream, row.input, row.output) == ("200", True, 6, 5)
    assert row.first_token_ms is not None


async def test_the_usage_chunk_comes_for_who_asks(api: ApiEndpoint) -> None:
    options = {"include_usage": True}
    stream = await api.client().chat.completions.create(**ASK, stream=True, stream_options=options)

    chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == 5


async def test_the_wire_ends_with_done_and_lets_nobody_buffer(api: ApiEndpoint) -> None:
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.session.post(
        f"{api.url}/chat/completions", json={**ASK, "stream": True}, headers=headers
    ) as answer:
        body = await answer.read()

    assert body.endswith(b"data: [DONE]\n\n")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Accel-Buffering"] == "no"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_failure_before_the_first_byte_has_a_status(
    api: ApiEndpoint, upstream: OpenAIServer, stream: bool
) -> None:
    upstream.respond_with(CannedResponse(status=429, error="Too many, come back"))

    with pytest.raises(openai.RateLimitError, match="Too many, come back"):
        await api.client().chat.completions.create(**ASK, stream=stream)
    [row] = await api.ended_rows(1)
    assert (row.status, row.error) == ("429", "invalid_request_error")  # words may quote a prompt


@pytest.mark.parametrize("ending", ["error", "garbage", "cut", "unfinished"])
async def test_a_failure_after_it_is_an_event(
    api: ApiEndpoint, upstream: OpenAIServer, ending: str
) -> None:
    upstream.respond_with(CannedResponse(text="Hello", ending=ending, error="It broke."))  # type: ignore[arg-type]  # each is one
    stream = await api.client().chat.completions.create(**ASK, stream=True)

    said = list[str]()

    async def listen() -> None:
        async for chunk in stream:
            said.append(chunk.choices[0].delta.content or "")

    with pytest.raises(openai.APIError) as caught:
        await listen()

    assert "".join(said) == "Hello"
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    [row] = await api.ended_rows(1)
    assert row.status != "200"
    assert row.output


@pytest.mark.parametrize("stream", [True, False])
async def test_who_leaves_before_the_first_byte_ends_the_models_call(
    api: ApiEndpoint, upstream: OpenAIServer, stream: bool
) -> None:
    upstream.respond_with(CannedResponse(delay=60))
    call = asyncio.create_task(api.client().chat.completions.create(**ASK, stream=stream))
    while not upstream.prompts:  # noqa: ASYNC110  # the double tells nobody
        await asyncio.sleep(0.01)

    call.cancel()

    await asyncio.wait_for(upstream.requests[-1].hung_up.wait(), 1)
    [row] = await api.ended_rows(1)
    assert (row.status, row.estimated) == ("499", True)
    assert row.input > 0


async def test_who_leaves_in_the_middle_ends_it_too(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse(text="some words that were said", ending="stall"))
    client = api.client()
    stream = await client.chat.completions.create(**ASK, stream=True)
    await anext(aiter(stream))
    await anext(aiter(stream))

    await stream.close()

    await asyncio.wait_for(upstream.requests[-1].hung_up.wait(), 1)
    [row] = await api.ended_rows(1)
    assert (row.status, row.estimated) == ("499", True)
    assert row.output > 0


async def test_a_wrong_key_is_told_so(api: ApiEndpoint) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await api.client("nellie-" + "x" * 43).chat.completions.create(**ASK)

    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize("name", ["openai", "gpt-unknown", "nowhere/x", "openai/" + "x" * 400])
async def test_an_unknown_model_is_told_so(api: ApiEndpoint, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await api.client().chat.completions.create(**{**ASK, "model": name})

    assert caught.value.code == "model_not_found"


async def test_a_spent_budget_is_told_and_not_tried_again(start_api: StartApi) -> None:
    api = await start_api(limit_tokens=8)
    await api.client().chat.completions.create(**ASK)
    await api.ended_rows(1)

    with pytest.raises(openai.RateLimitError) as caught:
        await api.client(max_retries=2).chat.completions.create(**ASK)

    assert caught.value.code == "budget_exceeded"
    assert caught.value.response.headers["x-should-retry"] == "false"


async def test_a_key_reaches_the_models_that_it_names(api: ApiEndpoint) -> None:
    client = api.client(await api.add_key(models=["openai/dou*", "auto"]))

    assert [one.id async for one in client.models.list()] == ["auto", "openai/double"]
    await client.chat.completions.create(**{**ASK, "model": "auto"})
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(**{**ASK, "model": "openai/other"})


async def test_models_are_listed_and_found_by_ids_with_slashes(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.models = [{"id": "org/large"}, {"id": "double"}]

    listed = [one.id async for one in api.client().models.list()]

    assert listed == ["nellie", "auto", "openai/double", "openai/org/large"]
    found = await api.client().models.retrieve("openai/org/large")
    assert (found.id, found.object, found.owned_by) == ("openai/org/large", "model", "openai")
    for short in ("double", "org/large"):  # as calls may name them
        assert (await api.client().models.retrieve(short)).id == f"openai/{short}"
    for unknown in ("openai/org", "large", "nobody", "nellie/slack/x"):
        with pytest.raises(openai.NotFoundError, match="GET /v1/models lists those"):
            await api.client().models.retrieve(unknown)


async def test_a_model_is_found_without_its_provider(api: ApiEndpoint) -> None:
    answer = await api.client().chat.completions.create(**{**ASK, "model": "double"})

    assert answer.choices[0].message.content
    [row] = await api.ended_rows(1)
    assert (row.asked, row.model) == ("double", "openai/double")


async def test_embeds(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.spoil = lambda data: data[::-1]
    found = await api.client().embeddings.create(model="openai/double", input=["a cat", "a dog"])

    assert [one.index for one in found.data] == [0, 1]
    assert upstream.requests[-1].body["encoding_format"] == "base64"


async def test_the_process_tells_that_it_lives(api: ApiEndpoint) -> None:
    async with api.session.get(f"http://127.0.0.1:{api.port}/healthz") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("words", [0, 40])
async def test_who_leaves_is_no_error_of_the_server(
    api: ApiEndpoint, upstream: OpenAIServer, caplog: pytest.LogCaptureFixture, words: int
) -> None:
    upstream.respond_with(CannedResponse(text="word " * words, delay=0.01, ending="stall"))
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.session.post(
        f"{api.url}/chat/completions", json={**ASK, "stream": True}, headers=headers
    ) as answer:
        await answer.content.readany()
        assert answer.connection
        assert answer.connection.transport
        answer.connection.transport.abort()

    await api.ended_rows(1)
    assert not [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")]
