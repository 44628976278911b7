"""`nellie run` does not look through what it has loaded again and again."""

import gc

import pytest

from bot.cli.serve import spare_the_collector


@pytest.fixture(autouse=True)
def as_it_was() -> object:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_looked_through_no_more() -> None:
    loaded = [[] for _ in range(3)]

    spare_the_collector()

    looked_at = {id(one) for one in gc.get_objects()}
    assert not {id(one) for one in (loaded, *loaded)} & looked_at


def test_what_comes_later_is_still_collected() -> None:
    spare_the_collector()
    later: list[object] = []
    later.append(later)

    del later

    assert gc.collect() >= 1
