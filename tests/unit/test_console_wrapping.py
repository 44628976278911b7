"""Replies of commands at a terminal: between words, and without the marks of code."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.console.wrapping import for_terminal


def test_a_list_of_commands_goes_on_below_its_text() -> None:
    line = "/catchup    what happened; or /catchup 2h, 3d, today, yesterday"

    assert for_terminal(line, 40).split("\n") == [
        "/catchup    what happened; or /catchup",
        "            2h, 3d, today, yesterday",
    ]


def test_a_point_goes_on_below_its_text() -> None:
    assert for_terminal("- bob: the ship is late", 12) == "- bob: the\n  ship is\n  late"


def test_code_keeps_its_lines_and_loses_its_marks() -> None:
    picture = "Fri 11-27       ██ | ████████ -1 +4"

    assert for_terminal(f"so:\n```\n{picture}\n```\ndone", 20) == f"so:\n{picture}\ndone"


def test_a_link_stays_whole() -> None:
    link = "https://chat.example/archives/C1/p1234567890"

    shown = for_terminal(f"- bob: look there: {link} (so)", 20)

    assert shown == f"- bob: look there:\n  {link}\n  (so)"


@given(st.text(alphabet="ab /-`漢\n", max_size=200), st.integers(1, 30))
def test_no_word_is_lost(text: str, width: int) -> None:
    text = text.replace("```", "")

    assert for_terminal(text, width).split() == text.split()
