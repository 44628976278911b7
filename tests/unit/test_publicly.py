"""Whether a command's answer is for everybody."""

import pytest

from bot.commands.publicly import take_public


@pytest.mark.parametrize("mark", ["--public", "—public", "–public", "–-public", " --PUBLIC"])
def test_a_leading_mark_makes_an_answer_public(mark: str) -> None:
    assert take_public(f"{mark} 2h") == (True, "2h")
    assert take_public(f"{mark}\nsay --public") == (True, "say --public")
    assert take_public(mark) == (True, "")


@pytest.mark.parametrize(
    "arguments", ["2h", "2h --public", "--publicly 2h", "-public 2h", "public", "", "--public: x"]
)
def test_anything_else_stays_private(arguments: str) -> None:
    assert take_public(arguments) == (False, arguments)
