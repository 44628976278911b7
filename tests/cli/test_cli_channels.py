"""`nellie channels`, and the names that all commands take."""

import json
import os
import pty
from pathlib import Path

import pytest
from cli.conftest import ROOT, Nellie
from doubles.loaded_nellie import start_nellie
from typer.testing import CliRunner

from bot.__main__ import app
from bot.cli.channel_names import EXAMPLE, close, exact_name, matching, parse_name
from bot.cli.channels import HEADER
from bot.domain.model import Channel

GENERAL = Channel("slack", "T1", "C1", "general")
OTHER_GENERAL = Channel("slack", "T2", "C9", "general")
RANDOM = Channel("discord", "77", "5001", "random")
KITCHEN = Channel("console", "local", "kitchen", "kitchen")
ANA = Channel("slack", "T1", "D1", "ana", direct=True)
KNOWN = (GENERAL, RANDOM, KITCHEN, ANA)


def archive(folder: Path, *texts: str) -> str:
    entry = {"author": {"id": "U1", "name": "ana"}, "at": "2026-03-02T08:00:00+00:00"}
    path = folder / f"{len(texts)}.jsonl"
    path.write_text(
        "\n".join(json.dumps({**entry, "id": str(n), "text": t}) for n, t in enumerate(texts))
    )
    return str(path)


def bring_in(nellie: Nellie, folder: Path, *channels: str) -> None:
    for channel in channels:
        path = archive(folder, f"said in {channel}", "and more")
        done = nellie("import", path, "-f", "jsonl", "-c", channel, "--new")
        assert done.exit_code == 0, done.output


def exported(nellie: Nellie, channel: str) -> int:
    """How many lines; the folder is the test's own."""
    done = nellie("export", "-c", channel, "-o", "exported.jsonl", "--force")
    assert done.exit_code == 0
    return Path("exported.jsonl").read_text().count("\n")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("kitchen", KITCHEN),
        ("#kitchen", KITCHEN),
        ("console:local/kitchen", KITCHEN),
        ("Kitchen", KITCHEN),
        ("slack:T1/C1", GENERAL),
        ("general", GENERAL),
        ("#general", GENERAL),
        ("#General", GENERAL),
        ("slack:general", GENERAL),
        ("slack:#general", GENERAL),
        ("slack:T1/#general", GENERAL),
        ("C1", GENERAL),
        ("discord:77/5001", RANDOM),
        ("discord:random", RANDOM),
        ("slack:T1/D1", ANA),
    ],
)
def test_a_channel_is_found_by_its_exact_or_its_plain_name(name: str, meant: Channel) -> None:
    assert matching(name, KNOWN) == [meant]


def test_direct_messages_are_not_found_by_the_name_of_their_person() -> None:
    assert matching("ana", KNOWN) == []


def test_a_plain_name_of_two_channels_means_both_and_an_exact_one_goes_first() -> None:
    own = Channel("console", "local", "general", "general")

    assert matching("#general", [*KNOWN, OTHER_GENERAL]) == [GENERAL, OTHER_GENERAL]
    assert matching("#general", [*KNOWN, OTHER_GENERAL, own]) == [own]


@pytest.mark.parametrize("id_", ["kitchen", "#old", "a:b/c", "two words", "一般", "##", "x/y"])
def test_every_exact_name_leads_back_to_its_channel(id_: str) -> None:
    own = Channel("console", "local", id_, id_)
    elsewhere = Channel("slack", "T1", id_, "name")

    known = {*KNOWN, own, elsewhere}

    for channel in (own, elsewhere):
        assert matching(exact_name(channel), known) == [channel]
        assert parse_name(exact_name(channel)) == channel


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("genral", [GENERAL]),
        ("#generall", [GENERAL]),
        ("kicthen", [KITCHEN]),
        ("kitchn", [KITCHEN]),
        ("slack:T1/C2", [GENERAL, ANA]),
        ("garden", []),
        ("x", []),
    ],
)
def test_a_slip_is_near_what_was_meant(slip: str, meant: list[Channel]) -> None:
    assert close(slip, KNOWN)[:2] == meant


CLIMBING = Channel("console", "local", "Climbing Club Thursday", "Climbing Club Thursday")
DESIGN = Channel("slack", "T1", "C7", "design-reviews")
LIKE_IT = Channel("console", "local", "Climbing Cub", "Climbing Cub")


