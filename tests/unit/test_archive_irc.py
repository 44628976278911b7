"""Ubuntu's IRC logs come in."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.irc.archive import UbuntuLog
from bot.domain.errors import ArchiveError
from bot.domain.model import Channel, Message
from bot.domain.ports import BadLine

UBUNTU = Channel("irc", "libera", "ubuntu", "ubuntu")
EXCERPT = Path(__file__).parent / "archives" / "2005-06-27-ubuntu.log"


def read(path: Path) -> list[Message | BadLine]:
    return list(UbuntuLog().read(path, UBUNTU))


def messages(path: Path) -> list[Message]:
    return [entry for entry in read(path) if isinstance(entry, Message)]


def log(folder: Path, *lines: str, name: str = "2005-06-27-#ubuntu.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def times(path: Path) -> list[str]:
    return [message.at.strftime("%m-%d %H:%M:%S") for message in messages(path)]


def ids(path: Path) -> list[str]:
    return [message.id for message in messages(path)]


def test_reads_a_real_log(tmp_path: Path) -> None:
    path = tmp_path / "2005-06-27_12.raw.txt"
    shutil.copy(EXCERPT, path)

    entries = read(path)

    assert len(entries) == 99
    first = entries[0]
    assert isinstance(first, Message)
    assert first.channel == UBUNTU
    assert (first.author.id, first.author.name) == ("cthulfuego", "cthulfuego")
    assert first.text == "owlmanatt: get yerself a cheap small usb mouse"
    assert first.at == datetime(2005, 6, 27, 9, 19, tzinfo=UTC)
    assert len({entry.id for entry in entries if isinstance(entry, Message)}) == 99


def test_joins_and_renamings_are_not_messages(tmp_path: Path) -> None:
    path = log(tmp_path, "=== ada has joined #ubuntu", "=== ada is now known as ada_", "")

    assert read(path) == []


def test_reads_actions_seconds_and_marks_of_operators(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "[09:19:07]  * ada yawns",
        "[09:20:01] * bob sleeps",
        "[09:21] <@eve> hi",
        "[09:22] <brad[] > hi",
    )

    said = [(message.author.name, message.text) for message in messages(path)]

    assert said == [("ada", "/me yawns"), ("bob", "/me sleeps"), ("eve", "hi"), ("brad[]", "hi")]
    assert times(path)[0] == "06-27 09:19:07"


def test_nothing_said_is_no_message(tmp_path: Path) -> None:
    assert read(log(tmp_path, "[12:15] <opteron>", "[12:15] <opteron>  ")) == []


def test_a_bad_line_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    path = log(tmp_path, "[09:19] <ada> one", "no time", "[25:00] <ada> never", "[09:20] <ada> two")

    entries = read(path)

    assert [entry.line for entry in entries if isinstance(entry, BadLine)] == [2, 3]
    assert [message.text for message in messages(path)] == ["one", "two"]


def test_midnight_begins_the_next_day(tmp_path: Path) -> None:
    path = log(tmp_path, "[23:59] <ada> late", "[00:00] <ada> early", "[00:01] <ada> awake")

    assert times(path) == ["06-27 23:59:00", "06-28 00:00:00", "06-28 00:01:00"]


def test_a_clock_of_twelve_hours_goes_on_after_noon_and_midnight(tmp_path: Path) -> None:
    hours = ("11:59", "12:59", "01:00", "11:59", "12:01", "01:00")

    path = log(tmp_path, *(f"[{hour}] <ada> tick" for hour in hours))

    assert [time[:-3] for time in times(path)] == [
        "06-27 11:59",
        "06-27 12:59",
        "06-27 13:00",
        "06-27 23:59",
        "06-28 00:01",
        "06-28 01:00",
    ]


def test_a_clock_set_back_a_little_stays_in_its_day(tmp_path: Path) -> None:
    path = log(tmp_path, "[14:01] <ada> hi", "[14:00] <ada> hi", "[14:01] <ada> hi")

    assert times(path) == ["06-27 14:01:00", "06-27 14:00:00", "06-27 14:01:00"]
    assert len(set(ids(path))) == 3


def test_the_same_words_twice_in_a_minute_are_two_messages(tmp_path: Path) -> None:
    path = log(tmp_path, "[09:19] <ada> ?", "[09:19] <bob> what", "[09:19] <ada> ?")

    assert len(set(ids(path))) == 3


def test_a_grown_log_keeps_the_ids_of_what_it_had(tmp_path: Path) -> None:
    lines = ["[09:19] <ada> ?", "[09:19] <ada> ?", "[11:19] <ada> ?"]
    before = ids(log(tmp_path, *lines))

    after = ids(log(tmp_path, *lines, "[11:19] <ada> ?", "[01:00] <ada> ?"))

    assert after[:3] == before
    assert len(set(after)) == 5


def test_ids_do_not_depend_on_the_name_but_on_the_date(tmp_path: Path) -> None:
    line = "[09:19] <ada> hi"

    one = ids(log(tmp_path, line, name="2005-06-27.txt"))
    same = ids(log(tmp_path, line, name="ubuntu 2005-06-27 copy.log"))
    other = ids(log(tmp_path, line, name="2005-06-28.txt"))

    assert one == same != other


def test_a_line_that_is_not_utf8_is_latin1(tmp_path: Path) -> None:
    path = tmp_path / "2005-06-27.txt"
    latin = "[09:20] <bob> café\n".encode("latin-1")
    path.write_bytes("\ufeff[09:19] <ada> naïve\r\n".encode() + latin + b"[09:21] <eve> a\0b\n")

    assert [message.text for message in messages(path)] == ["naïve", "café", "a\ufffdb"]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    log(tmp_path, "[09:19] <ada> second", name="2005-06-28.txt")
    log(tmp_path, "[09:19] <ada> first", name="2005-06-27.log")
    log(tmp_path, "1 2 -", name="2005-06-27.annotation.txt")
    log(tmp_path, "[09:19] <ada> tokens", name="2005-06-27.tok.txt")
    log(tmp_path, "remember the milk", name="notes.txt")

    assert [message.text for message in messages(tmp_path)] == ["first", "second"]

    archive = UbuntuLog()
    list(archive.read(tmp_path, UBUNTU))
    assert archive.skipped == {"other files": 3}


def test_a_line_without_end_is_reported_and_not_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.archives.reading.LONGEST_LINE", 100)
    path = log(tmp_path, "[09:19] <ada> one", f"[09:19] <ada> {'x' * 500}", "[09:20] <ada> two")

    entries = read(path)

    assert [message.text for message in messages(path)] == ["one", "two"]
    assert [entry.line for entry in entries if isinstance(entry, BadLine)] == [2]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ubuntu.log", b"[09:19] <ada> hi\n", "its name has no date"),
        ("2005-13-45.log", b"[09:19] <ada> hi\n", "its name has no date"),
        ("2005-06-27.txt", b"", "it is empty"),
        ("2005-06-27.txt", b"\x7fELF\x00\x01\x02" * 99, "expected an IRC log"),
        ("2005-06-27.txt", b"Minutes\n=======\n", "expected an IRC log"),
    ],
)
def test_a_file_of_another_kind_is_one_clear_error(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ArchiveError, match=reason):
        next(UbuntuLog().read(path, UBUNTU))


def test_a_folder_without_a_log_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no file of this format"):
        read(tmp_path)


def test_a_path_that_leads_nowhere_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no such file"):
        read(tmp_path / "2005-06-27.txt")
