"""The double itself: it delivers, redelivers, limits and refuses as Slack does."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientConnectionError
from doubles.slack_server import Slack
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
    sent = [slack.say("U1", "C1", f"number {number}") for number in range(7)]

    pages = await client.conversations_history(channel="C1", limit=3)
    found = [message["ts"] async for page in pages for message in page["messages"]]

    assert found == sent[::-1]


async def test_a_cut_connection_has_posted(slack: Slack, client: AsyncWebClient) -> None:
    slack.faults.cut("chat.postMessage", every=2)

    await client.chat_postMessage(channel="C1", text="one")
    with pytest.raises(ClientConnectionError):
        await client.chat_postMessage(channel="C1", text="two")

    assert slack.answers("C1") == ["one", "two"]


async def test_rate_limits_calls_that_come_too_fast(slack: Slack, client: AsyncWebClient) -> None:
    slack.faults.limit_rate("chat.postMessage", calls=2, seconds=60)
    for number in range(2):
        await client.chat_postMessage(channel="C1", text=f"number {number}")

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="too much")

    assert caught.value.response.status_code == 429
    assert 0 < int(caught.value.response.headers["Retry-After"]) <= 60
    assert len(slack.answers("C1")) == 2


async def test_names_the_missing_scope(client: AsyncWebClient, slack: Slack) -> None:
    slack.scopes.remove("users:read")

    with pytest.raises(SlackApiError, match="missing_scope") as caught:
        await client.users_info(user="U1")

    assert caught.value.response["needed"] == "users:read"


async def test_shows_metadata_to_those_who_ask(slack: Slack, client: AsyncWebClient) -> None:
    about = {"event_type": "an_answer", "event_payload": {"turn_id": 7}}
    ts = slack.say("U1", "C1", "root")
    await client.chat_postMessage(channel="C1", text="yes", thread_ts=ts, metadata=about)

    plain = await client.conversations_replies(channel="C1", ts=ts)
    full = await client.conversations_replies(channel="C1", ts=ts, include_all_metadata=True)

    assert [one.get("metadata") for one in plain["messages"]] == [None, None]
    assert [one.get("metadata") for one in full["messages"]] == [None, about]


async def begin(client: AsyncWebClient, root: str, text: str = "Hello") -> dict[str, str]:
    """A stream; returns the arguments that name it."""
    asker = {"recipient_user_id": "U1", "recipient_team_id": "T1"}
    begun = await client.chat_startStream(channel="C1", thread_ts=root, markdown_text=text, **asker)
    return {"channel": "C1", "ts": begun["ts"]}


async def test_streams_until_they_are_stopped(slack: Slack, client: AsyncWebClient) -> None:
    root = slack.say("U1", "C1", "root")
    stream = await begin(client, root)
    await client.chat_appendStream(**stream, markdown_text=" world")
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await client.chat_update(**stream, text="other")

    await client.chat_stopStream(**stream, markdown_text="!")

    assert slack.answers("C1", root) == ["Hello world!"]
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await client.chat_appendStream(**stream, markdown_text="more")
    await client.chat_update(**stream, text="other")
    assert slack.answers("C1", root) == ["other"]


async def test_ends_streams_by_size_by_time_and_by_people(client: AsyncWebClient) -> None:
    async with Slack(stream_ttl=0) as slow, Slack() as slack:
        for double, error in ((slow, "message_not_in_streaming_state"), (slack, "msg_too_long")):
            client.base_url = double.environ["NELLIE_SLACK_API_URL"]
            stream = await begin(client, double.say("U1", "C1", "root"), "x" * 11_990)
            with pytest.raises(SlackApiError, match=error):
                await client.chat_appendStream(**stream, markdown_text="more than fits")
        root = slack.say("U1", "C1", "root")
        stream = await begin(client, root)

        slack.stop("U1", "C1", root)

        with pytest.raises(SlackApiError, match="stopped_by_user"):
            await client.chat_appendStream(**stream, markdown_text="more")


async def test_redelivers_what_is_not_acknowledged(client: AsyncWebClient) -> None:
    async with Slack(ack_within=0.1, retries=(0, 0.1)) as slack, aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(slack.sockets.ticket()) for _ in range(2)]
        assert [(await one.receive_json())["type"] for one in sockets] == ["hello", "hello"]

        got: list[Any] = []
        reading = [asyncio.create_task(_read(one, got)) for one in sockets]

        slack.say("U1", "C1", "anybody?")
        await slack.settled()
        await slack.until(lambda: len(got) == 3)

        assert len({one["envelope_id"] for one in got}) == 1
        assert sorted(one["retry_attempt"] for one in got) == [0, 1, 2]
        assert [len(slack.delivery.lost), slack.delivery.lost[0].attempts] == [1, 3]
        await slack.sockets.disconnect()
        await asyncio.gather(*reading)
        assert [one["type"] for one in got[3:]] == ["disconnect", "disconnect"]


async def _read(socket: aiohttp.ClientWebSocketResponse, got: list[Any]) -> None:
    async for message in socket:
        got.append(json.loads(message.data))  # noqa: PERF401  # each is read at once
