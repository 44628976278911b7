"""`nellie import FILE`: format and channels are found from the file itself."""

import gzip
import json
import os
import shlex
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import LOG, Nellie, start
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.archives import unpacking

CHAT = "31/12/2024, 21:41 - Ana: hi\n31/12/2024, 21:42 - Bob: hello\n"
IRSSI = "--- Log opened Fri Mar 01 09:19:00 2024\n09:20 <@ana> hello\n09:21  * bob waves\n"
TELEGRAM = json.dumps(
    {
        "name": "Team",
        "type": "private_group",
        "id": 1,
        "messages": [
            {"id": 1, "type": "message", "date": "2024-03-01T09:00:00", "text": "one"}
            | {"from": "Ana", "from_id": "user1"}
        ],
    }
)


def slack(path: Path) -> Path:
    """An export with one message in each channel, and direct messages of two people."""
    channels = ("general", "random")
    with zipfile.ZipFile(path, "w") as packed:
        people = [{"id": "U1", "team_id": "T1", "name": "ana"}, {"id": "U2", "name": "bob"}]
        packed.writestr("users.json", json.dumps(people))
        named = [{"id": f"C{n}", "name": name} for n, name in enumerate(channels, 1)]
        packed.writestr("channels.json", json.dumps(named))
        packed.writestr("dms.json", json.dumps([{"id": "D1", "members": ["U1", "U2"]}]))
        for folder in (*channels, "D1"):
            day = [{"type": "message", "user": "U1", "ts": "1709280060.000200", "text": folder}]
            packed.writestr(f"{folder}/2024-03-01.json", json.dumps(day))
    return path


def discord(path: Path, *, thread: str = "") -> Path:
    message = {"id": "9001", "type": "Default", "timestamp": "2024-03-01T09:00:00+00:00"}
    message |= {"content": "hi", "author": {"id": "1", "name": "ana"}}
    kind: dict[str, Any] = {"type": "GuildTextChat", "id": "901", "name": "general"}
    if thread:
        kind = {"type": thread, "id": "9050", "name": "plan", "categoryId": "901"}
        kind["category"] = "general"
    content = {"guild": {"id": "77", "name": "x"}, "channel": kind, "messages": [message]}
    path.write_text(json.dumps(content))
    return path


def listed(nellie: Nellie) -> dict[str, int]:
    entries = map(json.loads, nellie("channels", "--json").stdout.splitlines())
    return {entry["exact_name"]: entry["messages"] for entry in entries}


def piped(address: str, content: bytes, *arguments: str) -> Result:
    command = ["import", "-", *arguments]
    return CliRunner().invoke(app, command, input=content, env={"DATABASE_URL": address})


@pytest.mark.parametrize(
    ("name", "content", "channel"),
    [
        ("WhatsApp Chat with Ana.txt", CHAT, "Ana"),
        ("#rust.log", IRSSI, "rust"),
        ("misnamed.bin", TELEGRAM, "Team"),
        ("2024-03-01-#ubuntu.txt", "[09:19] <ana> hi\n=== bob has joined #ubuntu\n", "ubuntu"),
    ],
)
def test_the_format_and_the_channel_are_found_from_the_file(
    nellie: Nellie, tmp_path: Path, name: str, content: str, channel: str
) -> None:
    path = tmp_path / name
    path.write_text(content)

    first = nellie("import", str(path))
    again = nellie("import", str(path))

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout.startswith(f"{channel}: ")
    assert f"{channel}: 0 imported" in again.stdout
    assert list(listed(nellie)) == [channel]


def test_slack_channels_come_in_as_the_live_ones(nellie: Nellie, tmp_path: Path) -> None:
    done = nellie("import", str(slack(tmp_path / "export.zip")))

    assert done.exit_code == 0
    assert sorted(done.stdout.splitlines()) == [
        "slack:T1/C1 (#general): 1 imported",
        "slack:T1/C2 (#random): 1 imported",
    ]
    assert "1 direct conversation left out" in done.stderr
    assert listed(nellie) == {"slack:T1/C1": 1, "slack:T1/C2": 1}


