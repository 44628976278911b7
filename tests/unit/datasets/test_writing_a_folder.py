"""The folder of a dataset: whole, or not there."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.datasets.writing import MADE_BY, MANIFEST, refuse_folder, write_folder
from bot.domain.errors import SettingsError


def write(folder: Path, text: str, *, replace: bool = False) -> None:
    with write_folder(folder, replace=replace) as written:
        written.file("train.jsonl").write({"text": text})
        written.finish({"made_by": MADE_BY})


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, ValueError])
def test_what_is_broken_off_leaves_nothing_and_the_former_one_stays(
    tmp_path: Path, error: type[BaseException]
) -> None:
    write(tmp_path / "data", "former")

    def break_off() -> None:
        with write_folder(tmp_path / "data", replace=True) as written:
            written.file("train.jsonl").write({"text": "half"})
            raise error

    with pytest.raises(error):
        break_off()

    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert "former" in (tmp_path / "data/train.jsonl").read_text()


def test_what_is_abandoned_leaves_nothing(tmp_path: Path) -> None:
    with write_folder(tmp_path / "data", replace=False) as written:
        written.file("train.jsonl").write({"text": "x"})
        written.abandon()

    assert not list(tmp_path.iterdir())


def test_a_dataset_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    write(tmp_path / "data", "former")
    write(tmp_path / "data", "later", replace=True)

    assert "later" in (tmp_path / "data/train.jsonl").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    write(tmp_path / "data", "new")

    assert (
        json.loads((tmp_path / "data" / MANIFEST).read_text())["files"]["train.jsonl"]["lines"] == 1
    )


def test_a_manifest_of_something_else_makes_no_dataset(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"made_by": "somebody"}')

    with pytest.raises(SettingsError, match="holds no dataset"):
        refuse_folder(tmp_path, replace=True)


@pytest.mark.parametrize("own", ["notes.txt", ".hidden", "folder/x"])
def test_a_dataset_with_a_file_of_somebody_beside_it_is_never_replaced(
    tmp_path: Path, own: str
) -> None:
    write(tmp_path / "data", "former")
    (tmp_path / "data" / own).parent.mkdir(exist_ok=True)
    (tmp_path / "data" / own).write_text("mine")

    with pytest.raises(SettingsError, match=own.split("/")[0]):
        write(tmp_path / "data", "later", replace=True)

    assert (tmp_path / "data" / own).read_text() == "mine"
    assert "former" in (tmp_path / "data/train.jsonl").read_text()


@pytest.mark.parametrize("replace", [False, True])
def test_what_came_there_while_it_was_written_stays(tmp_path: Path, replace: bool) -> None:
    def write_slowly() -> None:
        with write_folder(tmp_path / "data", replace=replace) as written:
            written.finish({"made_by": MADE_BY})
            (tmp_path / "data").mkdir()
            (tmp_path / "data/cat.jpg").write_bytes(b"cat")

    with pytest.raises(SettingsError, match="holds no dataset"):
        write_slowly()

    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
        "data",
        "data/cat.jpg",
    ]


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.datasets.writing import write_folder
with write_folder(Path(sys.argv[1]), replace=True) as written:
    written.file("train.jsonl").write({"text": "half"})
    if "taken away" in sys.argv:
        os.replace(sys.argv[1], written.path.parent / "former")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_a_run(folder: Path, *when: str) -> None:
    command = [sys.executable, "-c", KILLED, str(folder), *when]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL  # noqa: S603 - our own


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    kill_a_run(tmp_path / "data")
    kill_a_run(tmp_path / "data-2")
    assert len(list(tmp_path.iterdir())) == 2

    write(tmp_path / "data", "later")

    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0].startswith(".data-2-")  # of another folder: it is for its own runs
    assert left[1:] == ["data"]


def test_what_a_run_holds_is_left_to_it(tmp_path: Path) -> None:
    with write_folder(tmp_path / "data", replace=True) as written:
        written.file("train.jsonl").write({"text": "slow"})
        write(tmp_path / "data", "quick")
        written.finish({"made_by": MADE_BY})

    assert "slow" in (tmp_path / "data/train.jsonl").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_what_a_killed_run_had_taken_away_is_put_back(tmp_path: Path) -> None:
    write(tmp_path / "data", "former")
    kill_a_run(tmp_path / "data", "taken away")
    assert not (tmp_path / "data").exists()

    with write_folder(tmp_path / "data", replace=True) as written:
        assert "former" in (tmp_path / "data/train.jsonl").read_text()
        written.abandon()

    assert [path.name for path in tmp_path.iterdir()] == ["data"]
