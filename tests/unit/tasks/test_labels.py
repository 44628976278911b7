"""Labels as people write them."""

import pytest

from bot.domain.errors import CommandError
from bot.tasks.labels import LONGEST_LABEL, MOST_LABELS, find_label, parse_labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("bug, praise, question", ("bug", "praise", "question")),
        ('bug, "a, b"', ("bug", "a, b")),
        ("„Lob, Dank“, Fehler", ("Lob, Dank", "Fehler")),
        ("«bug», praise", ("bug", "praise")),
        ("  feature   request ,bug,, ", ("feature request", "bug")),
        ("问题，表扬、其他", ("问题", "表扬", "其他")),
        ("👍, 👎", ("👍", "👎")),
        ('"half, open', ('"half', "open")),
        ('say "cheese", bug', ('say "cheese"', "bug")),
    ],
)
def test_reads_labels_with_commas_between_them(text: str, labels: tuple[str, ...]) -> None:
    assert parse_labels(text) == labels


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least two"),
        (" , ,, ", "at least two"),
        ("bug", "at least two"),
        ("bug, praise, Bug", "twice"),
        ('bug, "", praise', "is empty"),
        ('"", bug', "is empty"),
        ("bug, “\u200b ”", "is empty"),
        ("feature request, feature  request", "twice"),
        (f"bug, {'x' * (LONGEST_LABEL + 1)}", "at most 60 characters"),
        (", ".join(f"l{number}" for number in range(MOST_LABELS + 1)), "at most 100 labels"),
        (", ".join(f"l{number}" for number in range(500)), "at most 100 labels"),
        ("x" * 1_000_000, "too long"),
        ("“," * 500_000, "too long"),
    ],
)
def test_says_what_is_wrong_with_labels(text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why) as caught:
        parse_labels(text)

    assert len(str(caught.value)) < 200


def test_takes_as_many_labels_as_it_says() -> None:
    text = ", ".join(f"l{number}" for number in range(MOST_LABELS))

    assert len(parse_labels(text)) == MOST_LABELS


@pytest.mark.parametrize("wanted", ["Bug", " bug ", "b\u200bug", "BUG"])
def test_finds_a_label_however_it_is_written(wanted: str) -> None:
    assert find_label(("praise", "bug"), wanted) == "bug"
    assert find_label(("praise", "bugs"), wanted) is None