@pytest.mark.parametrize(
    ("chosen", "channels"),
    [
        (["-c", "general"], {"slack:T1/C1"}),
        (["-c", "#random", "-c", "C1"], {"slack:T1/C1", "slack:T1/C2"}),
        (["-c", "D1"], {"slack:T1/D1"}),
        (["-c", "slack:T1/C2", "--into", "kitchen"], {"kitchen"}),
    ],
)
def test_channels_of_an_export_are_chosen_and_renamed(
    nellie: Nellie, tmp_path: Path, chosen: list[str], channels: set[str]
) -> None:
    assert nellie("import", str(slack(tmp_path / "x.zip")), *chosen).exit_code == 0

    assert set(listed(nellie)) == channels


def test_a_channel_that_the_export_does_not_hold_is_asked_back(
    nellie: Nellie, tmp_path: Path
) -> None:
    failed = nellie("import", str(slack(tmp_path / "x.zip")), "-c", "genral")

    assert failed.exit_code == 1
    assert "holds no channel 'genral'. Did you mean slack:T1/C1 (#general)?" in failed.stderr


@pytest.mark.parametrize(
    ("thread", "channel"),
    [
        ("", "discord:77/901"),
        ("GuildPublicThread", "discord:77/901"),
        ("GuildPrivateThread", "discord:77/9050"),
    ],
)
def test_discord_channels_come_in_as_the_live_ones(
    nellie: Nellie, tmp_path: Path, thread: str, channel: str
) -> None:
    done = nellie("import", str(discord(tmp_path / "x.json", thread=thread)))

    assert done.exit_code == 0
    assert listed(nellie) == {channel: 1}


def test_a_dry_run_tells_what_would_come_in_and_changes_nothing(
    nellie: Nellie, tmp_path: Path
) -> None:
    looked = nellie("import", str(LOG), "--dry-run")

    assert looked.exit_code == 0
    assert "format: irc" in looked.stdout
    assert "ubuntu: 99 messages of 22 people, 2005-06-27 to 2005-06-27" in looked.stdout
    assert "42 joins, 7 leaves, 2 renamings" in looked.stderr
    assert listed(nellie) == {}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text, 0),
        (lambda text: text + "[25:00] <ana> never\n", 3),
        (lambda text: "[25:00] <ana> never\n", 1),
        (lambda text: "[09:19] <ana>\n=== bob has joined\n", 1),
    ],
    ids=["all", "some lines not read", "none readable", "nothing said"],
)
def test_the_exit_code_says_how_much_came_in(
    nellie: Nellie, tmp_path: Path, spoil: Any, code: int
) -> None:
    path = tmp_path / "2024-03-01-x.txt"
    path.write_text(spoil("[09:19] <ana> hi\n[09:20] <ana> ho\n"))

    assert nellie("import", str(path)).exit_code == code
    assert nellie("import", str(path), "--dry-run").exit_code == code


