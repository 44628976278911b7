"""The list of channels at the page: found by names of every script, a page at a time."""

import pytest

from adapters.web.channel_list import LONGEST, PAGE, find_page
from bot.domain.model import Channel
from bot.domain.page import ReadableChannel

NAMES = (
    "general",
    "Café-Zürich",
    "разработка",
    "デザイン",
    "운영팀",
    "الدعم",
    "ΕΛΛΆΔΑ",
    "हिन्दी",
    "ไทย",
)


def listed(*names: str) -> list[ReadableChannel]:
    return [
        ReadableChannel(number, Channel("slack", "T1", f"C{number}", name))
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("GENERAL", "general"),
        ("#general", "general"),
        ("cafe", "Café-Zürich"),
        ("zurich café", "Café-Zürich"),
        ("РАЗРА", "разработка"),
        ("ﾃﾞｻﾞ", "デザイン"),
        ("운영", "운영팀"),
        ("الدعم", "الدعم"),
        ("ελλαδα", "ΕΛΛΆΔΑ"),
        ("हिन्", "हिन्दी"),
        ("ไท", "ไทย"),
    ],
)
def test_a_channel_is_found_as_people_type_its_name(words: str, name: str) -> None:
    found = find_page(listed(*NAMES), words, 1)

    assert [one.channel.name for one in found.channels] == [name]


@pytest.mark.parametrize("words", ["xyzzy", "general xyzzy", "\x00", "%", "_", "\U0001f680"])
def test_what_no_name_holds_finds_none(words: str) -> None:
    assert find_page(listed(*NAMES), words, 1).found == 0


def test_nothing_said_finds_all() -> None:
    assert find_page(listed(*NAMES), "  ", 1).found == len(NAMES)
    assert find_page([], "", 1).found == 0


def test_direct_messages_are_found_as_what_they_are() -> None:
    direct = ReadableChannel(1, Channel("slack", "T1", "D1", "Ana", direct=True))

    assert find_page([direct], "direct ana", 1).found == 1


def test_long_lists_come_a_page_at_a_time() -> None:
    channels = listed(*(f"room {number}" for number in range(2 * PAGE + 5)))

    pages = [find_page(channels, "room", number) for number in (1, 2, 3)]

    assert [one for page in pages for one in page.channels] == channels
    assert [page.first for page in pages] == [1, PAGE + 1, 2 * PAGE + 1]
    assert [page.has_next for page in pages] == [True, True, False]


@pytest.mark.parametrize(("asked", "number"), [(0, 1), (-5, 1), (4, 3), (10**18, 3)])
def test_a_page_that_is_not_there_is_the_nearest(asked: int, number: int) -> None:
    channels = listed(*(f"room {number}" for number in range(2 * PAGE + 5)))

    assert find_page(channels, "", asked).number == number


def test_of_what_is_looked_for_a_long_text_is_cut() -> None:
    assert find_page(listed("a" * LONGEST), "a" * 100_000, 1).found == 1