@pytest.mark.parametrize(
    ("part", "meant"),
    [
        ("climbing", CLIMBING),
        ("Climbing Club", CLIMBING),
        ("clim", CLIMBING),
        ("THURSDAY", CLIMBING),
        ("club", CLIMBING),
        ("#design", DESIGN),
        ("reviews", DESIGN),
        ("kit", KITCHEN),
    ],
)
def test_a_part_of_a_name_is_near_the_whole_of_it(part: str, meant: Channel) -> None:
    assert close(part, [*KNOWN, DESIGN, CLIMBING]) == [meant]


def test_whose_name_it_begins_goes_before_those_with_like_letters() -> None:
    assert close("Climbing Club", [LIKE_IT, CLIMBING]) == [CLIMBING, LIKE_IT]


@pytest.mark.parametrize("name", ["c", "an", "console", "local", "lub", "climbing wall", "C"])
def test_what_is_only_within_a_word_or_names_a_platform_is_no_part(name: str) -> None:
    assert close(name, [*KNOWN, DESIGN, CLIMBING]) == []


@pytest.mark.parametrize("part", ["climbing", "Thursday", "climbing club"])
def test_a_part_of_a_name_begins_no_channel_unasked(
    nellie: Nellie, tmp_path: Path, part: str
) -> None:
    bring_in(nellie, tmp_path, CLIMBING.name)

    failed, new = (
        nellie("chat", "-c", part, given="hi"),
        nellie("chat", "-c", part, "--new", given="hi"),
    )

    assert (failed.exit_code, new.exit_code) == (1, 0)
    assert f"There is no channel {part!r}. Did you mean Climbing Club Thursday?" in failed.stderr


def test_who_names_no_channel_is_never_asked_which(nellie: Nellie, tmp_path: Path) -> None:
    bring_in(nellie, tmp_path, "console talk")

    assert nellie("chat", given="hi").exit_code == 0


@pytest.mark.parametrize("name", ["ubuntu", "try-ubunut", "my-ubuntu", "#try_ubuntu", "tryubuntu"])
def test_the_example_is_never_what_a_slip_may_have_meant(name: str) -> None:
    assert close(name, [*KNOWN, EXAMPLE]) == []
    assert matching("#Try-Ubuntu", [*KNOWN, EXAMPLE]) == [EXAMPLE]


@pytest.mark.parametrize("name", ["ubuntu", "#Ubuntu", "my-ubuntu"])
def test_history_comes_in_beside_the_example_unasked(
    nellie: Nellie, tmp_path: Path, name: str
) -> None:
    bring_in(nellie, tmp_path, exact_name(EXAMPLE))

    done = nellie("import", archive(tmp_path, "new"), "-f", "jsonl", "--into", name)

    assert done.exit_code == 0, done.output
    assert nellie("channels", "--json").stdout.count("\n") == 2


def test_a_slip_beside_the_example_offers_ones_own_channel_alone(
    nellie: Nellie, tmp_path: Path
) -> None:
    bring_in(nellie, tmp_path, exact_name(EXAMPLE), "ubuntu")

    failed = nellie("export", "-c", "ubunut")

    assert "Did you mean ubuntu?" in failed.stderr


def test_lists_what_is_remembered_where_with_exact_names(nellie: Nellie, tmp_path: Path) -> None:
    bring_in(nellie, tmp_path, "kitchen", "slack:T1/C1")

    shown = nellie("channels").stdout.splitlines()

    assert shown[0].split() == [*HEADER[:6], "LAST", "(UTC)"]
    rows = {line.split()[0]: line for line in shown[1:]}
    assert set(rows) == {"kitchen", "slack:T1/C1"}
    assert rows["kitchen"].split()[1:3] == ["2", "1"]
    assert rows["kitchen"].endswith("23 B  2026-03-02 08:00")
    for name in rows:
        assert exported(nellie, name) == 2


def test_a_narrow_terminal_gets_lines_that_fit_and_names_that_are_whole(
    nellie: Nellie, tmp_path: Path
) -> None:
    bring_in(nellie, tmp_path, "kitchen", "discord:77/500100000000000001")

    shown = nellie("channels", COLUMNS="40").stdout.splitlines()

    assert max(map(len, shown)) <= 40
    assert "discord:77/500100000000000001" in shown
    assert shown[shown.index("kitchen") + 1] == "  2 messages, 23 B"


