"""DiscordChatExporter's JSON comes in."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.archive import DiscordChatExporter
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine

GENERAL = Channel("discord", "900", "901", "general")
EXPORT = Path(__file__).parent / "archives" / "discord"


def read(path: Path, channel: Channel = GENERAL) -> list[Message | BadLine]:
    return list(DiscordChatExporter().read(path, channel))


def messages(path: Path, channel: Channel = GENERAL) -> list[Message]:
    return [entry for entry in read(path, channel) if isinstance(entry, Message)]


def texts(path: Path, channel: Channel = GENERAL) -> list[str]:
    return [message.text for message in messages(path, channel)]


def changed(path: Path, to: Path, change: Callable[[dict[str, Any]], object]) -> None:
    export = json.loads(path.read_text())
    change(export)
    to.write_text(json.dumps(export))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXPORT, tmp_path / "export"))


def test_reads_what_people_and_bots_said() -> None:
    assert texts(EXPORT / "general.json") == [
        "Where is the plan, @Grace?",
        "here\n[file: plan.pdf]",
        "Build 7\npassed",
        "[forwarded] an old truth",
    ]


def test_keeps_ids_times_replies_mentions_and_links() -> None:
    question, reply, *_ = messages(EXPORT / "general.json")

    assert question.id == "1002"
    assert question.at == datetime(2024, 3, 1, 9, 1, 0, 500_000, UTC)
    assert question.author == Author("1", "Ada")
    assert question.mentions == ("2",)
    assert question.link == "https://discord.com/channels/900/901/1002"
    assert (question.thread, question.reply_to) == ("", "")
    assert reply.author == Author("2", "grace")
    assert reply.reply_to == "1002"


def test_forwarding_is_not_replying() -> None:
    assert messages(EXPORT / "general.json")[-1].reply_to == ""


def test_a_bad_entry_is_reported_and_the_rest_is_read() -> None:
    (bad,) = (entry for entry in read(EXPORT / "general.json") if isinstance(entry, BadLine))

    assert bad.line == 6
    assert "yesterday" in bad.reason


def test_a_thread_is_part_of_its_channel_and_comes_oldest_first() -> None:
    first, second = messages(EXPORT / "thread.json")

    assert (first.text, second.text) == ("first", "second")
    assert first.thread == second.thread == "1002"


def test_a_folder_is_the_channel_with_its_threads_oldest_first(folder: Path) -> None:
    shutil.move(folder / "thread.json", folder / "a thread.json")
    (folder / "package.json").write_text('{"name": "something else"}')

    entries = read(folder)

    assert texts(folder)[-2:] == ["first", "second"]
    assert [entry.path for entry in entries if isinstance(entry, BadLine)] == [
        str(folder / "general.json"),
        str(folder / "package.json"),
    ]


@pytest.mark.parametrize("embed", [None, 7, "x", [], {"fields": None}, {"fields": [None, 7]}])
def test_an_embed_that_is_none_says_nothing(folder: Path, embed: Any) -> None:
    path = folder / "general.json"
    changed(path, path, lambda export: export["messages"][3].update(content="so", embeds=[embed]))

    assert "so" in texts(path)


def test_a_bot_is_known_as_one(folder: Path) -> None:
    bots = [message.author.name for message in messages(folder) if message.author.bot]

    assert bots == ["builds"]


def test_other_channels_in_the_folder_stay_out(folder: Path) -> None:
    def secret(export: dict[str, Any]) -> None:
        export["channel"] |= {"id": "902", "name": "secret", "type": "GuildPrivateThread"}

    changed(folder / "general.json", folder / "secret.json", secret)

    assert texts(folder) == texts(EXPORT)
    with pytest.raises(ArchiveError, match="choose with --channel NAME: general, secret"):
        read(folder, Channel("discord", "900", "elsewhere"))


def test_a_direct_message_has_its_own_kind_of_link(folder: Path) -> None:
    path = folder / "general.json"
    changed(path, path, lambda export: export["guild"].update(id="0"))

    assert messages(path)[0].link == "https://discord.com/channels/@me/901/1002"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"[]", b'{"messages": []}', b'{"guild": {"id": "1"}}', b"[" * 100_000],
)
def test_a_file_of_another_kind_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "general.json"
    path.write_bytes(content)

    with pytest.raises(ArchiveError, match="expected DiscordChatExporter's JSON"):
        read(path)


def test_a_folder_without_an_export_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")

    with pytest.raises(ArchiveError, match="no file of this format"):
        next(DiscordChatExporter().read(tmp_path, GENERAL))
