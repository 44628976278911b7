"""The double itself: what it refuses, and that it answers and tells in Slack's own shapes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectionError
from doubles.slack import Slack
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as double:
        yield double


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(
        slack.environ["SLACK_BOT_TOKEN"],
        base_url=slack.environ["NELLIE_SLACK_API_URL"],
        retry_handlers=[],
    )


async def test_carries_a_conversation_with_bolt(slack: Slack, client: AsyncWebClient) -> None:
    app = AsyncApp(client=client, token=slack.environ["SLACK_BOT_TOKEN"])

    @app.event("app_mention")
    async def answer(event: Any, say: Any) -> None:
        await say(f"Hello <{event['user']}>", thread_ts=event["ts"])

    @app.event("message")
    async def listen(event: Any) -> None:
        """Heard."""

    handler = AsyncSocketModeHandler(app, slack.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()
    await slack.until(lambda: slack.sockets.open)

    ts = slack.say("U1", "C1", "@nellie hi")
    await slack.until(lambda: slack.answers("C1", ts))
    await slack.settled()
    await handler.close_async()

    assert slack.answers("C1", ts) == ["Hello <U1>"]
    assert [one["text"] for one in slack.thread("C1", ts)] == ["<@UNELLIE> hi", "Hello <U1>"]
    assert not slack.delivery.lost


async def test_refuses_tokens_of_the_wrong_kind(slack: Slack, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.environ["SLACK_BOT_TOKEN"])
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await AsyncWebClient("xoxb-other", base_url=client.base_url).auth_test()


async def test_pages_through_history(slack: Slack, client: AsyncWebClient) -> None:
    said = [slack.say("U1", "C1", f"number {number}") for number in range(7)]

    pages = await client.conversations_history(channel="C1", limit=3)
    found = [message["ts"] async for page in pages for message in page["messages"]]

    assert found == said[::-1]


async def test_a_cut_connection_has_posted(slack: Slack, client: AsyncWebClient) -> None:
    slack.faults.cut("chat.postMessage", every=2)

    await client.chat_postMessage(channel="C1", text="one")
    with pytest.raises(ClientConnectionError):
        await client.chat_postMessage(channel="C1", text="two")

    assert slack.answers("C1") == ["one", "two"]