def test_as_json_the_names_and_sizes_are_fields(nellie: Nellie, tmp_path: Path) -> None:
    bring_in(nellie, tmp_path, "slack:T1/C1")

    [entry] = map(json.loads, nellie("channels", "--json").stdout.splitlines())

    assert entry["exact_name"] == "slack:T1/C1"
    assert (entry["messages"], entry["people"], entry["bytes"]) == (2, 1, 27)
    assert entry["tokens"] > 0
    assert entry["last"] == "2026-03-02T08:00:00+00:00"


def test_says_what_to_do_when_nothing_is_remembered(nellie: Nellie) -> None:
    assert "`nellie import FILE` brings history in" in nellie("channels").stdout


@pytest.mark.parametrize(
    "command", [["export"], ["compact"], ["forget", "person", "U1", "--yes"], ["chat"], ["import"]]
)
def test_every_command_offers_what_a_slip_may_have_meant(
    nellie: Nellie, tmp_path: Path, command: list[str]
) -> None:
    bring_in(nellie, tmp_path, "general")
    more = [archive(tmp_path, "new"), "-f", "jsonl"] if command == ["import"] else []

    failed = nellie(*command, *more, "-c", "genral")

    assert failed.exit_code == 1
    assert "There is no channel 'genral'. Did you mean general?" in failed.stderr
    assert nellie("channels").stdout.count("\n") == 2


def test_a_plain_name_of_several_channels_is_asked_back(nellie: Nellie, tmp_path: Path) -> None:
    bring_in(nellie, tmp_path, "slack:T1/C1", "slack:T2/C1")

    failed = nellie("export", "-c", "C1")

    assert "There are several channels 'C1': slack:T1/C1, slack:T2/C1." in failed.stderr


@pytest.mark.parametrize("name", ["kitchen", "#kitchen", "Kitchen"])
def test_a_mark_or_a_capital_makes_no_other_channel(
    nellie: Nellie, tmp_path: Path, name: str
) -> None:
    bring_in(nellie, tmp_path, "kitchen")
    talk = CliRunner().invoke(app, ["chat", "-c", name], input="hi\n", env=os.environ)

    assert talk.exit_code == 0
    assert nellie("channels").stdout.count("\n") == 2


@pytest.mark.parametrize("arguments", [["-c", "kitchem", "--new"], ["-c", "garden"]])
def test_a_new_channel_on_purpose_is_begun(
    nellie: Nellie, tmp_path: Path, arguments: list[str]
) -> None:
    bring_in(nellie, tmp_path, "kitchen")
    nellie("import", archive(tmp_path, "new"), "-f", "jsonl", *arguments)

    assert exported(nellie, arguments[1]) == 1


def test_a_numbered_sister_is_no_slip(nellie: Nellie, tmp_path: Path) -> None:
    bring_in(nellie, tmp_path, "team1")

    done = nellie("import", archive(tmp_path, "new"), "-f", "jsonl", "-c", "team2")

    assert done.exit_code == 0


def test_no_chat_begins_a_channel_of_a_platform(nellie: Nellie) -> None:
    failed = nellie("chat", "-c", "slack:T1/C1")

    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "There is no channel 'slack:T1/C1'." in failed.stderr


@pytest.mark.parametrize(("answer", "channels"), [("y", 1), ("n", 2)])
def test_at_a_terminal_it_is_asked_whether_a_slip_was_meant(
    nellie: Nellie, tmp_path: Path, address: str, answer: str, channels: int
) -> None:
    bring_in(nellie, tmp_path, "general")
    ours, theirs = pty.openpty()

    with start_nellie(
        *("chat", "-c", "genral"),
        folder=tmp_path,
        environ={**os.environ, "DATABASE_URL": address, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as chat:
        seen = read_until(ours, b"[Y/n]")
        os.write(ours, f"{answer}\nhi there\n".encode())
        seen += read_until(ours, b"Hello")
        chat.terminate()
    os.close(ours)
    os.close(theirs)

    assert b"Did you mean general?" in seen
    assert len(nellie("channels", "--json").stdout.splitlines()) == channels


def read_until(descriptor: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        seen += os.read(descriptor, 1024)
    return seen
