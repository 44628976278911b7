"""What is to be sorted, as people write it."""

import pytest

from bot.domain.errors import CommandError
from bot.tasks.label_syntax import MOST_WRITTEN, Sorting, parse_examples, split_sorting
from bot.tasks.labels import LabelExample

LABELS = ("bug", "praise", "a, b")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ("bug, praise: it: crashes", ("bug, praise", "", "it: crashes")),
        ("bug, praise", ("bug, praise", "", "")),
        ("kinds: it [crashes]", ("kinds", "", "it [crashes]")),
        ('"a: b", c [c = x]: TEXT', ('"a: b", c', "c = x", "TEXT")),
        ('bug [bug = "a; ]: b"; bug = c] : TEXT', ("bug", 'bug = "a; ]: b"; bug = c', "TEXT")),
        ("bug, praise [bug = x]", ("bug, praise", "bug = x", "")),
        ('5" disk, other: the "x"', ('5" disk, other', "", 'the "x"')),
        ("bug，praise：TEXT", ("bug，praise", "", "TEXT")),
        ("bug, praise:", ("bug, praise", "", "")),
        ("", ("", "", "")),
    ],
)
def test_splits_labels_examples_and_text(arguments: str, parts: tuple[str, str, str]) -> None:
    assert split_sorting(arguments) == Sorting(*parts)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("bug, praise [bug = x", "do not end"),
        ('bug, praise [bug = "x]: TEXT', ""),
        ("bug, praise [" + "x" * 1_000_000, "do not end"),
        ("bug, praise [bug = x] TEXT", "colon before the text"),
    ],
)
def test_says_what_is_wrong_with_brackets(arguments: str, why: str) -> None:
    if not why:  # a quote that stays open is a sign like others
        assert split_sorting(arguments).text == "TEXT"
        return
    with pytest.raises(CommandError, match=why):
        split_sorting(arguments)


@pytest.mark.parametrize("arguments", ["x" * 1_000_000, '"' * 1_000_000, "“" * 1_000_000])
def test_a_huge_text_without_a_colon_is_all_labels(arguments: str) -> None:
    assert split_sorting(arguments).text == ""


def test_reads_examples() -> None:
    written = 'bug = it crashes; Praise = "nice; really = nice";; "a, b" = x'

    assert parse_examples(written, LABELS) == (
        LabelExample("bug", "it crashes"),
        LabelExample("praise", "nice; really = nice"),
        LabelExample("a, b", "x"),
    )


def test_an_example_that_stands_there_twice_is_one() -> None:
    assert len(parse_examples("bug = it  crashes; bug = It crashes", LABELS)) == 1


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("bug = it crashes; praise = It  crashes", "already"),
        ("outage = x", "none of the labels: bug, praise, a, b"),
        ("it crashes", "write label = text"),
        ("bug =", "1 to 1,000"),
        (f"bug = {'x' * 1_001}", "1 to 1,000"),
        ("; ".join(f"bug = {n}" for n in range(MOST_WRITTEN + 1)), "At most 50"),
    ],
)
def test_says_what_is_wrong_with_examples(written: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        parse_examples(written, LABELS)
