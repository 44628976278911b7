"""Zulip's exports come in, topics as threads."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.zulip.archive import ZulipExport
from bot.domain.errors import ArchiveError
from bot.domain.model import Message
from bot.domain.ports import BadLine

REALM = {
    "zerver_realm": [{"id": 2, "name": "x"}],
    "zerver_stream": [{"id": 7, "name": "general"}, {"id": 8, "name": "ops"}, None, {"id": "9"}],
    "zerver_userprofile": [
        {"id": 11, "full_name": "Ana", "is_bot": False},
        {"id": 12, "full_name": "Bob"},
        {"id": 13, "full_name": "CI", "is_bot": True},
    ],
    "zerver_userprofile_crossrealm": [{"id": 1, "full_name": "Notification Bot", "is_bot": True}],
    "zerver_recipient": [
        {"id": 70, "type": 2, "type_id": 7},
        {"id": 71, "type": 2, "type_id": 8},
        {"id": 80, "type": 1, "type_id": 12},
        {"id": 90, "type": 3, "type_id": 4},
    ],
    "zerver_subscription": [{"recipient": 90, "user_profile": user} for user in (11, 12, 13)],
}


def said(id_: int, content: object = "hi", **more: Any) -> dict[str, Any]:
    entry = {
        "id": id_,
        "sender": 11,
        "recipient": 70,
        "subject": "Deploy",
        "date_sent": 1709280000.5,
    }
    return {**entry, "content": content, **more}


def export(folder: Path, *messages: object, number: int = 1, realm: bool = True) -> Path:
    if realm:
        (folder / "realm.json").write_text(json.dumps(REALM))
    content = {"zerver_usermessage": [{"id": 1}], "zerver_message": messages}
    (folder / f"messages-{number:06}.json").write_text(json.dumps(content))
    return folder


def read(path: Path, *, direct: bool = True) -> tuple[list[Message], list[BadLine], ZulipExport]:
    archive = ZulipExport()
    assert archive.recognizes(path)
    chosen = [one for one in archive.channels(path) if direct or not one.direct]
    entries = list(archive.read_channels(path, chosen))
    messages = [one for one in entries if isinstance(one, Message)]
    return messages, [one for one in entries if isinstance(one, BadLine)], archive


def test_streams_are_channels_and_topics_threads(tmp_path: Path) -> None:
    export(tmp_path, said(1), said(2, subject="deploy", sender=12), said(3, recipient=71))
    export(tmp_path, said(4, subject="Lunch"), number=2)

    messages, bad, _ = read(tmp_path)

    assert not bad
    assert [(one.channel.id, one.thread) for one in messages] == [
        ("general", "topic:deploy"),
        ("general", "topic:deploy"),
        ("ops", "topic:deploy"),
        ("general", "topic:lunch"),
    ]
    assert messages[0].at == datetime(2024, 3, 1, 8, 0, 0, 500000, tzinfo=UTC)
    assert (messages[1].author.id, messages[1].author.name) == ("12", "Bob")


def test_direct_messages_are_channels_of_their_people(tmp_path: Path) -> None:
    export(tmp_path, said(1, recipient=80), said(2, recipient=90), said(3))

    found = ZulipExport().channels(tmp_path)

    assert [(one.id, one.direct) for one in found] == [
        ("Ana, Bob", True),
        ("Ana, Bob, CI", True),
        ("general", False),
    ]
    assert [one.id for one in read(tmp_path, direct=False)[0]] == ["3"]


@pytest.mark.parametrize(
    ("content", "text", "mentions"),
    [
        ("hi @**Bob**", "hi @Bob", ("12",)),
        ("hi @**Bob|12** and @_**Ana|11**", "hi @Bob and @Ana", ("12", "11")),
        ("see #**ops>lunch**", "see #ops>lunch", ()),
        ("[plan.pdf](/user_uploads/2/ab/plan.pdf)", "[plan.pdf](/user_uploads/2/ab/plan.pdf)", ()),
        ("**bold** /me", "**bold** /me", ()),
    ],
)
def test_people_and_channels_are_named_as_they_are_seen(
    tmp_path: Path, content: str, text: str, mentions: tuple[str, ...]
) -> None:
    [one], _, _ = read(export(tmp_path, said(1, content)))

    assert (one.text, one.mentions) == (text, mentions)


@pytest.mark.parametrize(
    "spoiled",
    [7, None, {"id": 2}, said(2, recipient=999), said(2, date_sent="soon"), said(2, None)],
)
def test_a_spoiled_message_costs_no_other(tmp_path: Path, spoiled: object) -> None:
    messages, bad, _ = read(export(tmp_path, said(1), spoiled, said(3)))

    assert [one.id for one in messages] == ["1", "3"]
    assert [one.line for one in bad] == [2]


def test_notifications_are_counted(tmp_path: Path) -> None:
    messages, _, archive = read(export(tmp_path, said(1), said(2, sender=1), said(3, " ")))

    assert [one.id for one in messages] == ["1"]
    assert archive.skipped == {"notification": 1, "without text": 1, "other files": 1}


def test_messages_without_their_realm_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"realm\.json is not beside it"):
        read(export(tmp_path, said(1), realm=False))