@pytest.mark.parametrize("pack", ["gz", "tar.gz", "zip", "pipe", "piped gz"])
def test_what_is_packed_or_piped_is_read(
    nellie: Nellie, tmp_path: Path, address: str, pack: str
) -> None:
    log, packed = tmp_path / "#rust.log", tmp_path / f"logs.{pack}"
    log.write_text(IRSSI)
    if pack == "gz":
        packed.write_bytes(gzip.compress(log.read_bytes()))
    elif pack == "tar.gz":
        with tarfile.open(packed, "w:gz") as tar:
            tar.add(log, "logs/#rust.log")
    elif pack == "zip":
        with zipfile.ZipFile(packed, "w") as zip_:
            zip_.write(log, "logs/#rust.log")
    given = gzip.compress(IRSSI.encode()) if pack == "piped gz" else IRSSI.encode()

    if "pipe" in pack:
        done = piped(address, given, "-c", "rust")
    else:
        done = nellie("import", str(packed), "-c", "rust")

    assert done.exit_code == 0, done.output
    assert listed(nellie) == {"rust": 2}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\x7fELF" + bytes(range(256)) * 9, "it is of no format that is known here"),
        (b"dear diary\n" * 50, "it is of no format that is known here"),
        (b"x" * 3_000_000, "it is of no format that is known here"),
        (b"!BDN" + bytes(500), "it is an Outlook file (PST)"),
        (b"SQLite format 3\0" + bytes(500), "it is a database of an app"),
        (b"PK\x03\x04" + bytes(100), "cannot be unpacked"),
        (b"\x1f\x8b\x08" + b"spoiled" * 9, "cannot be unpacked"),
        (b"AuthorID,Author,Date,Content\n1,a,b,c\n", "export again with --format Json"),
        (b"<!DOCTYPE html><html><div class=chatlog__message>", "export again with --format Json"),
        (b"<html><body>hi</body></html>", "it is a web page"),
    ],
)
def test_what_is_of_no_known_format_is_one_clear_sentence(
    nellie: Nellie, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)

    failed = nellie("import", str(path))

    assert failed.exit_code == 1
    assert failed.stderr.startswith(f"nellie: {path}: ")
    assert reason in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_folder_of_several_formats_is_asked_back(nellie: Nellie, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "chat.txt").write_text(CHAT)
    (folder / "result.json").write_text(TELEGRAM)

    assert "(telegram, whatsapp): choose with --format" in nellie("import", str(folder)).stderr
    assert nellie("import", str(folder), "-f", "telegram").stdout == "Team: 1 imported\n"


