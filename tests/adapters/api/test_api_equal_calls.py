"""Equal calls under way are made once; answers without chance are kept, where asked for."""

import asyncio
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

ASK: dict[str, Any] = {
    "model": "openai/double",
    "messages": [{"role": "user", "content": "What is the harbour's name?"}],
}
SLOW = CannedResponse(text="It is called the old harbour.", delay=0.03)


async def say(client: openai.AsyncOpenAI, **more: Any) -> str:
    answer = await client.chat.completions.create(**{**ASK, **more})
    return answer.choices[0].message.content or ""


async def hear(client: openai.AsyncOpenAI, **more: Any) -> str:
    stream = await client.chat.completions.create(**{**ASK, **more}, stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


@pytest.mark.parametrize("ask", [say, hear])
async def test_equal_calls_of_a_team_are_made_once(
    api: ApiEndpoint, upstream: OpenAIServer, ask: Any
) -> None:
    upstream.default_response = SLOW
    clients = [api.client(), api.client(await api.add_key("bob")), api.client()]

    answers = await asyncio.gather(*(ask(client) for client in clients for _ in range(3)))

    assert answers == [SLOW.text] * 9
    assert len(upstream.prompts) == 1
    rows = await api.ended_rows(9)
    assert sorted(row.saved for row in rows) == ["", *["coalesced"] * 8]
    assert {row.status for row in rows} == {"200"}
    assert len({(row.input, row.output) for row in rows}) == 1


async def test_a_late_listener_hears_a_stream_from_its_start(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = SLOW
    client = api.client()
    stream = await client.chat.completions.create(**ASK, stream=True)
    said = [(await anext(aiter(stream))).choices[0].delta.content or "" for _ in range(3)]

    late = await hear(client)

    assert late == SLOW.text
    assert late.startswith("".join(said))
    assert len(upstream.prompts) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"n": 2},
        {"temperature": 0.8},
        {"temperature": 1},
        {"extra_headers": {"x-nellie-coalesce": "off"}},
    ],
)
async def test_who_wants_several_samples_gets_several(
    api: ApiEndpoint, upstream: OpenAIServer, more: dict[str, Any]
) -> None:
    upstream.default_response = SLOW

    await asyncio.gather(*(say(api.client(), **more) for _ in range(3)))

    assert len(upstream.prompts) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"messages": [{"role": "user", "content": "What is the harbour's name"}]},
        {"temperature": 0},
        {"user": "u1"},
        {"extra_body": {"a_field_of_tomorrow": 1}},
        {"stream_options": {"include_usage": True}, "stream": False},
    ],
)
async def test_calls_that_differ_in_anything_are_made_for_themselves(
    api: ApiEndpoint, upstream: OpenAIServer, other: dict[str, Any]
) -> None:
    upstream.default_response = SLOW

    await asyncio.gather(say(api.client()), say(api.client(), **other))

    assert len(upstream.prompts) == 2


