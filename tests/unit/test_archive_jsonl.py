"""Our own JSONL goes out and comes in."""

import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archives.jsonl import JSONL, to_json_line
from bot.config import plugins
from bot.domain.errors import ArchiveError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine

HERE = Channel("console", "home", "here")
MESSAGE = Message(HERE, "1", Author("ada", "Ada"), "hi", datetime(2024, 3, 1, tzinfo=UTC))

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
name = text.filter(bool)
times = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants naive bounds
    datetime(9999, 12, 30),  # noqa: DTZ001 - the same
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
any_messages = st.builds(
    Message,
    channel=st.just(HERE),
    id=name,
    author=st.builds(Author, name, text, st.booleans(), st.booleans()),
    text=text,
    at=times,
    thread=text,
    reply_to=text,
    addressed=st.booleans(),
    mentions=st.lists(text).map(tuple),
    link=text,
    seq=st.just(0),
    tokens=st.just(0),
)


def read(path: Path) -> list[Message | BadLine]:
    return list(JSONL().read(path, HERE))


def file(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "export.jsonl"
    raw = (entry.encode() if isinstance(entry, str) else entry for entry in lines)
    path.write_bytes(b"".join(entry + b"\n" for entry in raw))
    return path


@given(st.lists(any_messages, min_size=1))
def test_export_then_import_is_the_identity(messages: list[Message]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), *map(to_json_line, messages))

        assert read(path) == messages


def test_a_line_leaves_out_what_is_empty() -> None:
    assert to_json_line(MESSAGE) == (
        '{"id": "1", "author": {"id": "ada", "name": "Ada"}, "text": "hi", '
        '"at": "2024-03-01T00:00:00+00:00"}'
    )


def test_the_caller_says_which_channel_it_is(tmp_path: Path) -> None:
    elsewhere = Channel("slack", "T1", "C1")
    path = file(
        tmp_path, json.dumps({**json.loads(to_json_line(MESSAGE)), "channel": "C2", "new": 1})
    )

    (message,) = JSONL().read(path, elsewhere)

    assert isinstance(message, Message)
    assert message.channel == elsewhere


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "it has no id"),
        ({"id": ""}, "its id is empty"),
        ({"text": None}, "it has no text"),
        ({"at": None}, "it has no at"),
        ({"author": None}, "it has no author"),
        ({"author": {"name": "Ada"}}, "it has no id"),
        ({"author": "Ada"}, "its author is of the wrong type"),
        ({"text": ["hi"]}, "its text is of the wrong type"),
        ({"at": "2024-03-01T00:00:00"}, "its time has no offset"),
        ({"at": "yesterday"}, "yesterday"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "date value out of range"),
        ({"mentions": [1]}, "one of its mentions is not text"),
        ({"addressed": "yes"}, "its addressed is of the wrong type"),
    ],
)
def test_a_bad_line_is_reported_and_the_rest_is_read(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    good = to_json_line(MESSAGE)
    path = file(tmp_path, good, json.dumps(json.loads(good) | change), good)

    before, bad, after = read(path)

    assert before == after == MESSAGE
    assert isinstance(bad, BadLine)
    assert (bad.path, bad.line) == (str(path), 2)
    assert reason in bad.reason


@pytest.mark.parametrize("broken", [b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_an_object_is_reported(tmp_path: Path, broken: bytes) -> None:
    good, bad = read(file(tmp_path, to_json_line(MESSAGE), broken))

    assert good == MESSAGE
    assert isinstance(bad, BadLine)


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    path = file(tmp_path, "", f"\ufeff{to_json_line(MESSAGE)}\r", "  ", to_json_line(MESSAGE))

    assert read(path) == [MESSAGE, MESSAGE]


def test_what_postgres_cannot_hold_is_replaced(tmp_path: Path) -> None:
    entry = to_json_line(MESSAGE).replace('"hi"', r'"a\u0000b\ud800c\ud83d\ude00"')

    (message,) = read(file(tmp_path, entry))

    assert isinstance(message, Message)
    assert message.text == "a\ufffdb\ufffdc😀"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is not JSON"),
        (b"\x7fELF\x00\x01", "it is not JSON"),
        (b'{\n  "name": "x"\n}\n', "it is not JSON"),
        (b"[]\n", "its first line is something else"),
        (b'{"guild": {}, "messages": []}\n', "its first line is something else"),
    ],
)
def test_a_file_of_another_kind_is_one_clear_error(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(content)

    with pytest.raises(ArchiveError, match=f"{reason}.*expected one JSON object a line"):
        next(JSONL().read(path, HERE))


def test_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="it is not a file"):
        read(tmp_path)


@pytest.mark.parametrize("format_", ["discord", "irc", "jsonl", "slack"])
def test_our_formats_are_found_like_a_strangers(tmp_path: Path, format_: str) -> None:
    reader = plugins.load("archive", format_)()

    with pytest.raises(ArchiveError):
        next(reader.read(tmp_path / "nowhere", HERE))
