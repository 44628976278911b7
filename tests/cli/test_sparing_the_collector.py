"""`nellie run` does not look through what it has loaded again and again."""

import gc
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from bot.cli.collector import USUAL, spare_what_is_loaded, spare_while_loading


@pytest.fixture(autouse=True)
def as_it_was() -> object:
    yield
    gc.unfreeze()
    gc.set_threshold(*USUAL)


def test_what_is_loaded_is_looked_through_no_more() -> None:
    loaded = [[] for _ in range(3)]

    spare_what_is_loaded()

    looked_at = {id(one) for one in gc.get_objects()}
    assert not {id(one) for one in (loaded, *loaded)} & looked_at


def test_which_files_there_are_is_kept_no_longer_and_found_again(tmp_path: Path) -> None:
    (tmp_path / "later.py").touch()
    assert PathFinder.find_spec("later", [str(tmp_path)])
    assert str(tmp_path) in sys.path_importer_cache

    spare_what_is_loaded()

    assert str(tmp_path) not in sys.path_importer_cache
    assert PathFinder.find_spec("later", [str(tmp_path)])


def test_what_comes_later_is_still_collected() -> None:
    spare_what_is_loaded()
    later: list[object] = []
    later.append(later)

    del later

    assert gc.collect() >= 1


def test_while_it_loads_there_are_few_looks_and_then_as_many_as_ever() -> None:
    spare_while_loading()
    looks = gc.get_stats()[0]["collections"]
    loaded = [[] for _ in range(50_000)]

    assert gc.get_stats()[0]["collections"] - looks <= 1

    spare_what_is_loaded()
    looks = gc.get_stats()[0]["collections"]
    loaded += [[] for _ in range(50_000)]

    assert gc.get_stats()[0]["collections"] - looks > 10
