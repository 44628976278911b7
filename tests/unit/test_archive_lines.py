"""Archives of lines, IRC and JSONL, in every encoding, and with lines that say nothing."""

import json
from pathlib import Path

import pytest

from adapters.irc.archive import UbuntuLog
from bot.archives.jsonl import JSONL
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import Archive, BadLine

ROOM = Channel("console", "", "room")
LOG = "[09:19] <ada> größer\n=== grace has joined\n[09:20] <grace> ja, 一般\n"
LINES = "".join(
    json.dumps({"id": str(n), "author": {"id": "a"}, "text": text, "at": f"2024-03-01T08:0{n}:00Z"})
    + "\n"
    for n, text in enumerate(["größer", "ja, 一般"])
)


def read(archive: Archive, path: Path) -> tuple[list[str], list[int]]:
    found = list(archive.read(path, ROOM))
    return (
        [one.text for one in found if isinstance(one, Message)],
        [one.line for one in found if isinstance(one, BadLine)],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("archive", "name", "text"),
    [(UbuntuLog, "2024-03-01-room.txt", LOG), (JSONL, "room.jsonl", LINES)],
)
def test_lines_are_read_in_every_encoding(
    tmp_path: Path, archive: type[Archive], name: str, text: str, encoding: str, end: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.replace("\n", end).encode(encoding))

    assert read(archive(), path) == (["größer", "ja, 一般"], [])


@pytest.mark.parametrize("first", ["null", "", "{", "[]", '{"note": "an export"}', "\ufffd", "5"])
def test_a_first_line_that_is_no_message_costs_no_other(tmp_path: Path, first: str) -> None:
    path = tmp_path / "room.jsonl"
    path.write_text(f"{first}\n{LINES}")

    assert read(JSONL(), path) == (["größer", "ja, 一般"], [1] if first else [])


def test_a_last_line_that_is_cut_off_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    path.write_bytes(LINES.encode()[:-40])

    assert read(JSONL(), path) == (["größer"], [2])


def test_a_file_without_one_message_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    path.write_text("null\n" * 500)

    with pytest.raises(ArchiveError, match="expected one JSON object a line"):
        read(JSONL(), path)


def test_notices_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "2024-03-01-room.txt"
    path.write_text(LOG)
    log = UbuntuLog()

    list(log.read(path, ROOM))

    assert log.skipped == {"joins": 1}


def test_a_folder_of_logs_has_none_of_what_macos_adds(tmp_path: Path) -> None:
    (tmp_path / "2024-03-01-room.txt").write_text(LOG)
    (tmp_path / "._2024-03-01-room.txt").write_bytes(b"\x00\x05\x16\x07")

    assert read(UbuntuLog(), tmp_path) == (["größer", "ja, 一般"], [])
