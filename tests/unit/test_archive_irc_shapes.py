"""IRC logs of irssi, WeeChat, ZNC and others come in."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.irc.archive import IrcLog, channel_name
from bot.domain.errors import ArchiveError
from bot.domain.model import Message
from bot.domain.ports import BadLine

IRSSI = """--- Log opened Fri Mar 01 09:19:00 2024
09:19 -!- ana [~ana@host] has joined #rust
09:19 -!- Irssi: #rust: Total of 2 nicks
09:20 <@ana> hello: <bob>
09:21  * bob waves
09:22 -!- mode/#rust [+o bob] by ana
23:59 < bob> late
--- Day changed Sat Mar 02 2024
00:01 <+bob> early
--- Log closed Sat Mar 02 00:05:00 2024
"""
WEECHAT = """2024-03-01 09:19:00\t-->\tana (~ana@host) has joined #rust
2024-03-01 09:20:05\t@ana\thello: <bob>
2024-03-01 09:21:00\t *\tbob waves
2024-03-01 09:22:00\t--\tMode #rust [+o bob] by ana
2024-03-01 09:23:00\t<--\teve (~e@h) has quit (Quit)
2024-03-01 23:59:00\tbob\tlate
2024-03-02 00:01:00\tbob\tearly
"""
ZNC = """[09:19:00] *** Joins: ana (~ana@host)
[09:20:05] <ana> hello: <bob>
[09:21:00] * bob waves
[09:22:00] *** ana sets mode: +o bob
[09:22:30] -NickServ- you are known
[23:59:00] <bob> late
"""
LIMNORIA = """2024-03-01T09:19:00  *** ana <~ana@host> has joined #rust
2024-03-01T09:20:05  <ana> hello: <bob>
2024-03-01T09:21:00  * bob waves
"""
BERLIN = ZoneInfo("Europe/Berlin")


def read(folder: Path, name: str, content: str) -> tuple[list[Message], list[BadLine], IrcLog]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    archive = IrcLog()
    archive.zone = BERLIN
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    messages = [one for one in entries if isinstance(one, Message)]
    return messages, [one for one in entries if isinstance(one, BadLine)], archive


@pytest.mark.parametrize(
    ("name", "content", "skipped"),
    [
        ("irclogs/libera/#rust.log", IRSSI, {"joins": 1, "notice": 2, "modes": 1}),
        ("irc.libera.#rust.weechatlog", WEECHAT, {"joins": 1, "modes": 1, "leaves": 1}),
        ("#rust/2024-03-01.log", ZNC, {"joins": 1, "modes": 1, "notice": 1}),
        ("libera_#rust_20240301.log", ZNC, {"joins": 1, "modes": 1, "notice": 1}),
        ("#rust.2024-03-01.log", LIMNORIA, {"joins": 1}),
    ],
)
def test_what_was_said_and_done_comes_in_and_the_rest_is_counted(
    tmp_path: Path, name: str, content: str, skipped: dict[str, int]
) -> None:
    messages, bad, archive = read(tmp_path, name, content)

    assert not bad
    said = [(one.author.name, one.text) for one in messages]
    assert said[:2] == [("ana", "hello: <bob>"), ("bob", "/me waves")]
    assert {one.channel.id for one in messages} == {"rust"}
    assert messages[0].at.astimezone(BERLIN).strftime("%m-%d %H:%M") == "03-01 09:20"
    assert archive.skipped == skipped


@pytest.mark.parametrize("content", [IRSSI, WEECHAT])
def test_a_day_that_begins_is_taken_from_the_log(tmp_path: Path, content: str) -> None:
    messages, _, _ = read(tmp_path, "#rust.log", content)

    times = [one.at.astimezone(BERLIN).strftime("%m-%d %H:%M") for one in messages]
    assert times[-2:] == ["03-01 23:59", "03-02 00:01"]


def test_a_zone_in_the_line_goes_before_all_others(tmp_path: Path) -> None:
    [one], _, _ = read(tmp_path, "#x.log", "2024-03-01T09:20:05+0900 <ana> hi\n")

    assert one.at == datetime(2024, 3, 1, 0, 20, 5, tzinfo=UTC)


def test_the_zone_is_no_part_of_the_ids(tmp_path: Path) -> None:
    path = tmp_path / "#rust.log"
    path.write_text(IRSSI)
    ids = []
    for zone in (UTC, BERLIN):
        archive = IrcLog()
        archive.zone = zone
        entries = archive.read_channels(path, archive.channels(path))
        ids.append([one.id for one in entries if isinstance(one, Message)])

    assert ids[0] == ids[1]


def test_ubuntus_logs_are_in_utc_and_others_in_the_zone_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "2024-03-01-#ubuntu.txt").write_text("[09:20] <ana> hi\n")
    (tmp_path / "#rust.log").write_text(IRSSI)
    archive = IrcLog()

    first = next(iter(archive.read_channels(tmp_path, archive.channels(tmp_path)[1:])))

    assert isinstance(first, Message)
    assert first.at == datetime(2024, 3, 1, 9, 20, tzinfo=UTC)
    assert archive.notes == ["times that have no zone are taken as UTC; --zone says another"]


def test_a_log_that_says_no_day_at_all_is_refused_and_one_that_says_it_late_is_not(
    tmp_path: Path,
) -> None:
    with pytest.raises(ArchiveError, match="its name has no date"):
        read(tmp_path, "#rust.log", "09:20 <ana> hello\n")

    messages, bad, _ = read(
        tmp_path, "#rust.log", "09:20 <ana> one\n--- Day changed Sat Mar 02 2024\n09:21 <ana> two\n"
    )
    assert ([one.text for one in messages], [one.line for one in bad]) == (["two"], [1])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("2005-06-27-#ubuntu.txt", "ubuntu"),
        ("logs/#ubuntu/2005-06-27.log", "ubuntu"),
        ("irc.libera.##c++.weechatlog", "c++"),
        ("net_#chan_20240301.log", "chan"),
        ("#chan.log.1", "chan"),
        ("bob/2024-03-01.log", "bob"),
        ("bob.log", "bob"),
    ],
)
def test_the_channel_is_named_by_the_file_or_its_folder(path: str, name: str) -> None:
    assert channel_name(Path("/logs") / path) == name


@pytest.mark.parametrize(
    "content",
    [
        "=== Heading\n\ntext\n",
        "12:30 lunch\n13:00 talk\n",
        "1. <b>bold</b>\n",
        "{}\n",
        "--- a/x\n+++ b/x\n",
    ],
)
def test_other_texts_are_not_taken_for_a_log(tmp_path: Path, content: str) -> None:
    (tmp_path / "2024-03-01-x.txt").write_text(content)

    assert not IrcLog().recognizes(tmp_path)


HEXCHAT = """**** BEGIN LOGGING AT Sun Dec 31 23:50:00 2023

