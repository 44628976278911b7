"""Parts of a dataset: older and newer, no thread in two of them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasets.splits import SPLITS, Borders, Shares, parse_shares

BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
hours = st.integers(0, 100)


def at(hour: int) -> datetime:
    return BEGAN + timedelta(hours=hour)


@pytest.mark.parametrize("text", ["80/10/10", "80,10,10", " 80 / 10 / 10 "])
def test_shares_are_read(text: str) -> None:
    assert parse_shares(text) == Shares(80, 10, 10)


@pytest.mark.parametrize(
    "text", ["", "80", "80/20", "0/50/50", "90/20/-10", "80/10/11", "a/b/c", "٨٠/١٠/١٠"]
)
def test_what_are_no_shares_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"80/10/10|together 100"):
        parse_shares(text)


def test_without_borders_all_is_to_train() -> None:
    assert Borders().place(at(0), at(90)) == "train"


def test_what_goes_on_after_its_part_is_in_none() -> None:
    borders = Borders(at(80), at(90))

    assert borders.place(at(79), at(79)) == "train"
    assert borders.place(at(79), at(80)) is None
    assert borders.place(at(80), at(89)) == "validation"
    assert borders.place(at(90), at(99)) == "test"


@given(st.lists(st.tuples(hours, hours), min_size=1, max_size=40), hours, hours)
def test_each_part_is_older_than_the_next(
    threads: list[tuple[int, int]], one: int, other: int
) -> None:
    borders = Borders(at(min(one, other)), at(max(one, other)))
    times: dict[str, list[datetime]] = {name: [] for name in SPLITS}

    for began, later in threads:
        for asked in (began, began + later):
            if split := borders.place(at(began), at(asked)):
                times[split].append(at(asked))

    for name, following in pairwise(SPLITS):
        assert not times[name] or not times[following] or max(times[name]) < min(times[following])
