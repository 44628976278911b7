"""DiscordChatExporter's files as they come: cut off, spoiled, in parts, and of threads alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.archive import DiscordChatExporter
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine

GENERAL = Channel("discord", "900", "901", "general")
ADA = {"id": "1", "name": "ada", "nickname": "Ada", "isBot": False}


def said(*texts: str, first: int = 1001) -> list[dict[str, Any]]:
    return [
        {
            "id": str(id_),
            "type": "Default",
            "timestamp": f"2024-03-01T09:{id_ % 60:02}:00.1234567+00:00",
            "content": text,
            "author": ADA,
        }
        for id_, text in enumerate(texts, first)
    ]


def export(*texts: str, first: int = 1001, **channel: Any) -> dict[str, Any]:
    return {
        "guild": {"id": "900", "name": "guild"},
        "channel": {"id": "901", "type": "GuildTextChat", "name": "general", **channel},
        "dateRange": {"after": None, "before": None},
        "messages": said(*texts, first=first),
        "messageCount": len(texts),
    }


def thread(id_: str, *texts: str, first: int = 2001, **more: Any) -> dict[str, Any]:
    given = {"id": id_, "type": "GuildPublicThread", "name": "a thread", **more}
    return export(*texts, first=first, **given)


def written(path: Path, content: Any, encoding: str = "utf-8") -> Path:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode(encoding)
    path.write_bytes(raw)
    return path


def read(path: Path, channel: Channel = GENERAL) -> tuple[list[Message], list[BadLine]]:
    found = list(DiscordChatExporter().read(path, channel))
    return (
        [one for one in found if isinstance(one, Message)],
        [one for one in found if isinstance(one, BadLine)],
    )


def texts(path: Path, channel: Channel = GENERAL) -> list[str]:
    return [one.text for one in read(path, channel)[0]]


@pytest.mark.parametrize(
    "missing", [{"categoryId": None, "category": None}, {"categoryId": None}, {}]
)
def test_a_thread_whose_parent_is_not_known_is_read(
    tmp_path: Path, missing: dict[str, Any]
) -> None:
    path = written(tmp_path / "thread.json", thread("77", "hello", **missing))

    [message], bad = read(path)

    assert (message.text, message.thread, bad) == ("hello", "77", [])


def test_a_thread_whose_parent_is_not_known_belongs_to_where_it_began(tmp_path: Path) -> None:
    written(tmp_path / "general.json", export("shall we?"))
    written(tmp_path / "other.json", export("elsewhere", first=5001, id="902", name="other"))
    written(tmp_path / "begun.json", thread("1001", "yes", categoryId=None))
    written(tmp_path / "lost.json", thread("77", "nowhere", categoryId=None, name="lost"))

    assert texts(tmp_path) == ["shall we?", "yes"]
    assert texts(tmp_path, Channel("discord", "900", "lost")) == ["nowhere"]


@pytest.mark.parametrize(
    ("cut", "count"),
    [
        (lambda raw: raw[: raw.index(b"two") + 1], 1),
        (lambda raw: raw[: raw.index("ü".encode()) + 1], 2),
        (lambda raw: raw[: raw.index(b'"messageCount"') - 3], 3),
        (lambda raw: raw[: raw.index(b'"messages"') + 14], 0),
    ],
)
def test_of_a_file_that_is_cut_off_what_is_whole_is_read(
    tmp_path: Path, cut: Callable[[bytes], bytes], count: int
) -> None:
    raw = json.dumps(export("one", "two", "für drei"), ensure_ascii=False).encode()

    found, [bad] = read(written(tmp_path / "general.json", cut(raw)))

    assert [one.text for one in found] == ["one", "two", "für drei"][:count]
    assert bad.line == 0


def test_a_file_cut_off_before_its_messages_is_one_clear_error(tmp_path: Path) -> None:
    raw = json.dumps(export("one")).encode()

    with pytest.raises(ArchiveError, match="expected DiscordChatExporter's JSON"):
        read(written(tmp_path / "general.json", raw[: raw.index(b'"messages"')]))


@pytest.mark.parametrize("entry", [None, [], 5, "x", {}, {"id": "1"}, {"type": None}])
def test_what_is_no_message_is_reported_and_the_rest_is_read(tmp_path: Path, entry: Any) -> None:
    content = export("one", "two")
    content["messages"].insert(1, entry)

    found, [bad] = read(written(tmp_path / "general.json", content))

    assert [one.text for one in found] == ["one", "two"]
    assert bad.line == 2


@pytest.mark.parametrize(
    "field",
    ["mentions", "attachments", "embeds", "stickers", "reference", "author", "content", "id",
     "timestamp", "reactions", "forwardedMessage"],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, [None], {}, "", -1, 10**400, [[]], {"id": None}])
def test_a_field_of_any_kind_costs_at_most_its_own_message(
    tmp_path: Path, field: str, value: Any
) -> None:
    content = export("strange", "sound", "sound too")
    content["messages"][0][field] = value

    found, bad = read(written(tmp_path / "general.json", content))

    assert [one.text for one in found][-2:] == ["sound", "sound too"]
    assert len(found) + len(bad) in (2, 3)  # a message without a text is only counted


def test_null_beside_people_and_files_costs_nothing(tmp_path: Path) -> None:
    content = export("hello")
    content["messages"][0] |= {"mentions": [None, ADA], "attachments": [None], "embeds": [None]}
    content["messages"][0]["stickers"] = [None, {"id": "5", "name": None}, {"id": "6", "name": ""}]

    [message], bad = read(written(tmp_path / "general.json", content))

    assert (message.text, message.mentions, bad) == ("hello", ("1",), [])


def test_an_export_with_markdown_off_is_read_as_people_saw_it(tmp_path: Path) -> None:
    content = export("ask <@!1> or <@1>, see <:party:123> and <@99>")
    content["messages"][0]["mentions"] = [ADA]

    assert texts(written(tmp_path / "general.json", content)) == [
        "ask @Ada or @Ada, see :party: and @99"
    ]


def test_the_parts_of_an_export_are_read_in_their_order(tmp_path: Path) -> None:
    for part, first in ((1, 1001), (2, 1011), (10, 1021)):
        name = (
            "guild - general [901].json"
            if part == 1
            else f"guild - general [901] [part {part}].json"
        )
        written(tmp_path / name, export(f"part {part}", first=first))

    assert texts(tmp_path) == ["part 1", "part 2", "part 10"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_that_a_tool_of_windows_has_saved_is_read(tmp_path: Path, encoding: str) -> None:
    content = json.dumps(export("größer"), indent=2, ensure_ascii=False).replace("\n", "\r\n")

    assert texts(written(tmp_path / "general.json", content.encode(encoding))) == ["größer"]


def test_what_macos_adds_to_a_folder_is_not_looked_at(tmp_path: Path) -> None:
    written(tmp_path / "general.json", export("hello"))
    written(tmp_path / "._general.json", b"\x00\x05\x16\x07Mac OS X")
    (tmp_path / "folder.json").mkdir()

    found, bad = read(tmp_path)

    assert ([one.text for one in found], bad) == (["hello"], [])


def test_a_field_behind_the_messages_may_be_cut_off(tmp_path: Path) -> None:
    raw = json.dumps(export("hello")).encode()

    assert texts(written(tmp_path / "general.json", raw[:-3])) == ["hello"]


def test_what_is_skipped_is_counted_by_kind(tmp_path: Path) -> None:
    content = export("hello", "", "joined", "pinned", "joined")
    for entry, kind in zip(
        content["messages"][2:], ["7", "ChannelPinnedMessage", "7"], strict=True
    ):
        entry["type"] = kind
    reader = DiscordChatExporter()

    list(reader.read(written(tmp_path / "general.json", content), GENERAL))

    assert reader.skipped == {"7": 2, "ChannelPinnedMessage": 1, "without text": 1}


def test_characters_that_cannot_be_stored_are_replaced(tmp_path: Path) -> None:
    assert texts(written(tmp_path / "general.json", export("a \ud83d b \x00 c"))) == [
        "a \ufffd b \ufffd c"
    ]


@pytest.mark.parametrize(
    "timestamp", ["", "yesterday", "2024-13-01T00:00:00+00:00", "2024-03-01T09:01:00",
                  "0001-01-01T00:00:00+23:59", "-2024-03-01T09:01:00Z", "99999-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_time_that_is_none_is_reported(tmp_path: Path, timestamp: str) -> None:
    content = export("strange", "sound")
    content["messages"][0]["timestamp"] = timestamp

    found, [bad] = read(written(tmp_path / "general.json", content))

    assert ([one.text for one in found], bad.line) == (["sound"], 1)
