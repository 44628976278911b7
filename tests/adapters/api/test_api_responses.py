"""Responses over the endpoint, before a server that knows chats alone; the program is the SDK."""

import asyncio
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.tool_calling_server import ToolCallingServer

ASK = {"model": "openai/double", "input": "hi there"}
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}


async def test_answers_over_a_chat(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    raw = await api.client().responses.with_raw_response.create(**ASK, instructions="Be kind.")

    answer = raw.parse()
    assert answer.output_text == "Hello from the double."
    assert answer.status == "completed"
    assert upstream.prompts[0]["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi there"},
    ]
    assert raw.headers["x-nellie-model"] == "openai/double"
    [row] = await api.ended_rows(1)
    assert (row.kind, row.status, row.asked) == ("responses", "200", "openai/double")


async def test_streams_over_a_chat_and_says_what_it_cost(api: ApiEndpoint) -> None:
    stream = await api.client().responses.create(**ASK, stream=True)

    events = [event async for event in stream]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "Hello from the double."
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.usage
    assert last.response.usage.output_tokens == 5
    [row] = await api.ended_rows(1)
    assert (row.status, row.input, row.output) == ("200", 6, 5)


async def test_the_sdks_own_helper_understands_every_event(api: ApiEndpoint) -> None:
    async with api.client().responses.stream(**ASK) as stream:
        async for _ in stream:
            pass
        final = await stream.get_final_response()

    assert final.output_text == "Hello from the double."


async def test_a_tool_is_called_and_its_output_answered(
    start_api: Any, upstream: OpenAIServer
) -> None:
    async with ToolCallingServer() as calling:
        api = await start_api(openai_base_url=calling.url)
        client = api.client()
        first = await client.responses.create(**ASK, tools=[TOOL])
        call = first.output[0]
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
        given = [{"role": "user", "content": "hi"}, call.to_dict(), output]

        second = await client.responses.create(model=ASK["model"], input=given, tools=[TOOL])

        assert (call.type, call.arguments) == ("function_call", '{"location":"Kiel"}')
        assert second.output_text == "Hello from the double."
        roles = [one["role"] for one in calling.prompts[-1]["messages"]]
        assert roles == ["user", "assistant", "tool"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", None),
        (
            {"previous_response_id": "resp_1"},
            "previous_response_id",
            "previous_response_not_found",
        ),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].type", None),
        ({"background": True}, "background", None),
    ],
)
async def test_what_is_not_served_is_refused_by_its_name(
    api: ApiEndpoint, stream: bool, more: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await api.client().responses.create(**{**ASK, **more}, stream=stream)

    assert caught.value.body["param"] == param  # type: ignore[index]  # the SDK says object
    assert caught.value.code == code


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_before_the_first_byte_has_a_status(
    api: ApiEndpoint, upstream: OpenAIServer, stream: bool
) -> None:
    upstream.respond_with(CannedResponse(status=429, error="Too many, come back"))

    with pytest.raises(openai.RateLimitError, match="Too many, come back"):
        await api.client().responses.create(**ASK, stream=stream)


@pytest.mark.parametrize("ending", ["error", "garbage", "cut", "unfinished"])
async def test_a_failure_after_it_is_raised_by_the_sdk_and_noted(
    api: ApiEndpoint, upstream: OpenAIServer, ending: Any
) -> None:
    upstream.respond_with(CannedResponse("Half an", ending=ending, error="Out of memory"))
    stream = await api.client().responses.create(**ASK, stream=True)
    texts: list[str] = []

    async def read() -> None:
        async for event in stream:
            texts.extend([getattr(event, "delta", "") or ""])

    with pytest.raises(openai.APIError):
        await read()
    assert "".join(texts) == "Half an"
    [row] = await api.ended_rows(1)
    assert row.status != "200"


async def test_the_wire_of_a_failure_tells_it_once_and_ends_with_the_response(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse("Half an", ending="unfinished"))
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.session.post(
        f"{api.url}/responses", json={**ASK, "stream": True}, headers=headers
    ) as answer:
        body = (await answer.read()).decode()

    names = [line.removeprefix("event: ") for line in body.splitlines() if line.startswith("event")]
    assert names[-2:] == ["error", "response.failed"]
    assert names.count("error") == 1


async def test_who_hangs_up_ends_the_models_call(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.respond_with(CannedResponse("One two", ending="stall"))
    stream = await api.client().responses.create(**ASK, stream=True)
    async for event in stream:
        if event.type == "response.output_text.delta":
            break

    await stream.close()

    async with asyncio.timeout(2):
        await upstream.requests[-1].hung_up.wait()


async def test_a_conversation_is_summed_up_and_carried_on_from_there(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse("They meet on Tuesday."))
    items = [
        {"role": "user", "content": "we meet on Tuesday"},
        {"role": "assistant", "content": "Noted."},
    ]

    status, _, compacted = await api.post(
        "responses/compact", {"model": ASK["model"], "input": items}
    )
    client = api.client()
    again = [*compacted["output"], {"role": "user", "content": "when?"}]
    await client.responses.create(model=ASK["model"], input=again)

    assert status == 200
    assert compacted["object"] == "response.compaction"
    assert compacted["usage"]["total_tokens"] >= 0
    assert "They meet on Tuesday." in upstream.prompts[-1]["messages"][0]["content"]


async def test_a_model_that_sums_nothing_up_is_told_of(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse(" "))

    status, _, body = await api.post("responses/compact", ASK)

    assert (status, body["error"]["type"]) == (502, "server_error")


async def test_summing_up_is_no_other_answer_to_the_same_body(
    start_api: Any, upstream: OpenAIServer
) -> None:
    api = await start_api(api_cache=60.0)
    body = {**ASK, "temperature": 0}

    _, _, plain = await api.post("responses", body)
    _, _, compacted = await api.post("responses/compact", body)
    _, _, again = await api.post("responses", body)

    assert [one["object"] for one in (plain, compacted, again)] == [
        "response",
        "response.compaction",
        "response",
    ]
