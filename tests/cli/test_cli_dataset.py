"""`nellie dataset`, as an operator runs it."""

import asyncio
import hashlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Nellie
from doubles.rated_team import BOB, RatedTeam
from doubles.trainer_checks import check_example, check_pair

from bot.datasets.shapes import TRAINERS
from bot.domain.model import Channel
from bot.store.database import Database

Fill = Callable[[Callable[[RatedTeam], Awaitable[object]]], None]


@pytest.fixture
def fill(address: str) -> Fill:
    """Writes into the database of the command."""

    def write(work: Callable[[RatedTeam], Awaitable[object]]) -> None:
        async def run() -> None:
            database = Database(address)
            try:
                await work(RatedTeam(database))
            finally:
                await database.close()

        asyncio.run(run())

    return write


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def small(team: RatedTeam) -> None:
    """One answer found good, one corrected, and one that nobody rated."""
    await team.say(BOB, "The backup disk is in the grey cupboard. Mail bob@example.com")
    await team.ask("Where is the backup disk?", "In the grey cupboard, says Bob Quillfeather.")
    await team.ask("Who holds the key?", "Nobody does.", good=False, thread="t1", id="t1")
    await team.say(BOB, "No, the spare key is with the porter.", thread="t1")
    await team.ask("What about lunch?", "I do not know.", good=None)


async def large(team: RatedTeam) -> None:
    for number in range(30):
        question = f"Where is part {number} of machine {number * 7}?"
        await team.ask(question, f"In room {number * 3}, on shelf {number * 11}, says nobody.")


