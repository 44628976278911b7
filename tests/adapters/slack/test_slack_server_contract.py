"""Whatever the double answers or sends has the shape that Slack's own examples have."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.slack_server import NELLIE, Slack
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

FOLDER = os.environ.get("NELLIE_CONTRACTS") or Path(__file__).parents[4] / "shared/contracts"
EXAMPLES = Path(FOLDER) / "slack"
pytestmark = pytest.mark.skipif(
    not EXAMPLES.exists(), reason="Slack's examples are not here: NELLIE_CONTRACTS names the folder"
)
_EVENTS = {
    "app_home_opened": "AppHomeOpened",
    "app_mention": "AppMention",
    "app_uninstalled": "AppUninstalled",
    "channel_archive": "ChannelArchive",
    "channel_rename": "ChannelRename",
    "member_joined_channel": "MemberJoinedChannel",
    "member_left_channel": "MemberLeftChannel",
    "reaction_added": "ReactionAdded",
    "tokens_revoked": "TokensRevoked",
    "message": "Message",
    "message/bot_message": "MessageBot",
    "message/file_share": "MessageFileShare",
    "message/me_message": "MessageMe",
    "message/message_changed": "MessageChanged",
    "message/message_deleted": "MessageDeleted",
    "message/thread_broadcast": "MessageThreadBroadcast",
}
_BEYOND = {".channel.user"}
"""What Slack sends though its examples do not have it."""


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(retries=()) as double:
        yield double


async def test_answers_in_the_shapes_of_the_web_api(slack: Slack) -> None:
    await _call_everything(slack)

    checked = set()
    for call in slack.calls:
        path = EXAMPLES / "api" / f"{call.method}.json"
        if path.exists():
            checked.add(call.method)
            faults = set(_faults(call.answer, json.loads(path.read_text())))
            assert faults <= _BEYOND, f"{call.method}: {faults}"
    assert checked == {path.stem for path in EXAMPLES.glob("api/*.json")}


async def test_sends_events_in_the_shapes_of_slack(slack: Slack) -> None:
    _do_everything(slack)

    seen, wrong = set(), {}
    for envelope in slack.delivery.envelopes:
        event = envelope.payload.get("event", {})
        name = "/".join(filter(None, (event.get("type"), event.get("subtype"))))
        if name in _EVENTS:
            seen.add(name)
            path = EXAMPLES / "events" / f"{_EVENTS[name]}Payload.json"
            if faults := set(_faults(envelope.payload, json.loads(path.read_text()))):
                wrong[name] = faults
    assert not wrong
    assert seen == _EVENTS.keys()


def _faults(found: Any, example: Any, path: str = "") -> Iterator[str]:
    """The places where it has a key or a type that the example does not have there."""
    if found is None or example in ([], {}):
        return
    if type(found) is not type(example):
        yield f"{path} is {type(found).__name__}"
    elif isinstance(found, dict):
        yield from (f"{path}.{key}" for key in found if key not in example)
        for key in found.keys() & example.keys() - {"blocks"}:  # the examples hold some kinds only
            yield from _faults(found[key], example[key], f"{path}.{key}")
    elif isinstance(found, list):
        for item in found:
            yield from min((list(_faults(item, one, f"{path}[]")) for one in example), key=len)


async def _call_everything(slack: Slack) -> None:
    token, base = slack.environ["SLACK_BOT_TOKEN"], slack.environ["NELLIE_SLACK_API_URL"]
    client = AsyncWebClient(token, base_url=base, retry_handlers=[])
    ts, direct = slack.say("U1", "C1", "hello"), slack.direct("U1").id
    await client.apps_connections_open(app_token=slack.environ["SLACK_APP_TOKEN"])
    await client.auth_test()
    await client.team_info()
    await client.bots_info(bot="B1")
    await client.users_info(user="U1")
    await client.users_info(user=NELLIE)
    await client.conversations_info(channel="C1")
    await client.conversations_info(channel=direct)
    await client.conversations_list(types="public_channel,im", limit=1)
    await client.conversations_members(channel="C1")
    await client.reactions_add(channel="C1", timestamp=ts, name="eyes")
    await client.reactions_remove(channel="C1", timestamp=ts, name="eyes")
    await client.chat_getPermalink(channel="C1", message_ts=ts)
    await client.chat_postEphemeral(channel="C1", user="U1", text="psst")
    await client.assistant_threads_setStatus(channel_id="C1", thread_ts=ts, status="thinking")
    await client.assistant_threads_setTitle(channel_id=direct, thread_ts=ts, title="Ships")
    await client.assistant_threads_setSuggestedPrompts(
        channel_id=direct, prompts=[{"title": "Catch up", "message": "Catch me up"}]
    )
    with pytest.raises(SlackApiError, match="missing_recipient_team_id"):
        await client.chat_startStream(channel="C1", thread_ts=ts)
    asker = {"recipient_user_id": "U1", "recipient_team_id": "T1"}
    begun = await client.chat_startStream(channel="C1", thread_ts=ts, **asker)
    at = {"channel": "C1", "ts": begun["ts"]}
    await client.chat_appendStream(**at, markdown_text="Hello")
    await client.chat_stopStream(**at)
    await client.chat_delete(**at)
    await client.files_upload_v2(channel="C1", filename="a.txt", content="abc")


def _do_everything(slack: Slack) -> None:
    ts = slack.say("U1", "C1", "@nellie hi, see <https://a.example|this>")
    slack.say("U2", "C1", "yes", thread=ts)
    slack.say("U2", "C1", "all of you", thread=ts, broadcast=True)
    slack.say("U2", "C1", "look", files=[("notes.txt", b"abc")])
    slack.bot_says("C1", "beep")
    room = slack.room("C1")
    me = {"subtype": "me_message", "user": "U1", "text": "waves"}
    slack.send_message_events(room, slack.add_message(room, me))
    slack.edit("C1", ts, "@nellie hello")
    slack.delete("C1", ts)
    slack.react("U1", "C1", ts)
    slack.open_home("U1")
    slack.invite("C1", slack.person("dora").id)
    slack.kick("C1", "U3")
    slack.rename("C1", "lobby")
    slack.archive("C1")
    slack.uninstall()