def test_a_zip_leads_nowhere_else_and_its_bombs_do_not_go_off(
    nellie: Nellie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../outside.txt", CHAT)
        packed.writestr("/tmp/absolute.txt", CHAT)  # noqa: S108  # it is not to be written
        packed.writestr("chat with Ana.txt", CHAT)
    monkeypatch.setattr(unpacking, "ALWAYS", 1_000_000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("chat.txt", CHAT + "x" * 3_000_000)

    done, refused = nellie("import", str(path)), nellie("import", str(bomb))

    assert done.stdout == "chat with Ana: 2 imported\n"
    assert not (tmp_path / "outside.txt").exists()
    assert refused.exit_code == 1
    assert "grows beyond all measure" in refused.stderr


def test_a_link_that_leads_in_a_circle_or_outside_is_not_followed(
    nellie: Nellie, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "chats", tmp_path / "secret.txt"
    folder.mkdir()
    outside.write_text(CHAT)
    (folder / "WhatsApp Chat with Ana.txt").write_text(CHAT)
    (folder / "circle").symlink_to(folder)
    (folder / "secret.txt").symlink_to(outside)

    assert nellie("import", str(folder)).stdout == "Ana: 2 imported\n"


def test_times_without_a_zone_take_the_one_that_is_given(nellie: Nellie, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    path.write_text(CHAT)

    nellie("import", str(path), "--zone", "Asia/Tokyo")
    nellie("export", "-c", "Ana", "-o", "out.jsonl")

    first = json.loads(Path("out.jsonl").read_text().splitlines()[0])
    assert first["at"] == "2024-12-31T12:41:00+00:00"
    assert "0 imported, 2 known" in nellie("import", str(path), "--zone", "UTC").stdout


def test_people_become_who_they_are_here(nellie: Nellie, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(CHAT)
    (tmp_path / "people.csv").write_text("Ana, U024BE7LH, Ana Alba\nNobody, U1\n")
    (tmp_path / "wrong.csv").write_text("Ana\n")

    refused = nellie("import", "chat.txt", "--people", "wrong.csv")
    nellie("import", "chat.txt", "--people", "people.csv")
    nellie("export", "-c", "chat", "-o", "out.jsonl")

    people = [json.loads(line)["author"] for line in Path("out.jsonl").read_text().splitlines()]
    assert people == [{"id": "U024BE7LH", "name": "Ana Alba"}, {"id": "Bob", "name": "Bob"}]
    assert (refused.exit_code, "line 1: it is not" in refused.stderr) == (1, True)


def test_very_many_faults_are_counted_and_not_all_listed(nellie: Nellie, tmp_path: Path) -> None:
    path = tmp_path / "2024-03-01-x.txt"
    path.write_text("[09:19] <ana> hi\n" + "[25:00] <ana> never\n" * 500)

    done = nellie("import", str(path))

    assert done.stderr.count("\n") < 110
    assert "and 400 more that cannot be read" in done.stderr
    assert "500 not to be read" in done.stdout


def test_a_strange_pipe_is_not_read_for_a_format_that_was_not_named(
    nellie: Nellie, address: str
) -> None:
    failed = piped(address, b"dear diary\n")

    assert failed.exit_code == 1
    assert "standard input: it is of no format" in failed.stderr


def test_a_fifo_is_read_like_a_pipe(nellie: Nellie, tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    if not (writer := os.fork()):
        with path.open("w") as fifo:
            fifo.write(CHAT)
        os._exit(0)

    done = nellie("import", str(path), "-c", "Ana")
    os.waitpid(writer, 0)

    assert done.stdout == "Ana: 2 imported\n"


def test_what_was_heard_live_does_not_come_twice(nellie: Nellie, tmp_path: Path) -> None:
    heard = {
        "id": "1709280060.000200",
        "author": {"id": "U1", "name": "ana"},
        "text": "general",
        "at": "2024-03-01T08:01:00+00:00",
    }
    (tmp_path / "live.jsonl").write_text(json.dumps(heard) + "\n")
    nellie("import", "live.jsonl", "-c", "slack:T1/C1")

    done = nellie("import", str(slack(tmp_path / "x.zip")), "-c", "general")

    assert done.stdout == "slack:T1/C1 (#general): 0 imported, 1 known already\n"


def test_what_was_forgotten_does_not_come_again_and_is_told(nellie: Nellie, tmp_path: Path) -> None:
    archive = str(slack(tmp_path / "x.zip"))
    first = nellie("import", archive, "-c", "general")
    nellie("forget", "channel", "general", "--yes")

    again = nellie("import", archive, "-c", "general")

    assert first.stdout == "slack:T1/C1 (#general): 1 imported\n"
    assert again.stdout == (
        "slack:T1/C1 (#general): 0 imported, 1 was forgotten here and stays forgotten\n"
    )
    assert again.exit_code == 0


def test_an_import_that_waits_for_a_pipe_is_broken_off_at_once(
    address: str, tmp_path: Path
) -> None:
    with start("import", "-", DATABASE_URL=address, TMPDIR=str(tmp_path)) as waiting:
        assert waiting.stdin
        waiting.stdin.write(CHAT)
        waiting.stdin.flush()
        while not list(tmp_path.glob("nellie-import-*")):
            assert waiting.poll() is None
            time.sleep(0.05)
        waiting.terminate()
        assert waiting.wait(60) == 130


@pytest.mark.parametrize("name", ["kitchen", "Climbing Club Thursday", "slack:T1/C1"])
def test_the_next_step_is_named(nellie: Nellie, tmp_path: Path, name: str) -> None:
    line = {"id": "1", "author": {"id": "U", "name": "u"}, "text": "hi", "at": "2024-03-01T08:00Z"}
    (tmp_path / "talk.jsonl").write_text(json.dumps(line) + "\n")

    first, again = (nellie("import", "talk.jsonl", "-c", name) for _ in range(2))

    step = f"ask about it: nellie chat -c {shlex.quote(name)}\n"
    assert (step in first.stderr, step in again.stderr) == (True, True)


def test_where_nothing_came_in_no_next_step_is_named(nellie: Nellie, tmp_path: Path) -> None:
    (tmp_path / "talk.jsonl").write_text('{"id": "1"}\n')

    assert "ask about it" not in nellie("import", "talk.jsonl", "-c", "kitchen").output
