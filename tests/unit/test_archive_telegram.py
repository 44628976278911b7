"""Telegram Desktop's exports as JSON come in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.telegram.archive import TelegramExport
from bot.domain.model import Message
from bot.domain.ports import BadLine

ANA = {"from": "Ana", "from_id": "user1"}


def said(number: int, text: Any, **more: Any) -> dict[str, Any]:
    at = f"2024-03-01T09:{number:02}:00"
    return {"id": number, "type": "message", "date": at, **ANA, "text": text, **more}


def chat(
    *messages: object, name: str | None = "Team", id_: int = 7, kind: str = "private_group"
) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return {**named, "type": kind, "id": id_, "messages": list(messages)}


def export(folder: Path, content: object, name: str = "result.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def read(path: Path) -> tuple[list[Message], list[BadLine], TelegramExport]:
    archive = TelegramExport()
    archive.zone = UTC
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    return (
        [entry for entry in entries if isinstance(entry, Message)],
        [entry for entry in entries if isinstance(entry, BadLine)],
        archive,
    )


def test_a_single_chat_comes_in_with_its_replies(tmp_path: Path) -> None:
    path = export(
        tmp_path,
        chat(
            said(1, "hello", date_unixtime="1709283600"),
            said(2, "hi", reply_to_message_id=1, **{"from": "Bob", "from_id": "user2"}),
        ),
    )

    (one, two), bad, _ = read(path)

    assert not bad
    assert (one.channel.id, one.author.id, one.author.name) == ("Team", "user1", "Ana")
    assert one.at == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert two.at == datetime(2024, 3, 1, 9, 2, tzinfo=UTC)
    assert two.reply_to == one.id


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            said(1, ["see ", {"type": "link", "text": "https://x.example"}, "!"]),
            "see https://x.example!",
        ),
        (said(1, [{"type": "text_link", "text": "here", "href": "https://y"}]), "here (https://y)"),
        (said(1, [{"type": "pre", "text": "a = 1\nb = 2", "language": "py"}]), "a = 1\nb = 2"),
        (said(1, "news", forwarded_from="Desk"), "[forwarded from Desk]\nnews"),
        (said(1, "", photo="photos/1.jpg"), "[photo]"),
        (
            said(1, "look", photo="(File not included. Change data exporting settings)"),
            "look\n[photo]",
        ),
        (said(1, "", file="files/plan.pdf"), "[file: plan.pdf]"),
        (said(1, "", media_type="sticker", sticker_emoji="😄", file="s.webp"), "[sticker 😄]"),
        (said(1, "", media_type="voice_message", file="v.ogg"), "[voice message]"),
        (
            said(1, "", poll={"question": "Tea?", "answers": [{"text": "yes"}]}),
            "[poll] Tea?\n- yes",
        ),
        (said(1, "", location_information={"latitude": 1}), "[place: on a map]"),
    ],
)
def test_texts_and_what_is_attached(tmp_path: Path, message: dict[str, Any], text: str) -> None:
    [one], _, _ = read(export(tmp_path, chat(message)))

    assert one.text == text


def test_a_full_export_has_each_chat_as_a_channel(tmp_path: Path) -> None:
    chats = {
        "about": "x",
        "list": [
            chat(said(1, "empty chats are none"), id_=1),
            chat(id_=2, name="Silent"),
            chat(said(1, "to me"), name=None, kind="saved_messages", id_=3),
            chat(said(5, "from the other team"), id_=4),
            chat(said(6, "of somebody gone"), name=None, kind="personal_chat", id_=5),
        ],
    }
    left = {"about": "y", "list": [chat(said(1, "left"), name="Old", id_=6)]}
    path = export(tmp_path, {"about": "all", "chats": chats, "left_chats": left})

    messages, _, _ = read(path)

    assert [(one.channel.id, one.text) for one in messages] == [
        ("Team 1", "empty chats are none"),
        ("saved messages", "to me"),
        ("Team 4", "from the other team"),
        ("telegram 5", "of somebody gone"),
        ("Old", "left"),
    ]
    assert len({one.id for one in messages}) == 5


def test_old_exports_have_numbers_for_people_and_no_names_for_those_who_left(
    tmp_path: Path,
) -> None:
    gone = {**said(2, "bye"), "from": None, "from_id": 4571}

    one, two = read(export(tmp_path, chat(said(1, "hi", from_id=1), gone)))[0]

    assert (one.author.id, two.author.id) == ("user1", "user4571")
    assert two.author.name == "Deleted Account"


def test_what_nobody_said_is_counted_by_its_kind(tmp_path: Path) -> None:
    joined = {"id": 1, "type": "service", "action": "invite_members", "date": "2024-03-01T09:00:00"}

    messages, _, archive = read(
        export(
            tmp_path, chat(joined, {**joined, "action": "phone_call"}, said(2, ""), said(3, "x"))
        )
    )

    assert [one.text for one in messages] == ["x"]
    assert archive.skipped == {"invite_members": 1, "phone_call": 1, "without text": 1}


@pytest.mark.parametrize(
    "spoiled",
    [
        {"type": "message", "text": "x"},
        7,
        None,
        {**said(2, "x"), "date": "soon"},
        {**said(2, "x"), "id": "2"},
    ],
)
def test_a_spoiled_message_costs_no_other(tmp_path: Path, spoiled: object) -> None:
    messages, bad, _ = read(export(tmp_path, chat(said(1, "a"), spoiled, said(3, "b"))))

    assert [one.text for one in messages] == ["a", "b"]
    assert [one.line for one in bad] == [2]


def test_of_a_file_that_is_cut_off_what_is_whole_comes_in(tmp_path: Path) -> None:
    whole = json.dumps(chat(said(1, "a"), said(2, "b"), said(3, "c")))

    messages, bad, _ = read(export(tmp_path, whole[: whole.index('"c"')]))

    assert [one.text for one in messages] == ["a", "b"]
    assert "what is whole before it was read" in bad[-1].reason


@pytest.mark.parametrize(
    "content", [{}, [], {"messages": []}, {"guild": {}, "channel": {}, "messages": []}, "not json"]
)
def test_other_files_are_not_taken_for_an_export(tmp_path: Path, content: object) -> None:
    assert not TelegramExport().recognizes(export(tmp_path, content))
