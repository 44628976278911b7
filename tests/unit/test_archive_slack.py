"""A Slack workspace export comes in, packed or unpacked."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from adapters.slack import archive
from adapters.slack.archive import SlackExport
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine

GENERAL = Channel("slack", "T1", "general", "general")
EXPORT = Path(__file__).parent / "archives" / "slack"


def read(path: Path, channel: Channel = GENERAL) -> list[Message | BadLine]:
    return list(SlackExport().read(path, channel))


def messages(path: Path, channel: Channel = GENERAL) -> list[Message]:
    return [entry for entry in read(path, channel) if isinstance(entry, Message)]


def bad(path: Path) -> list[tuple[str, int]]:
    lines = [entry for entry in read(path) if isinstance(entry, BadLine)]
    return [(Path(line.path).name, line.line) for line in lines]


def packed(folder: Path, inside: str = "") -> Path:
    path = folder / "export.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as zip_:
        for file in sorted(EXPORT.rglob("*.json")):
            zip_.write(file, f"{inside}{file.relative_to(EXPORT)}")
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXPORT, tmp_path / "export"))


def test_reads_one_channel_in_order() -> None:
    said = [(message.author.name, message.text) for message in messages(EXPORT)]

    assert said == [
        ("Ada", "Is x < y, @Grace Hopper? See the page (https://example.org/a) in #random"),
        ("Grace Hopper", "yes"),
        ("Grace Hopper", "for everybody: yes"),
        ("Ada", "the plan\n[file: plan.pdf]"),
        ("builds", "Build 7 & 8 passed"),
        ("Grace Hopper", "/me waves"),
        ("A Guest", "hello @here"),
    ]


def test_keeps_ids_times_threads_and_mentions() -> None:
    root, reply, broadcast, file, *_ = messages(EXPORT)

    assert root.id == root.thread == reply.thread == broadcast.thread == "1709280060.000200"
    assert root.at == datetime(2024, 3, 1, 8, 1, 0, 200, UTC)
    assert root.mentions == ("U2",)
    assert (file.thread, file.mentions) == ("", ())


def test_a_bad_entry_is_reported_and_the_rest_is_read() -> None:
    assert bad(EXPORT) == [("2024-03-01.json", 5)]


def test_a_bad_day_is_reported_and_the_others_are_read(export: Path) -> None:
    (export / "general" / "2024-03-01.json").write_text('[{"type": "mess')

    assert bad(export) == [("2024-03-01.json", 0)]
    assert len(messages(export)) == 4


@pytest.mark.parametrize("inside", ["", "Elephants export Mar 2024/"])
def test_the_zip_says_what_the_folder_says(tmp_path: Path, inside: str) -> None:
    assert messages(packed(tmp_path, inside)) == messages(EXPORT)


@pytest.mark.parametrize(("id_", "name"), [("C2", ""), ("random", ""), ("x", "#random")])
def test_the_channel_is_chosen_by_id_or_name(id_: str, name: str) -> None:
    (message,) = messages(EXPORT, Channel("slack", "T1", id_, name))

    assert message.text == "what is said here stays here"


def test_the_only_channel_needs_no_choice(export: Path) -> None:
    (export / "channels.json").write_text('[{"id": "C2", "name": "random"}]')

    assert len(messages(export, Channel("slack", "T1", "elsewhere"))) == 1


def test_several_channels_need_a_choice() -> None:
    with pytest.raises(ArchiveError, match="choose with --channel NAME: general, random"):
        read(EXPORT, Channel("slack", "T1", "elsewhere"))


def test_direct_messages_are_chosen_by_their_id(export: Path) -> None:
    (export / "dms.json").write_text('[{"id": "D1", "members": ["U1", "U2"]}]')
    shutil.move(export / "random", export / "D1")

    assert len(messages(export, Channel("slack", "T1", "D1"))) == 1


def test_a_channel_named_like_a_path_reads_nothing_outside(export: Path) -> None:
    (export / "channels.json").write_text('[{"id": "C1", "name": "../slack/general"}]')

    with pytest.raises(ArchiveError, match="holds no messages"):
        read(export)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path)
    with ZipFile(path, "a", ZIP_DEFLATED) as zip_:
        zip_.writestr("general/2024-03-03.json", " " * 4000)
    monkeypatch.setattr(archive, "MOST_BYTES", 3000)

    with pytest.raises(ArchiveError, match=r"general/2024-03-03.json has more than"):
        next(SlackExport().read(path, GENERAL))


def test_a_zip_that_lies_about_a_size_is_not_inflated_beyond_it(tmp_path: Path) -> None:
    path = packed(tmp_path)
    day = json.dumps([{"text": "x" * 10_000}])
    with ZipFile(path, "a", ZIP_DEFLATED) as zip_:
        zip_.writestr("general/2024-03-03.json", day)
    true_size = len(day).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true_size, (50).to_bytes(4, "little")))

    assert bad(path) == [("2024-03-01.json", 5), ("2024-03-03.json", 0)]


def test_a_zip_of_something_else_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with ZipFile(path, "w") as zip_:
        zip_.writestr("cat.jpg", b"meow")

    with pytest.raises(ArchiveError, match="expected a Slack export"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 and no more", b"[]"])
def test_a_file_of_another_kind_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(content)

    with pytest.raises(ArchiveError, match="expected a Slack export"):
        read(path)


@pytest.mark.parametrize(
    "content",
    ['{"ok": false}', "null", '[{"name": "general"}]', "[[]]", "[" * 100_000, '[{"id": "C1", "na'],
)
def test_where_the_list_of_channels_is_of_another_shape_their_folders_tell_them(
    export: Path, content: str
) -> None:
    whole = read(export)
    (export / "channels.json").write_text(content)

    entries = read(export)
    known = {one.name for one in SlackExport().channels(export)}

    assert [one.id for one in entries if isinstance(one, Message)] == [
        one.id for one in whole if isinstance(one, Message)
    ]
    assert "channels.json" in {Path(one.path).name for one in entries if isinstance(one, BadLine)}
    assert known == {"general", "random"}


@pytest.mark.parametrize("content", ['{"ok": false}', '[{"name": "no id"}]', "[[]]", "[" * 100_000])
def test_a_list_of_another_shape_alone_is_one_clear_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "channels.json").write_text(content)

    with pytest.raises(ArchiveError, match=r"channels.json: it .*expected a Slack export"):
        read(tmp_path)


def test_a_path_that_leads_nowhere_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no such file"):
        read(tmp_path / "export.zip")


@pytest.mark.parametrize("people", ["none", "empty", "one is missing"])
def test_who_is_in_no_list_is_named_by_what_they_wrote(tmp_path: Path, people: str) -> None:
    folder = tmp_path / "export"
    (folder / "general").mkdir(parents=True)
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "general"}]))
    listed = {"empty": [], "one is missing": [{"id": "U9", "name": "zed"}]}
    if people in listed:
        (folder / "users.json").write_text(json.dumps(listed[people]))
    said = [
        {"ts": "1772000000.0", "user": "U1", "text": "hi", "user_profile": {"real_name": "Ada B"}},
        {"ts": "1772000001.0", "user": "U2", "text": "hi <@U1>"},
        {"ts": "1772000002.0", "user": "U3", "text": "<@U4>?", "user_profile": {}},
    ]
    (folder / "general" / "2026-02-25.json").write_text(json.dumps(said))

    assert [(one.author.name, one.text) for one in messages(folder)] == [
        ("Ada B", "hi"),
        ("U2", "hi @Ada B"),
        ("U3", "@U4?"),
    ]


def test_a_mention_before_what_its_person_wrote_has_the_name_too(tmp_path: Path) -> None:
    day = tmp_path / "2026-02-25.json"
    said = [
        {"ts": "1772000001.0", "user": "U2", "text": "hi <@U1>"},
        {"ts": "1772000002.0", "user": "U1", "text": "yes", "user_profile": {"real_name": "Ada"}},
    ]
    day.write_text(json.dumps(said))

    assert [one.text for one in messages(day)] == ["hi @Ada", "yes"]
