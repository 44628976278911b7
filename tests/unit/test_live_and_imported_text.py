"""The same event is the same text, heard live or read from an archive: one table for each."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from doubles.discord_listener import Listener
from doubles.discord_server import Discord

from adapters.discord.archive import DiscordChatExporter
from adapters.slack.archive import SlackExport
from adapters.slack.incoming import BotIdentity, Names, check_fields, to_message
from bot.domain.model import Channel, Message

PEOPLE = {"U1": "Ada", "U2": "Grace", "USLACKBOT": "Slackbot"}
GENERAL = Channel("slack", "T1", "C1", "general")
SERVER = Channel("discord", "900", "901", "general")
IDENTITY = BotIdentity("T1", "UN", "BN", "https://x.slack.com/")


def block(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def mrkdwn(text: str) -> dict[str, Any]:
    return block("mrkdwn", text=text)


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [block("rich_text", elements=[block("rich_text_section", elements=list(elements))])]


BOT = {"subtype": "bot_message", "bot_id": "B7", "username": "pumps", "user": None}
SLACK: dict[str, dict[str, Any]] = {
    "a text": {"text": "a &lt;b&gt; <https://x.example|page> <@U2> <#C1> <#C2|secret>"},
    "a text that begins with a colon": {"text": ":tada: we shipped"},
    "a text that begins with a comma": {"text": ",5 percent"},
    "an address": {"text": "::1 is localhost"},
    "rich text alone": {"text": "", "blocks": rich(block("text", text="in blocks"))},
    "rich text beside its text": {"text": "*so*", "blocks": rich(block("text", text="so"))},
    "an emoji alone": {"text": "", "blocks": rich(block("emoji", name="wave"))},
    "a channel in rich text": {"blocks": rich(block("channel", channel_id="C2"))},
    "an action": {"subtype": "me_message", "text": "waves"},
    "a broadcast": {"subtype": "thread_broadcast", "thread_ts": "1.000001", "text": "for all"},
    "a shared message": {
        "text": "look",
        "attachments": [{"is_share": True, "author_name": "Grace", "text": "low tide"}],
    },
    "a link with its preview": {
        "text": "<https://x.example>",
        "attachments": [{"from_url": "https://x.example", "title": "A page"}],
    },
    "an app's header and fields": {
        **BOT,
        "blocks": [
            block("header", text=block("plain_text", text="Pump 3")),
            block("section", fields=[mrkdwn("*State*\ndry")]),
        ],
    },
    "an app's attachment": {
        **BOT,
        "text": "Alert",
        "attachments": [
            {"pretext": "Now", "title": "Pump 3", "fields": [{"title": "State", "value": "dry"}]}
        ],
    },
    "an app's blocks in an attachment": {
        **BOT,
        "attachments": [
            {
                "fallback": "[no preview available]",
                "blocks": [block("section", text=mrkdwn("dry"))],
            }
        ],
    },
    "an app's table": {
        **BOT,
        "blocks": [block("table", rows=[[block("raw_text", text=cell) for cell in ("a", "b")]])],
    },
    "a workflow": {
        "user": "U7",
        "bot_id": "B8",
        "bot_profile": {"id": "B8", "name": "Standup"},
        "text": "What did you do?",
    },
    "Slackbot": {"user": "USLACKBOT", "text": "Reminder: the tide"},
    "Slackbot's response": {"user": "USLACKBOT", "subtype": "slackbot_response", "text": "42"},
}


@pytest.mark.parametrize("event", SLACK.values(), ids=SLACK)
def test_slack_live_and_imported(event: dict[str, Any], tmp_path: Path) -> None:
    whole = {"type": "message", "user": "U1", "ts": "1700000000.000100", **event}
    (tmp_path / "general").mkdir()
    write(tmp_path / "channels.json", [{"id": "C1", "name": "general"}])
    write(tmp_path / "groups.json", [{"id": "C2", "name": "secret"}])
    people = [{"id": id_, "real_name": name} for id_, name in PEOPLE.items()]
    write(tmp_path / "users.json", people)
    write(tmp_path / "general" / "2023-11-14.json", [whole])

    names = Names(PEOPLE, {"C1": "general"})
    live = to_message(check_fields(whole), GENERAL, IDENTITY, names)

    (imported,) = SlackExport().read(tmp_path, GENERAL)
    assert isinstance(imported, Message)
    assert (imported.text, imported.author, imported.mentions) == (
        live.text,
        live.author,
        live.mentions,
    )
    assert "secret" not in imported.text


ROBOT = {"id": "66", "username": "pumps", "discriminator": "0000", "avatar": None, "bot": True}
PUMP = {
    "type": "rich",
    "title": "Pump 3",
    "url": "https://x.example/3",
    "author": {"name": "Harbour"},
    "fields": [
        {"name": "State", "value": "dry", "inline": True},
        {"name": "Since", "value": "noon"},
    ],
    "footer": {"text": "watch v7"},
}
FORWARDED = {
    "type": 0,
    "content": "low tide",
    "embeds": [],
    "attachments": [],
    "timestamp": "2026-03-01T12:00:00+00:00",
    "edited_timestamp": None,
}


def file(name: str) -> dict[str, Any]:
    url = f"https://x.example/{name}"
    return {"id": "5", "filename": name, "size": 9, "url": url, "proxy_url": url}


DISCORD: dict[str, dict[str, Any]] = {
    "a text": {"content": ":tada: we shipped"},
    "markup": {"content": "at <t:1772452800:F>, <:parrot:123> </memory show:5> <#77> <@&8>"},
    "a sticker": {"sticker_items": [{"id": "5", "name": "thumbs up", "format_type": 1}]},
    "a voice message": {
        "flags": 8192,
        "attachments": [file("voice-message.ogg") | {"duration_secs": 4.2, "waveform": "AAAA"}],
    },
    "files": {"content": "see", "attachments": [file("plan.pdf"), file("cat.PNG")]},
    "a sound and a film": {"attachments": [file("song.mp3"), file("sea.mp4"), file("x")]},
    "a forwarded file beside a voice message": {
        "attachments": [file("voice-message.ogg")],
        "message_snapshots": [{"message": FORWARDED | {"attachments": [file("plan.pdf")]}}],
    },
    "a forwarded message": {"message_snapshots": [{"message": FORWARDED}]},
    "a forwarded embed": {"message_snapshots": [{"message": FORWARDED | {"embeds": [PUMP]}}]},
    "a forwarded sticker": {
        "message_snapshots": [
            {
                "message": FORWARDED
                | {"sticker_items": [{"id": "5", "name": "wave", "format_type": 1}]}
            }
        ]
    },
    "a person's link with its preview": {
        "content": "see https://x.example/3",
        "embeds": [{"type": "link", "url": "https://x.example/3", "title": "A page"}],
    },
    "a bot's embeds": {"author": ROBOT, "embeds": [PUMP, {"type": "rich", "description": "wet"}]},
    "a bot's fields alone": {
        "author": ROBOT,
        "embeds": [{"type": "rich", "fields": [{"name": "Host", "value": "quay-7"}]}],
    },
    "a bot's embed beside its text": {"author": ROBOT, "content": "Alert", "embeds": [PUMP]},
    "a bot's answer to a command": {"author": ROBOT, "type": 20, "content": "pong"},
    "the result of a poll that an emoji alone has won": {
        "type": 46,
        "embeds": [
            {
                "type": "poll_result",
                "fields": [
                    {"name": "poll_question_text", "value": "Which soup?"},
                    {"name": "victor_answer_emoji_name", "value": "🍜"},
                    {"name": "victor_answer_votes", "value": "2"},
                    {"name": "total_votes", "value": "3"},
                ],
            }
        ],
    },
    "the result of a poll": {
        "type": 46,
        "embeds": [
            {
                "type": "poll_result",
                "fields": [
                    {"name": "poll_question_text", "value": "When?"},
                    {"name": "victor_answer_text", "value": "Friday"},
                    {"name": "victor_answer_votes", "value": "3"},
                    {"name": "total_votes", "value": "4"},
                ],
            }
        ],
    },
}


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener(Discord(), 66)
    yield listening
    await listening.connection.close()


@pytest.mark.parametrize("event", DISCORD.values(), ids=DISCORD)
async def test_discord_live_and_imported(
    event: dict[str, Any], listener: Listener, tmp_path: Path
) -> None:
    discord = Discord()
    discord.world.gateway.emit = listener.hear  # type: ignore[method-assign]
    for name, data in discord.world.welcome():
        listener.hear(name, data | {"resume_gateway_url": "", "session_id": ""})
    discord.say(discord.ana, discord.general, "", **event)
    live = await listener.heard()
    post = discord.general.posts[-1].json()

    write(tmp_path / "general.json", exported(post))
    (imported,) = DiscordChatExporter().read(tmp_path / "general.json", SERVER)

    assert isinstance(imported, Message)
    assert (imported.text, imported.author.id, imported.author.bot) == (
        live.text,
        live.author.id,
        live.author.bot,
    )
    assert [(one.id, one.name) for one in imported.files] == [
        (one.id, one.name) for one in live.files
    ]
    assert live.text


def exported(post: dict[str, Any]) -> dict[str, Any]:
    """What DiscordChatExporter makes of a message, with `--markdown false`."""
    kinds = {0: "Default", 19: "Reply"}
    snapshots = post.get("message_snapshots")
    forwarded = {"forwardedMessage": shown(snapshots[0]["message"])} if snapshots else {}
    author = post["author"]
    message = {
        "id": post["id"],
        "type": kinds.get(post["type"], str(post["type"])),
        "author": {
            "id": author["id"],
            "name": author["username"],
            "nickname": author.get("global_name") or author["username"],
            "isBot": author.get("bot", False),
        },
        "mentions": [],
        **shown(post),
        **forwarded,
    }
    channel = {"id": "901", "type": "GuildTextChat", "name": "general"}
    return {"guild": {"id": "900", "name": "x"}, "channel": channel, "messages": [message]}


def shown(post: dict[str, Any]) -> dict[str, Any]:
    return {
        "timestamp": post["timestamp"],
        "content": post["content"],
        "attachments": [{"id": "5", "fileName": one["filename"]} for one in post["attachments"]],
        "embeds": [
            {
                "title": one.get("title", ""),
                "url": one.get("url"),
                "description": one.get("description", ""),
                **{key: one[key] for key in ("author", "footer") if key in one},
                "fields": [
                    {"name": field["name"], "value": field["value"], "isInline": False}
                    for field in one.get("fields", [])
                ],
            }
            for one in post["embeds"]
        ],
        "stickers": [{"id": "5", "name": one["name"]} for one in post.get("sticker_items", [])],
    }


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))
