"""What changed in texts, as `nellie tune` shows it."""

from bot.cli.tables import wrap
from bot.cli.tune.changes import ONLY_SPACES, changes

LONG = "You are Nellie, who has been in this channel from its first day and forgets nothing."


def shown(before: str, after: str, columns: int = 40) -> list[str]:
    lines = changes({"persona": before}, {"persona": after}, columns)
    return "\n".join(lines).splitlines()


def test_only_the_sentence_that_changed_is_marked() -> None:
    assert shown("Be kind. Be brief. Be true.", "Be kind. Be long. Be true.") == [
        "--- persona (now)",
        "+++ persona (new)",
        "  Be kind.",
        "- Be brief.",
        "+ Be long.",
        "  Be true.",
    ]


def test_lines_fit_and_no_word_is_broken() -> None:
    lines = shown(LONG, f"{LONG} Be kind.")

    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines[2:-1]).split()) == LONG
    assert lines[-1] == "+ Be kind."


def test_sentences_without_spaces_between_them_and_lists_are_told_apart() -> None:
    assert shown("親切に。短く。", "親切に。長く。")[2:] == ["  親切に。", "- 短く。", "+ 長く。"]
    assert shown("- one\n- two", "- one\n- three")[2:] == ["  - one", "- - two", "+ - three"]


def test_spaces_alone_are_said() -> None:
    assert shown("Be kind. Be brief.", "Be kind.\n\nBe brief.")[2] == ONLY_SPACES


def test_equal_texts_are_not_shown_and_nothing_steers_the_terminal() -> None:
    assert shown("Be kind.", "Be kind.") == []
    assert "\x1b" not in "".join(shown("Be \x1b[31mred.", "Be kind."))


def test_a_word_that_is_wider_than_the_terminal_has_a_line_of_its_own() -> None:
    assert wrap(f"see {'x' * 50} there", 20) == f"see\n{'x' * 50}\nthere"
    assert wrap("", 20) == ""
    assert wrap("한국어 한국어 한국어", 13) == "한국어 한국어\n한국어"
