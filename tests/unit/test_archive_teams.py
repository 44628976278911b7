"""What the export tools of Microsoft Teams give comes in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.teams.archive import TeamsExport
from bot.domain.model import Message
from bot.domain.ports import BadLine

CHANNEL = {"teamId": "t1", "channelId": "19:abc@thread.tacv2"}


def said(id_: str = "1709280000123", content: str = "<p>hi</p>", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "messageType": "message",
        "createdDateTime": "2024-03-01T08:00:00.1234567Z",
        "from": {"user": {"id": "u-1", "displayName": "Ana"}},
        "body": {"contentType": "html", "content": content},
        "channelIdentity": CHANNEL,
        **more,
    }


def export(folder: Path, content: object, name: str = "general.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def read(path: Path) -> tuple[list[Message], list[BadLine], TeamsExport]:
    archive = TeamsExport()
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    messages = [one for one in entries if isinstance(one, Message)]
    return messages, [one for one in entries if isinstance(one, BadLine)], archive


@pytest.mark.parametrize(
    "content",
    [
        {"@odata.context": "x", "value": [said("1"), said("2")]},
        [said("1"), said("2")],
        {"messages": [said("1"), said("2")]},
        [{"value": [said("1")]}, {"value": [said("2")]}],
        "\n".join(json.dumps(said(id_)) for id_ in "12") + "\n",
        [said("1", replies=[said("2", replyToId="1", channelIdentity=None)])],
    ],
    ids=["page", "list", "messages", "pages", "lines", "replies"],
)
def test_lists_pages_and_lines_of_messages_are_read(tmp_path: Path, content: object) -> None:
    messages, bad, _ = read(export(tmp_path, content))

    assert not bad
    assert [(one.id, one.text, one.channel.id) for one in messages] == [
        ("1", "hi", "general"),
        ("2", "hi", "general"),
    ]
    assert messages[0].at == datetime(2024, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert (messages[0].author.id, messages[0].author.name) == ("u-1", "Ana")


def test_replies_stand_in_the_thread_of_what_they_answer(tmp_path: Path) -> None:
    one, two = read(export(tmp_path, [said("1", replies=[said("2", replyToId="1")])]))[0]

    assert (one.thread, two.thread) == ("1", "1")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (
            {"content": "<p>Hello <at id='0'>Bob</at>&nbsp;you</p><p>2nd &lt;b&gt;</p>"},
            "Hello Bob you\n\n2nd <b>",
        ),
        ({"content": "a<br>b<ul><li>c</li></ul><script>x</script>"}, "a\nb\n\n- c"),
        ({"content": "<img alt='cat'> ok"}, "cat ok"),
        ({"body": {"contentType": "text", "content": "a < b"}}, "a < b"),
        ({"subject": "Release", "content": "<p>now</p>"}, "Release\nnow"),
        (
            {"attachments": [{"contentType": "reference", "name": "plan.docx"}]},
            "hi\n[file: plan.docx]",
        ),
    ],
)
def test_what_people_saw(tmp_path: Path, more: dict[str, Any], text: str) -> None:
    [one], _, _ = read(export(tmp_path, [said(**more)]))

    assert one.text == text


def test_cards_of_apps_are_read(tmp_path: Path) -> None:
    card = {"contentType": "application/vnd.microsoft.card.adaptive"}
    card["content"] = json.dumps({"body": [{"text": "Build"}, {"text": "red"}]})
    app = {"application": {"id": "a", "displayName": "CI"}}

    [one], _, _ = read(export(tmp_path, [said(content="", attachments=[card], **{"from": app})]))

    assert (one.text, one.author.name, one.author.bot) == ("Build\nred", "CI", True)


def test_what_nobody_said_is_counted_and_what_is_broken_reported(tmp_path: Path) -> None:
    event = said("2", messageType="systemEventMessage", **{"from": None})
    deleted = said("3", deletedDateTime="2024-03-01T09:00:00Z")

    messages, bad, archive = read(
        export(tmp_path, [said("1"), event, deleted, 7, said("4", createdDateTime="soon")])
    )

    assert [one.id for one in messages] == ["1"]
    assert [one.line for one in bad] == [4, 5]
    assert archive.skipped == {"systemEventMessage": 1, "deleted": 1}


def test_several_conversations_in_a_file_are_channels_apart(tmp_path: Path) -> None:
    chat = said("2", channelIdentity=None, chatId="19:meeting_x@thread.v2")

    found = TeamsExport().channels(export(tmp_path, [said("1"), chat], name="all.json"))

    assert [one.id for one in found] == ["all 19:abc@thread.tacv2", "all 19:meeting_x@thread.v2"]


def test_a_personal_export_has_its_conversations_as_channels(tmp_path: Path) -> None:
    entry = {
        "id": "1525099",
        "originalarrivaltime": "2018-04-30T14:38:08.123Z",
        "messagetype": "RichText",
        "content": "hi &amp; <b>bye</b>",
        "from": "https://x.example/v1/users/8:live:ana",
    }
    joined = {**entry, "messagetype": "ThreadActivity/AddMember"}
    family = {"id": "19:x", "displayName": None, "threadProperties": {"topic": "Family"}}
    bob = {
        "id": "8:live:bob",
        "displayName": "Bob",
        "MessageList": [{**entry, "messagetype": "Text"}],
    }
    whole = {
        "userId": "8:live:me",
        "conversations": [{**family, "MessageList": [entry, joined]}, bob],
    }

    messages, _, archive = read(export(tmp_path, whole, name="messages.json"))

    assert [(one.channel.id, one.author.id) for one in messages] == [
        ("Family", "8:live:ana"),
        ("Bob", "8:live:ana"),
    ]
    assert messages[0].text == "hi & bye"
    assert archive.skipped == {"ThreadActivity/AddMember": 1}


@pytest.mark.parametrize("content", [[], {}, [{"id": "1", "text": "x"}], "<html>", "[1, 2"])
def test_other_files_are_not_taken_for_an_export(tmp_path: Path, content: object) -> None:
    assert not TeamsExport().recognizes(export(tmp_path, content))
