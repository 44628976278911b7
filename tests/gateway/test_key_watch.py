"""Calls that are under way end with their key."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from doubles.api_endpoint import ApiEndpoint, api_endpoint
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

from bot.store.api_keys import SHOWN
from bot.store.database import Database

LONG = CannedResponse(text="word " * 400, delay=0.05)


@pytest.fixture
async def upstream() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as double:
        double.default_response = LONG
        yield double


@pytest.fixture
async def api(
    database: Database, upstream: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ApiEndpoint]:
    monkeypatch.setattr("bot.gateway.calls.key_watch.PAUSE", 0.2)
    async with api_endpoint(
        database,
        model=("openai/double",),
        openai_base_url=upstream.url,
        openai_api_key="upstream-secret-key",
    ) as endpoint:
        yield endpoint


async def hear(api: ApiEndpoint, key: str, path: str = "chat/completions", **more: object) -> str:
    """All that a stream says until its end."""
    asked = {"messages": [{"role": "user", "content": "go on"}]}
    body = {"model": "openai/double", "stream": True, **asked, **more}
    if path == "responses":
        body = {"model": "openai/double", "stream": True, "input": "go on", **more}
    headers = {"Authorization": f"Bearer {key}"}
    async with api.session.post(f"{api.url}/{path}", json=body, headers=headers) as answer:
        return await answer.text()


async def until_asked(upstream: OpenAIServer, times: int = 1) -> None:
    async with asyncio.timeout(5):
        while len(upstream.prompts) < times:  # noqa: ASYNC110  # the double tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["chat/completions", "responses"])
async def test_a_stream_ends_with_an_error_when_its_key_is_revoked(
    api: ApiEndpoint, upstream: OpenAIServer, path: str
) -> None:
    key = await api.add_key("bob")
    hearing = asyncio.create_task(hear(api, key, path))
    await until_asked(upstream)

    await api.stores.api_keys.revoke(key[:SHOWN])

    said = await asyncio.wait_for(hearing, 5)
    assert "was revoked" in said
    assert "[DONE]" not in said
    await asyncio.wait_for(upstream.requests[-1].hung_up.wait(), 1)


async def test_a_stream_ends_when_its_key_expires(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    key = await api.add_key("bob", expires_at=soon)

    said = await asyncio.wait_for(hear(api, key), 10)

    assert "has expired" in said


async def test_who_waits_for_a_whole_answer_is_told_so_too(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(delay=60)
    key = await api.add_key("bob")
    body = {"model": "openai/double", "messages": [{"role": "user", "content": "go on"}]}
    asking = asyncio.create_task(api.post("chat/completions", body, key=key))
    await until_asked(upstream)

    await api.stores.api_keys.revoke(key[:SHOWN])

    status, _, told = await asyncio.wait_for(asking, 5)
    assert status == 401
    assert told["error"]["code"] == "invalid_api_key"


async def test_others_who_hear_the_same_call_go_on(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(text="word " * 60, delay=0.05)
    key, other = await api.add_key("bob"), await api.add_key("carl")
    hearing = [asyncio.create_task(hear(api, one)) for one in (key, other, other)]
    await until_asked(upstream)
    async with asyncio.timeout(5):
        while len(await api.rows()) < 3:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.01)

    await api.stores.api_keys.revoke(key[:SHOWN])

    revoked, *others = await asyncio.wait_for(asyncio.gather(*hearing), 15)
    assert "was revoked" in revoked
    assert all("[DONE]" in one for one in others)
    assert len(upstream.prompts) == 1


async def test_a_database_that_is_away_ends_nobodys_stream(
    api: ApiEndpoint, upstream: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: object) -> None:
        raise OSError("away")

    upstream.default_response = CannedResponse(text="word " * 30, delay=0.05)
    monkeypatch.setattr("bot.store.api_keys.ApiKeys.get_good", away)

    assert "[DONE]" in await hear(api, api.key)
