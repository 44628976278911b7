"""Slack's exports as they come: zipped by any tool, unpacked by any other, or only in part."""

import json
import os
import shutil
import stat
import unicodedata
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from adapters.slack import archive
from adapters.slack.archive import SlackExport
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine

TEAM = "T1"
Files = dict[str, Any]


class UnflaggedName(ZipInfo):
    """A member whose name is written in a code page, as by tools that know of no flag."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # zipfile's own name
        return self.raw, self.flag_bits & ~0x800


def said(*texts: str, first: int = 1) -> list[dict[str, Any]]:
    return [
        {"type": "message", "user": "U1", "ts": f"170928006{n}.000200", "text": text}
        for n, text in enumerate(texts, first)
    ]


def export_of(name: str, *texts: str) -> Files:
    return {
        "channels.json": [{"id": "C1", "name": name}],
        "users.json": [{"id": "U1", "name": "ada"}],
        f"{name}/2024-03-01.json": said(*texts),
    }


def dump(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


class Unseekable:
    """A file that cannot go back, as a download: sizes follow what is written."""

    def __init__(self, file: BinaryIO) -> None:
        self.write, self.flush = file.write, file.flush


def zipped(folder: Path, files: Files, encoding: str = "", compression: int = ZIP_DEFLATED) -> Path:
    """A zip of these files, with their names in a code page where one is given."""
    path = folder / "export.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as zip_:
        for name, content in files.items():
            info = UnflaggedName("x" * len(name.encode(encoding))) if encoding else ZipInfo(name)
            if isinstance(info, UnflaggedName):
                info.raw = name.encode(encoding)
            info.compress_type = compression
            zip_.writestr(info, dump(content))
    return path


def unpacked(folder: Path, files: Files) -> Path:
    root = folder / "export"
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(dump(content))
    return root


def read(path: Path, name: str = "general") -> tuple[list[str], list[BadLine]]:
    """What was said, and what could not be read."""
    found = list(SlackExport().read(path, Channel("slack", TEAM, name, name)))
    texts = [one.text for one in found if isinstance(one, Message)]
    return texts, [one for one in found if isinstance(one, BadLine)]


NAMES = {
    "utf-8": "一般",
    "cp932": "表示ソ能",  # the second bytes of 表, ソ and 能 are backslashes
    "gb18030": "综合讨论",
    "cp949": "잡담",
    "cp1251": "общий",
    "cp866": "отдел-продаж",
    "cp437": "größe",
    "cp1252": "équipe",
    "cp737": "φίλοι",
    "cp857": "satış",
    "cp862": "שלום",
    "cp720": "خبر",
    "cp775": "lietuvių",
    "euc_jp": "営業部",
}


@pytest.mark.parametrize("encoding", NAMES)
def test_names_in_a_zip_are_read_in_whatever_code_they_are(tmp_path: Path, encoding: str) -> None:
    name = NAMES[encoding]

    assert read(zipped(tmp_path, export_of(name, "hello"), encoding), name) == (["hello"], [])


@pytest.mark.parametrize("encoding", ["", "utf-8", "cp932"])
def test_backslashes_between_folders_are_slashes(tmp_path: Path, encoding: str) -> None:
    name = "ソース"
    files = {key.replace("/", "\\"): value for key, value in export_of(name, "hello").items()}

    assert read(zipped(tmp_path, files, encoding), name) == (["hello"], [])


@pytest.mark.parametrize("name", ["café", "일반", "ガイド"])
def test_decomposed_names_of_macos_are_the_same_names(tmp_path: Path, name: str) -> None:
    files = {
        unicodedata.normalize("NFD", key): value for key, value in export_of(name, "hi").items()
    }

    for path in (zipped(tmp_path, files, "utf-8"), unpacked(tmp_path, files)):
        assert read(path, name) == (["hi"], [])
        assert read(path, unicodedata.normalize("NFD", name)) == (["hi"], [])


def test_a_folder_unpacked_in_a_wrong_code_page_is_read(tmp_path: Path) -> None:
    name = "一般"
    wrong = name.encode().decode("cp437")
    files = export_of(name, "hi")
    files[f"{wrong}/2024-03-01.json"] = files.pop(f"{name}/2024-03-01.json")
    raw = os.fsdecode("общий".encode("cp1251"))
    others = export_of("общий", "da")
    others[f"{raw}/2024-03-01.json"] = others.pop("общий/2024-03-01.json")

    assert read(unpacked(tmp_path, files), name) == (["hi"], [])
    assert read(unpacked(tmp_path / "other", others), "общий") == (["da"], [])


@pytest.mark.parametrize("inside", ["./", "/", "My Team Slack export/", "a/b/c/"])
@pytest.mark.parametrize("pack", [zipped, unpacked])
def test_an_export_within_other_folders_is_found(tmp_path: Path, pack: Any, inside: str) -> None:
    files = export_of("general", "hello")

    path = pack(
        tmp_path,
        {
            f"{inside}{name}".lstrip("/" if pack is unpacked else ""): content
            for name, content in files.items()
        },
    )

    assert read(path) == (["hello"], [])


@pytest.mark.parametrize("inside", ["", "export/"])
def test_what_macos_adds_is_no_part_of_an_export(tmp_path: Path, inside: str) -> None:
    files = {f"{inside}{name}": one for name, one in export_of("general", "hello").items()}
    fork = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"
    added = {
        f"__MACOSX/{inside}._channels.json": fork,
        f"__MACOSX/{inside}general/._2024-03-01.json": fork,
        f"{inside}.DS_Store": b"\x00",
        f"{inside}general/._2024-03-01.json": fork,
        f"{inside}._users.json": fork,
    }

    assert read(zipped(tmp_path, {**added, **files})) == (["hello"], [])
    assert read(unpacked(tmp_path, {**added, **files})) == (["hello"], [])


def test_an_encrypted_zip_is_one_clear_error(tmp_path: Path) -> None:
    path = zipped(tmp_path, export_of("general", "hello"))
    raw = bytearray(path.read_bytes())
    for mark, flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := raw.find(mark, at + 1)) >= 0:
            raw[at + flag] |= 1
    path.write_bytes(raw)

    with pytest.raises(ArchiveError, match="encrypted: unpack it with its password"):
        read(path)


@pytest.mark.parametrize("name", ["../general/2024-03-01.json", "general/../../x/2024-03-01.json"])
def test_a_path_that_leads_out_of_a_zip_is_no_part_of_it(tmp_path: Path, name: str) -> None:
    files = {**export_of("general", "hello"), name: said("from outside", first=5)}
    files["channels.json"] = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "../general"}]

    assert read(zipped(tmp_path, files)) == (["hello"], [])


def test_links_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "2024-03-02.json"
    secret.write_bytes(dump(said("secret", first=5)))
    root = unpacked(tmp_path, export_of("general", "hello"))
    (root / "general" / "2024-03-02.json").symlink_to(secret)
    (root / "general" / "2024-03-03.json").symlink_to(tmp_path / "nowhere")
    path = zipped(tmp_path, export_of("general", "hello"))
    with ZipFile(path, "a") as zip_:
        link = ZipInfo("general/2024-03-02.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zip_.writestr(link, str(secret))
        zip_.writestr(ZipInfo("general/2024-03-04.json/"), b"")

    assert read(root) == (["hello"], [])
    assert read(path) == (["hello"], [])


def test_a_day_that_is_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: Any) -> None:
    files = {**export_of("general", "hello"), "general/2024-03-02.json": b" " * 5_000_000}
    path = zipped(tmp_path, files)
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)

    assert path.stat().st_size < 50_000
    with pytest.raises(ArchiveError, match=r"2024-03-02.json has more than"):
        read(path)


def test_a_list_that_is_a_bomb_is_reported_unread(tmp_path: Path, monkeypatch: Any) -> None:
    files = {**export_of("general", "hello"), "users.json": b" " * 5_000_000}
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)

    texts, [bad] = read(zipped(tmp_path, files))

    assert texts == ["hello"]
    assert (Path(bad.path).name, bad.line) == ("users.json", 0)


def test_of_a_spoiled_member_what_is_sound_is_read(tmp_path: Path) -> None:
    many = said(*(f"line {n} {os.urandom(200).hex()}" for n in range(400)))
    path = zipped(tmp_path, {**export_of("general"), "general/2024-03-01.json": many})
    with ZipFile(path) as zip_:
        info = zip_.getinfo("general/2024-03-01.json")
        middle = info.header_offset + info.compress_size * 3 // 4
    raw = bytearray(path.read_bytes())
    raw[middle : middle + 2_000] = b"\xff" * 2_000
    path.write_bytes(raw)

    texts, bad = read(path)

    assert 0 < len(texts) < 400
    assert all(one.line == 0 or one.reason for one in bad)
    assert bad


@pytest.mark.parametrize("compression", [ZIP_DEFLATED, ZIP_STORED])
def test_of_a_zip_that_is_cut_off_what_is_whole_is_read(tmp_path: Path, compression: int) -> None:
    files = export_of("general", "one", "two")
    files["general/2024-03-02.json"] = said(*(os.urandom(99).hex() for _ in range(99)), first=10)
    path = zipped(tmp_path, files, compression=compression)
    whole = path.read_bytes()
    with ZipFile(path) as zip_:
        last = zip_.getinfo("general/2024-03-02.json").header_offset

    for cut in (len(whole) - 30, last + 9_000, last + 10, last):
        path.write_bytes(whole[:cut])
        texts, bad = read(path)
        assert texts[:2] == ["one", "two"]
        assert bad[0].line == 0


def test_of_a_zip_that_was_streamed_and_is_cut_off_what_is_whole_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with path.open("wb") as file, ZipFile(Unseekable(file), "w", ZIP_DEFLATED) as zip_:
        for name, content in export_of("general", "one", "two").items():
            zip_.writestr(name, dump(content))
    path.write_bytes(path.read_bytes()[:-60])

    texts, [bad] = read(path)

    assert texts == ["one", "two"]
    assert "the zip ends before its list of files" in bad.reason


def test_a_zip_that_is_cut_off_before_its_messages_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path, export_of("general", "one"))
    path.write_bytes(path.read_bytes()[:80])

    with pytest.raises(ArchiveError, match=r"holds no messages|expected a Slack export"):
        read(path)


@pytest.mark.parametrize("inside", ["", "My export/"])
@pytest.mark.parametrize("name", ["general", "ложка", "D0ABCDEFG"])
def test_without_a_list_of_channels_their_folders_tell_them(
    tmp_path: Path, name: str, inside: str
) -> None:
    files = {f"{inside}{path}": one for path, one in export_of(name, "hello").items()}
    del files[f"{inside}channels.json"], files[f"{inside}users.json"]
    files[f"{inside}notes/2024-03-01.json"] = [{"body": "no message"}]

    for path in (zipped(tmp_path, files), unpacked(tmp_path, files)):
        [channel] = SlackExport().channels(path)
        assert SlackExport().recognizes(path)
        assert read(path, channel.id) == (["hello"], [])
        assert channel.id == name


@pytest.mark.parametrize(("end", "count"), [('"two', 1), ("drei \xc3", 2), ("}]", 3), ("ts", 0)])
def test_of_a_day_that_is_cut_off_what_is_whole_is_read(
    tmp_path: Path, end: str, count: int
) -> None:
    day = json.dumps(said("one", "two", "drei ß"), ensure_ascii=False).encode()
    cut = day.index(end.encode("latin-1")) + len(end) - (end == "}]")
    files = {**export_of("general"), "general/2024-03-01.json": day[:cut]}

    texts, [bad] = read(unpacked(tmp_path, files))

    assert texts == ["one", "two", "drei ß"][:count]
    assert bad.line == 0
    assert "what is whole before it was read" in bad.reason


def test_people_of_an_enterprise_grid_have_their_names(tmp_path: Path) -> None:
    files = export_of("general", "ask <@U2>")
    files["org_users.json"] = [*files.pop("users.json"), {"id": "U2", "name": "grace"}]

    [message] = SlackExport().read(unpacked(tmp_path, files), Channel("slack", TEAM, "general"))

    assert isinstance(message, Message)
    assert (message.author.name, message.text) == ("ada", "ask @grace")


def test_people_above_one_workspace_of_a_grid_have_their_names(tmp_path: Path) -> None:
    files = {f"teams/one/{name}": each for name, each in export_of("general", "hi").items()}
    files["org_users.json"] = files.pop("teams/one/users.json")

    [message] = SlackExport().read(zipped(tmp_path, files), Channel("slack", TEAM, "general"))

    assert isinstance(message, Message)
    assert message.author.name == "ada"


def test_without_a_list_of_people_they_are_called_by_their_ids(tmp_path: Path) -> None:
    files = export_of("general", "hi")
    del files["users.json"]

    [message] = SlackExport().read(unpacked(tmp_path, files), Channel("slack", TEAM, "general"))

    assert isinstance(message, Message)
    assert message.author.name == "U1"


@pytest.mark.parametrize("entry", [None, {}, {"id": None}, {"id": ""}, {"name": "x"}, [], 5, "U9"])
@pytest.mark.parametrize("name", ["users.json", "channels.json", "general/2024-03-01.json"])
def test_what_is_no_entry_is_reported_and_the_rest_is_read(
    tmp_path: Path, name: str, entry: Any
) -> None:
    files = export_of("general", "hello")
    files[name] = [entry, *files[name], entry]

    texts, bad = read(unpacked(tmp_path, files))

    assert texts == ["hello"]
    assert [(Path(one.path).name, one.line) for one in bad] == [
        (Path(name).name, 1),
        (Path(name).name, 3),
    ]


@pytest.mark.parametrize("name", ["users.json", "groups.json", "dms.json"])
@pytest.mark.parametrize("content", [b"", b"null", b'{"ok": false}', b"\x00", b"[[[", b"[{"])
def test_a_list_that_is_not_needed_is_only_reported(
    tmp_path: Path, name: str, content: bytes
) -> None:
    files = {**export_of("general", "hello"), name: content}

    texts, bad = read(unpacked(tmp_path, files))

    assert texts == ["hello"]
    assert {Path(one.path).name for one in bad} == {name}


@pytest.mark.parametrize(
    "field", ["attachments", "files", "blocks", "reactions", "replies", "edited", "user_profile"]
)
@pytest.mark.parametrize("value", [None, [None], [[]], {}, "x", 5, {"a": None}, -1, 10**400])
def test_a_field_of_any_kind_costs_at_most_its_own_message(
    tmp_path: Path, field: str, value: Any
) -> None:
    strange, *others = said("strange", "sound", "sound too")
    files = {
        **export_of("general"),
        "general/2024-03-01.json": [{**strange, field: value}, *others],
    }

    texts, bad = read(unpacked(tmp_path, files))

    assert texts[-2:] == ["sound", "sound too"]
    assert len(texts) + len(bad) == 3


@pytest.mark.parametrize(
    "ts", ["", "x", "-5.0", "1e9", "1709280061", "9" * 30 + ".1", None, 5.5, "1.1\x00"]
)
def test_a_message_without_a_time_is_reported(tmp_path: Path, ts: Any) -> None:
    strange, other = said("strange", "sound")
    files = {**export_of("general"), "general/2024-03-01.json": [{**strange, "ts": ts}, other]}

    texts, [bad] = read(unpacked(tmp_path, files))

    assert texts == ["sound"]
    assert bad.line == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_files_that_a_tool_of_windows_has_saved_are_read(tmp_path: Path, encoding: str) -> None:
    files = {
        name: json.dumps(content, indent=1, ensure_ascii=False)
        .replace("\n", "\r\n")
        .encode(encoding)
        for name, content in export_of("größe", "schön").items()
    }

    assert read(unpacked(tmp_path, files), "größe") == (["schön"], [])


def test_characters_that_cannot_be_stored_are_replaced(tmp_path: Path) -> None:
    files = export_of("general", "a \ud83d b \x00 c")

    assert read(unpacked(tmp_path, files)) == (["a \ufffd b \ufffd c"], [])


def test_what_is_skipped_is_counted_by_kind(tmp_path: Path) -> None:
    day = said("hello", "has joined", "has joined", "set the topic", "")
    for entry, subtype in zip(
        day[1:4], ["channel_join", "channel_join", "channel_topic"], strict=True
    ):
        entry["subtype"] = subtype
    day.append({"type": "canvas", "ts": "1.1"})
    export = SlackExport()

    path = unpacked(tmp_path, {**export_of("general"), "general/2024-03-01.json": day})
    list(export.read(path, Channel("slack", TEAM, "general")))

    assert export.skipped == {"channel_join": 2, "channel_topic": 1, "without text": 1, "canvas": 1}


def test_a_message_that_is_blocks_alone_is_read(tmp_path: Path) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Disk* full"}}]
    day = [{**said("")[0], "blocks": blocks}]

    texts, bad = read(unpacked(tmp_path, {**export_of("general"), "general/2024-03-01.json": day}))

    assert (len(texts), bad) == (1, [])
    assert "Disk" in texts[0]


def test_the_folder_of_a_channel_and_the_file_of_a_day_are_read_by_themselves(
    tmp_path: Path,
) -> None:
    root = unpacked(tmp_path, export_of("general", "hello"))
    alone = shutil.copytree(root / "general", tmp_path / "alone")

    assert read(alone) == (["hello"], [])
    assert read(alone / "2024-03-01.json") == (["hello"], [])


@pytest.mark.parametrize("content", [b"[]", b'{"a": 1}', b'[{"id": "1"}]', b"[1, 2"])
def test_a_json_file_of_something_else_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(content)

    with pytest.raises(ArchiveError, match="expected a Slack export"):
        read(path)


def test_a_channel_whose_folder_has_its_id_is_read(tmp_path: Path) -> None:
    files = export_of("general", "hello")
    files["C1/2024-03-01.json"] = files.pop("general/2024-03-01.json")

    assert read(unpacked(tmp_path, files)) == (["hello"], [])