async def test_nothing_is_shared_between_teams(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.default_response = SLOW
    blue = await api.add_key("carl", team="blue")
    alone = [await api.add_key(person, team="") for person in ("dora", "eve")]

    await asyncio.gather(*(say(api.client(key)) for key in ("", blue, *alone)))

    assert len(upstream.prompts) == 4


@pytest.mark.parametrize("ask", [say, hear])
async def test_a_failure_is_told_to_all_and_not_kept(
    start_api: StartApi, upstream: OpenAIServer, ask: Any
) -> None:
    api = await start_api(api_cache=60)
    upstream.respond_with(CannedResponse(status=500, error="It broke.", delay=0.2))

    failed = await asyncio.gather(
        *(ask(api.client(), temperature=0) for _ in range(4)), return_exceptions=True
    )

    assert [str(one).count("It broke.") > 0 for one in failed] == [True] * 4
    assert len(upstream.prompts) == 1
    assert await ask(api.client(), temperature=0) == "Hello from the double."


async def test_the_last_who_leaves_ends_the_models_call(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(text="some words", ending="stall")
    streams = [
        await api.client().chat.completions.create(**ASK, stream=True, timeout=5) for _ in range(3)
    ]
    for stream in streams:
        await anext(aiter(stream))
    hung_up = upstream.requests[-1].hung_up

    await streams[0].close()
    await streams[1].close()
    rows = await api.ended_rows(1)
    assert not hung_up.is_set()
    await streams[2].close()

    await asyncio.wait_for(hung_up.wait(), 1)
    assert len(upstream.prompts) == 1
    rows = await api.ended_rows(3)
    assert [row.status for row in rows] == ["499"] * 3


async def test_who_began_may_leave_before_the_first_byte(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=0.3)
    first = asyncio.create_task(say(api.client()))
    while not upstream.prompts:  # noqa: ASYNC110  # the double tells nobody
        await asyncio.sleep(0.01)
    second = asyncio.create_task(say(api.client()))
    async with asyncio.timeout(5):
        while len(await api.rows()) < 2:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.01)

    first.cancel()

    assert await second == "Hello from the double."
    assert len(upstream.prompts) == 1


async def test_a_kept_answer_is_given_again(start_api: StartApi, upstream: OpenAIServer) -> None:
    api = await start_api(api_cache=60, prices=("openai/double=1/0.1/2",))
    for ask in (say, hear):
        asked = len(upstream.prompts)
        first = await ask(api.client(), temperature=0)
        await api.ended_rows(1)
        second = await ask(api.client(await api.add_key("bob")), temperature=0)
        assert first == second == "Hello from the double."
        assert len(upstream.prompts) == asked + 1

    raw = await api.client().chat.completions.with_raw_response.create(**ASK, temperature=0)
    assert raw.headers["x-nellie-saved"] == "cache"
    assert raw.headers["x-nellie-cost"] == "0"
    rows = await api.ended_rows(5)
    assert [row.saved for row in rows] == ["", "cache", "", "cache", "cache"]
    assert rows[1].cost == 0


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"temperature": 0.2},
        {"temperature": 0, "tools": [{"type": "function", "function": {"name": "f"}}]},
        {"temperature": 0, "n": 2},
        {"temperature": 0, "store": True},
        {"seed": 1},
        {"temperature": 1.7, "seed": 1},
        {"temperature": 0, "functions": [{"name": "f", "parameters": {}}]},
        {"temperature": 0, "web_search_options": {}},
        {"temperature": 0, "tool_choice": "auto"},
        {"temperature": 0, "extra_body": {"plugins": [{"id": "web"}]}},
        {"temperature": 0, "extra_body": {"mcp_servers": ["files"]}},
        {"temperature": 0, "extra_body": {"a_field_of_tomorrow": 1}},
        {"temperature": 0, "extra_body": {"transforms": []}},
        {"temperature": 0, "extra_body": {"Tools": [{"type": "web_search"}]}},
        {"temperature": 0, "model": "openai/double-search-preview"},
        {"temperature": 0, "model": "openai/double:online"},
    ],
)
async def test_an_answer_with_chance_in_it_is_not_kept(
    start_api: StartApi, upstream: OpenAIServer, more: dict[str, Any]
) -> None:
    api = await start_api(api_cache=60)

    for _ in range(2):
        await say(api.client(), **more)

    assert len(upstream.prompts) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"seed": 7},
        {"extra_body": {"plugins": [], "background": False}},
        {"max_tokens": 9, "stop": ["x"], "response_format": {"type": "json_object"}},
        {"store": False, "metadata": {"app": "notes"}, "user": "u1"},
    ],
)
async def test_what_lets_nobody_act_keeps_no_answer_from_being_kept(
    start_api: StartApi, upstream: OpenAIServer, more: dict[str, Any]
) -> None:
    api = await start_api(api_cache=60)

    for count in range(2):
        await say(api.client(), temperature=0, **more)
        await api.ended_rows(count + 1)

    assert len(upstream.prompts) == 1


@pytest.mark.parametrize("settings", [{}, {"api_cache": 0.01}])
async def test_nothing_is_kept_for_longer_than_said(
    start_api: StartApi, upstream: OpenAIServer, settings: dict[str, Any]
) -> None:
    api = await start_api(**settings)

    await say(api.client(), temperature=0)
    await asyncio.sleep(0.05)
    await say(api.client(), temperature=0)

    assert len(upstream.prompts) == 2


async def test_no_other_team_is_given_a_kept_answer(
    start_api: StartApi, upstream: OpenAIServer
) -> None:
    api = await start_api(api_cache=60)

    await say(api.client(), temperature=0)
    await say(api.client(await api.add_key("carl", team="blue")), temperature=0)

    assert len(upstream.prompts) == 2


async def test_a_broken_stream_is_not_kept(start_api: StartApi, upstream: OpenAIServer) -> None:
    api = await start_api(api_cache=60)
    upstream.respond_with(CannedResponse(text="Half", ending="cut"))

    with pytest.raises(openai.APIError):
        await hear(api.client(), temperature=0)

    assert await hear(api.client(), temperature=0) == "Hello from the double."
