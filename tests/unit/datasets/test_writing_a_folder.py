"""The folder of a dataset: whole, or not there."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.datasets.writing import MADE_BY, MANIFEST, read_key, refuse_folder, write_folder
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


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first, second = read_key(tmp_path / "key"), read_key(tmp_path / "key")

    assert first == second
    assert len(first) == 64
