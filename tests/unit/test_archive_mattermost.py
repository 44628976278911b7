"""Mattermost's bulk exports come in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.mattermost.archive import MattermostExport
from bot.domain.model import Message
from bot.domain.ports import BadLine

AT = 1709280000123
VERSION = {"type": "version", "version": 1}
ANA = {"type": "user", "user": {"username": "ana", "first_name": "Ana", "last_name": "Alba"}}
BOT = {"type": "bot", "bot": {"username": "ci", "display_name": "CI"}}


def post(
    message: str = "hi",
    *,
    at: int = AT,
    team: str = "ops",
    channel: str = "town-square",
    **more: Any,
) -> dict[str, Any]:
    said = {"team": team, "channel": channel, "user": "ana", "message": message, "create_at": at}
    return {"type": "post", "post": {**said, **more}}


def export(folder: Path, *lines: object) -> Path:
    path = folder / "import.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n")
    return path


def read(path: Path) -> tuple[list[Message], list[BadLine], MattermostExport]:
    archive = MattermostExport()
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    messages = [one for one in entries if isinstance(one, Message)]
    return messages, [one for one in entries if isinstance(one, BadLine)], archive


def test_posts_and_their_replies_are_threads(tmp_path: Path) -> None:
    reply = {"user": "bob", "message": "yes", "create_at": AT + 60_000}

    (one, two), bad, _ = read(export(tmp_path, VERSION, ANA, post("five? @ana", replies=[reply])))

    assert not bad
    assert (one.author.id, one.author.name, two.author.name) == ("ana", "Ana Alba", "bob")
    assert one.at == datetime(2024, 3, 1, 8, 0, 0, 123000, tzinfo=UTC)
    assert one.thread == two.thread == one.id
    assert one.mentions == ("ana",)
    assert one.channel.id == "town-square"


def test_an_edit_before_the_next_export_keeps_the_id(tmp_path: Path) -> None:
    [before], _, _ = read(export(tmp_path, VERSION, post("helo")))
    [after], _, _ = read(export(tmp_path, VERSION, post("hello", edit_at=AT + 5)))

    assert before.id == after.id


def test_what_was_posted_in_one_moment_has_ids_of_its_own(tmp_path: Path) -> None:
    messages, _, _ = read(export(tmp_path, VERSION, post("a"), post("b"), post("c", at=AT + 1)))

    assert len({one.id for one in messages}) == 3


def test_teams_and_direct_posts_are_channels_apart(tmp_path: Path) -> None:
    direct = {"channel_members": ["bob", "ana"], "user": "bob", "message": "psst", "create_at": AT}
    path = export(
        tmp_path,
        VERSION,
        post(),
        post(team="dev"),
        post(channel="off-topic"),
        {"type": "direct_post", "direct_post": direct},
    )

    found = MattermostExport().channels(path)

    assert [(one.id, one.direct) for one in found] == [
        ("ops/town-square", False),
        ("dev/town-square", False),
        ("off-topic", False),
        ("ana, bob", True),
    ]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"attachments": [{"path": "data/20240301/plan.pdf"}]}, "hi\n[file: plan.pdf]"),
        (
            {"message": "", "props": {"attachments": [{"title": "Build", "text": "red"}]}},
            "Build\nred",
        ),
        ({"message": "", "props": {"attachments": [{"fallback": "red"}]}}, "red"),
        ({"message": "*waves*", "type": "me"}, "/me waves"),
        ({"attachments": None, "replies": None, "props": []}, "hi"),
    ],
)
def test_what_a_post_shows(tmp_path: Path, more: dict[str, Any], text: str) -> None:
    [one], _, _ = read(export(tmp_path, VERSION, post(**more)))

    assert one.text == text


def test_what_nobody_said_is_counted_and_what_is_broken_reported(tmp_path: Path) -> None:
    joined = post("ana joined", type="system_join_channel")

    messages, bad, archive = read(
        export(
            tmp_path, VERSION, joined, "{broken", post("a"), post("b", create_at="soon"), "[]", ""
        )
    )

    assert [one.text for one in messages] == ["a"]
    assert [one.line for one in bad] == [3, 5, 6]
    assert archive.skipped == {"system_join_channel": 1}


def test_bots_are_marked(tmp_path: Path) -> None:
    [one], _, _ = read(export(tmp_path, VERSION, BOT, post(user="ci")))

    assert (one.author.name, one.author.bot) == ("CI", True)


@pytest.mark.parametrize(
    "line", [{"id": "1", "text": "x"}, {"type": "message"}, "text", {"type": 7}]
)
def test_other_lines_are_not_taken_for_an_export(tmp_path: Path, line: object) -> None:
    assert not MattermostExport().recognizes(export(tmp_path, line))
