"""Responses over a WebSocket: one after another, each led on from the one before it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from doubles.api_endpoint import ApiEndpoint
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

from adapters.api import websocket

ASK = {"type": "response.create", "model": "openai/double", "input": "hi there", "store": False}
Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def talking(api: ApiEndpoint, key: str = "") -> AsyncIterator[Socket]:
    headers = {"Authorization": f"Bearer {key or api.key}"}
    async with api.session.ws_connect(f"{api.url}/responses", headers=headers) as socket:
        yield socket


async def turn(socket: Socket, **more: Any) -> list[dict[str, Any]]:
    """All events of one response, or the error in its place."""
    await socket.send_json({**ASK, **more})
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not events or not _is_last(events[-1]):
            events.append(await socket.receive_json())
    return events


def _is_last(event: dict[str, Any]) -> bool:
    ends = ("response.completed", "response.incomplete", "response.failed", "error")
    return event["type"] in ends


async def test_one_after_another_each_goes_on_with_the_one_before(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    async with talking(api) as socket:
        first = (await turn(socket))[-1]["response"]
        second = (await turn(socket, input="and?", previous_response_id=first["id"]))[-1]

    assert first["output"][0]["content"][0]["text"] == "Hello from the double."
    assert second["type"] == "response.completed"
    assert [one["content"] for one in upstream.prompts[-1]["messages"]] == [
        "hi there",
        "Hello from the double.",
        "and?",
    ]


async def test_what_another_connection_said_is_not_known(api: ApiEndpoint) -> None:
    async with talking(api) as socket:
        first = (await turn(socket))[-1]["response"]
    async with talking(api) as socket:
        [error] = await turn(socket, previous_response_id=first["id"])
        after = await turn(socket)

    assert error["error"]["code"] == "previous_response_not_found"
    assert error["status"] == 400
    assert after[-1]["type"] == "response.completed"


async def test_after_a_failed_turn_there_is_nothing_to_go_on_with(api: ApiEndpoint) -> None:
    wrong = [{"type": "function_call_output", "call_id": "none", "output": "x"}]
    async with talking(api) as socket:
        first = (await turn(socket))[-1]["response"]
        [failed] = await turn(socket, input=wrong, previous_response_id=first["id"])
        [again] = await turn(socket, previous_response_id=first["id"])

    assert failed["type"] == "error"
    assert again["error"]["code"] == "previous_response_not_found"


async def test_a_failure_in_the_middle_ends_the_turn_once(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse("Half an", ending="unfinished"))
    async with talking(api) as socket:
        failed = await turn(socket)
        after = await turn(socket)

    assert failed[-1]["type"] == "response.failed"
    assert after[0]["type"] == "response.created"


@pytest.mark.parametrize("text", ["{oops", "[]", '"hi"', "{}", '{"type": "other"}', "[" * 100_000])
async def test_what_is_no_request_is_told_so_and_the_connection_stays(
    api: ApiEndpoint, text: str
) -> None:
    async with talking(api) as socket:
        await socket.send_str(text)
        error = await socket.receive_json()
        after = await turn(socket)

    assert (error["type"], error["status"]) == ("error", 400)
    assert after[-1]["type"] == "response.completed"


async def test_bytes_are_no_request_either(api: ApiEndpoint) -> None:
    async with talking(api) as socket:
        await socket.send_bytes(json.dumps(ASK).encode())

        assert (await socket.receive_json())["status"] == 400


async def test_without_a_key_there_is_no_connection(api: ApiEndpoint) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with talking(api, key="nellie-wrong"):
            pass

    assert caught.value.status == 401


async def test_a_get_without_an_upgrade_is_told_what_to_do(api: ApiEndpoint) -> None:
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.session.get(f"{api.url}/responses", headers=headers) as answer:
        assert answer.status == 405
        assert "WebSocket" in (await answer.json())["error"]["message"]


async def test_who_closes_ends_the_models_call(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    upstream.respond_with(CannedResponse("One two", ending="stall"))
    async with talking(api) as socket:
        await socket.send_json(ASK)
        await socket.receive_json()

    async with asyncio.timeout(2):
        await upstream.requests[-1].hung_up.wait()


async def test_a_connection_ends_when_it_is_old(
    api: ApiEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "LONGEST", 0.05)
    async with talking(api) as socket:
        error = await socket.receive_json()

        assert error["error"]["code"] == "websocket_connection_limit_reached"
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_more_requests_than_can_wait_are_told_so(
    api: ApiEndpoint, upstream: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "WAITING", 1)
    upstream.respond_with(CannedResponse("One two", ending="stall"))
    async with talking(api) as socket:
        await socket.send_json(ASK)
        await socket.receive_json()
        for _ in range(3):
            await socket.send_json(ASK)

        async with asyncio.timeout(5):
            while (event := await socket.receive_json())["type"] != "error":
                pass

    assert event["status"] == 429


async def test_a_revoked_key_ends_a_connection_that_is_open(api: ApiEndpoint) -> None:
    key = await api.add_key("carl")
    async with talking(api, key=key) as socket:
        await turn(socket)
        async with api.database.begin() as connection:
            await connection.exec_driver_sql(
                "UPDATE api_key SET revoked_at = now() WHERE name = 'carl'"
            )
        async with asyncio.timeout(20):
            while (await turn(socket))[-1]["type"] != "error":
                pass