def test_what_was_found_good_is_written(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    fill(small)

    result = nellie("dataset", "--to", "data")

    assert result.exit_code == 0, result.output
    assert "wrote data: 1 example" in result.output
    assert "left out 2 turns" in result.output
    (line,) = lines(tmp_path / "data/train.jsonl")
    system, asked, answer = (one["content"] for one in line["messages"])
    assert "You are Nellie" in system
    assert "The backup disk is in the grey cupboard. Mail [e-mail]" in asked
    assert answer.startswith("In the grey cupboard, says ")
    assert "Quillfeather" not in str(line)


def test_the_manifest_tells_what_is_in_it_and_what_is_not(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    fill(small)

    nellie("dataset", "--to", "data", "--rated", "all", "--licence", "ours\nalone")

    told = json.loads((tmp_path / "data/manifest.json").read_text())
    written = (tmp_path / "data/train.jsonl").read_bytes()
    assert told["files"]["train.jsonl"] == {
        "lines": 2,
        "bytes": len(written),
        "sha256": hashlib.sha256(written).hexdigest(),
    }
    assert told["examples"] == {"found good": 1, "corrected": 1}
    assert told["left_out"] == {"not rated": 1}
    assert told["models"] == {"openai/large": 2}
    assert told["licence"] == "ours alone"
    assert told["pseudonymised"] is True
    assert told["period"]["first"].startswith("2026-06-01T09:02")


@pytest.mark.parametrize("trainer", TRAINERS)
def test_every_trainer_gets_its_shape(
    nellie: Nellie, fill: Fill, tmp_path: Path, trainer: str
) -> None:
    fill(small)

    result = nellie("dataset", "--to", "data", "--for", trainer, "--rated", "all", "--pairs")

    assert result.exit_code == 0, result.output
    for line in lines(tmp_path / "data/train.jsonl"):
        check_example(line, trainer)
    (pair,) = lines(tmp_path / "data/pairs-train.jsonl")
    check_pair(pair, trainer)
    assert "The spare key is with the porter." in str(pair)
    assert "Nobody does." in str(pair)


def test_parts_are_older_and_newer(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    fill(large)

    nellie("dataset", "--to", "data", "--split", "70/20/10")

    counts = {
        name: len(lines(tmp_path / f"data/{name}.jsonl"))
        for name in ("train", "validation", "test")
    }
    told = json.loads((tmp_path / "data/manifest.json").read_text())["split"]
    assert sum(counts.values()) == 30
    assert counts["train"] >= 19
    assert counts["validation"] >= 4
    assert told["validation_from"] < told["test_from"]


def test_two_runs_agree_while_the_key_is_the_same(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    fill(small)

    nellie("dataset", "--to", "one")
    nellie("dataset", "--to", "two", "--key", "one.key")
    nellie("dataset", "--to", "three")

    one, two, three = (
        (tmp_path / name / "train.jsonl").read_text() for name in ("one", "two", "three")
    )
    assert one == two != three
    assert oct((tmp_path / "one.key").stat().st_mode & 0o777) == "0o600"
    assert oct((tmp_path / "one").stat().st_mode & 0o777) == "0o700"


def test_names_can_be_kept(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    fill(small)

    nellie("dataset", "--to", "data", "--names", "keep")

    written = (tmp_path / "data/train.jsonl").read_text()
    assert "Bob Quillfeather" in written
    assert "bob@example.com" not in written
    assert json.loads((tmp_path / "data/manifest.json").read_text())["pseudonymised"] is False


def test_a_channel_and_a_time_can_be_chosen(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    other = Channel("slack", "T1", "C-other", "other")

    async def two(team: RatedTeam) -> None:
        await small(team)
        await team.ask("Where are the plates?", "In the kitchen, on the left.", channel=other)

    fill(two)

    nellie("dataset", "--to", "data", "-c", "#other")
    late = nellie("dataset", "--to", "late", "--since", "2026-06-02")

    (line,) = lines(tmp_path / "data/train.jsonl")
    assert "plates" in str(line)
    assert late.exit_code == 1
    assert not (tmp_path / "late").exists()


def test_direct_messages_are_written_where_they_are_named(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    alone = Channel("slack", "T1", "D1", "ana", direct=True)

    async def two(team: RatedTeam) -> None:
        await small(team)
        await team.ask("What do I earn?", "Ask the office for that.", channel=alone)

    fill(two)

    nellie("dataset", "--to", "data")
    nellie("dataset", "--to", "named", "-c", "slack:T1/D1")

    assert "earn" not in (tmp_path / "data/train.jsonl").read_text()
    assert "earn" in (tmp_path / "named/train.jsonl").read_text()


def test_unrated_answers_that_cite_are_written_where_that_is_asked(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    link = "https://t1.slack.com/archives/C-support/p1"

    async def work(team: RatedTeam) -> None:
        said = await team.say(BOB, "The porter has the plan of the house.", link=link)
        await team.ask(
            "Who has the plan?", f"The porter, see {link}", good=None, rests_on=[said.seq]
        )
        await team.ask("And what of the garden?", "I do not know that.", good=None)

    fill(work)

    nellie("dataset", "--to", "data", "--cited")

    told = json.loads((tmp_path / "data/manifest.json").read_text())
    assert told["examples"] == {"cited": 1}
    assert told["left_out"] == {"not rated, whose answer cites nothing that was shown": 1}


def test_nothing_to_learn_from_leaves_nothing(nellie: Nellie, tmp_path: Path) -> None:
    result = nellie("dataset", "--to", "data")

    assert result.exit_code == 1
    assert "nothing to learn from" in result.output
    assert "rate answers" in result.output
    assert "take more with --rated all or --cited" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["data.key"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--for", "bert"), "trl, axolotl, together, openai"),
        (("--rated", "bad"), "good, corrected, all"),
        (("--names", "none"), "pseudonyms, keep"),
        (("--split", "50/50"), "80/10/10"),
        (("--since", "yesteryear"), "is no time"),
        (("--since", "2026-06-02", "--until", "2026-06-01"), "not before"),
        (("--tokens", "10"), "450"),
        (("--channel", ""), "a channel has a name"),
        (("--split", "١٠/80/10"), "80/10/10"),
        (("--to", "."), "it needs a name"),
        (("--to", ""), "it needs a name"),
        (("--to", "/"), "it needs a name"),
        (("--to", "sub/.."), "it needs a name"),
        (("--to", "~nosuchuser/x"), "home directory"),
        (("--key", "~nosuchuser/x"), "home directory"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    nellie: Nellie, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = nellie("dataset", "--to", "data", *arguments)

    assert result.exit_code == 2
    assert told in result.output
    assert not list(tmp_path.iterdir())


def test_an_unknown_channel_is_named(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    fill(small)

    result = nellie("dataset", "--to", "data", "--channel", "suport")

    assert result.exit_code == 1
    assert "Did you mean" in result.output
    assert not (tmp_path / "data").exists()


def test_a_dataset_is_replaced_only_where_that_is_said(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    fill(small)
    nellie("dataset", "--to", "data")
    before = (tmp_path / "data/manifest.json").read_text()

    refused = nellie("dataset", "--to", "data")
    unchanged = (tmp_path / "data/manifest.json").read_text()
    replaced = nellie("dataset", "--to", "data", "--replace", "--rated", "all")

    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert unchanged == before
    assert replaced.exit_code == 0
    assert len(lines(tmp_path / "data/train.jsonl")) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "data.key"]


def test_a_folder_of_something_else_is_never_replaced(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    fill(small)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.jpg").write_bytes(b"cat")
    (tmp_path / "file").write_text("x")

    results = [nellie("dataset", "--to", name, "--replace") for name in ("photos", "file")]

    assert [one.exit_code for one in results] == [1, 1]
    assert (tmp_path / "photos/cat.jpg").exists()
    assert (tmp_path / "file").read_text() == "x"


def test_a_place_that_cannot_be_written_to_is_named(
    nellie: Nellie, fill: Fill, tmp_path: Path
) -> None:
    fill(small)
    (tmp_path / "file").write_text("x")

    result = nellie("dataset", "--to", "file/data")

    assert result.exit_code == 1
    assert "file" in result.output
    assert "Traceback" not in result.output


def test_folders_above_it_are_made(nellie: Nellie, fill: Fill, tmp_path: Path) -> None:
    fill(small)

    result = nellie("dataset", "--to", "new/sub/data")

    assert result.exit_code == 0, result.output
    made = sorted(path.name for path in (tmp_path / "new/sub").iterdir())
    assert made == ["data", "data.key"]


@pytest.mark.parametrize("content", ["", "short"])
def test_what_is_no_key_is_refused(
    nellie: Nellie, fill: Fill, tmp_path: Path, content: str
) -> None:
    fill(small)
    (tmp_path / "data.key").write_text(content)

    result = nellie("dataset", "--to", "data")

    assert result.exit_code == 1
    assert "it is no key" in result.output


def test_a_full_disk_leaves_nothing(
    nellie: Nellie, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small)
    (tmp_path / "data.key").write_text("k" * 64)

    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    result = nellie("dataset", "--to", "data")

    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["data.key"]


def test_without_a_database_it_says_so(
    nellie: Nellie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.open_database.PATIENCE", 0.1)
    away = "postgresql://nobody@127.0.0.1:1/none?sslmode=disable"

    result = nellie("dataset", "--to", "data", DATABASE_URL=away)

    assert result.exit_code == 1
    assert not (tmp_path / "data").exists()