Dec 31 23:50:01 *\tNow talking on #rust
Dec 31 23:50:02 *\tTopic for #rust is: all about rust
Dec 31 23:51:00 <ana>\thello: <bob>
Dec 31 23:52:00 *\tbob waves
Jan 01 00:01:00 <bob>\tearly
Jan 01 00:02:00 *\teve (~e@h) has joined
Jan 01 00:03:00 *\teve has quit (Quit: bye)
Feb 03 09:00:00 <ana>\tlate
**** ENDING LOGGING AT Sat Feb 03 09:10:00 2024
"""


def test_hexchats_lines_say_their_day_without_a_year(tmp_path: Path) -> None:
    messages, bad, archive = read(tmp_path, "#rust.log", HEXCHAT)

    assert not bad
    assert [
        (one.author.name, one.text, f"{one.at.astimezone(BERLIN):%Y-%m-%d %H:%M}")
        for one in messages
    ] == [
        ("ana", "hello: <bob>", "2023-12-31 23:51"),
        ("bob", "/me waves", "2023-12-31 23:52"),
        ("bob", "early", "2024-01-01 00:01"),
        ("ana", "late", "2024-02-03 09:00"),
    ]
    assert sum(archive.skipped.values()) == 5


@pytest.mark.parametrize(
    "notice",
    [
        "* bob (b@x) has joined #rust",
        "* Joins: bob (b@x)",
        "* Quits: bob (b@x) (Quit: bye)",
        "* bob is now known as bo",
        "* ana sets mode: +o bob",
        "* Now talking in #rust",
        "* Topic is 'all about rust'",
        "* bob was kicked by ana (spam)",
    ],
)
def test_what_happens_in_mirc_is_said_by_nobody(tmp_path: Path, notice: str) -> None:
    log = f"Session Start: Fri Mar 01 09:19:00 2024\n[09:19] <ana> hello\n[09:20] {notice}\n"

    messages, bad, _ = read(tmp_path, "#rust.log", log)

    assert not bad
    assert [one.text for one in messages] == ["hello"]


@pytest.mark.parametrize("done", ["has joined the club", "is now on holiday", "quits smoking"])
def test_what_somebody_does_in_such_words_is_said(tmp_path: Path, done: str) -> None:
    log = f"Session Start: Fri Mar 01 09:19:00 2024\n[09:19] <ana> hello\n[09:20] * bob {done}\n"

    messages, _, _ = read(tmp_path, "#rust.log", log)

    assert [one.text for one in messages] == ["hello", f"/me {done}"]


@pytest.mark.parametrize(
    "day", ["Do Mär 14", "jeu. mars 14", "gio mar 14", "czw mar 14", "Чт мар 14"]
)
def test_irssis_days_are_read_in_the_language_of_its_machine(tmp_path: Path, day: str) -> None:
    log = f"--- Log opened {day} 21:00:00 2024\n21:05 <ana> hello\n"

    [message], _, _ = read(tmp_path, "#rust.log", log)

    assert f"{message.at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == "2024-03-14 21:05"


@pytest.mark.parametrize(
    ("name", "number"),
    [("Okt", 10), ("Dez", 12), ("juin", 6), ("juil.", 7), ("août", 8), ("ene", 1), ("paź", 10)],
)
def test_months_are_known_in_many_languages(tmp_path: Path, name: str, number: int) -> None:
    log = f"--- Day changed xx {name} 02 2023\n21:05 <ana> hello\n"

    [message], _, _ = read(tmp_path, "#rust.log", log)

    assert message.at.astimezone(BERLIN).month == number
