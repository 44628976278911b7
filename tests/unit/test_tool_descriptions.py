"""What tools say of themselves, short."""

import pytest

from bot.tools.describing import first_sentence


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Searches memory.", "Searches memory."),
        ("Searches memory", "Searches memory."),
        ("Searches memory. Give it words.", "Searches memory."),
        ("Searches\n  memory.\nGive it words.", "Searches memory."),
        ("Searches what was said in this channel or in others.", "Searches what was said…"),
        ("Searches the memories, of channels.", "Searches the memories…"),
        ("一" * 30, "一" * 24 + "…"),
        ("", ""),
        (" . ", ""),
    ],
)
def test_one_sentence_with_one_end(description: str, shown: str) -> None:
    assert first_sentence(description, 24) == shown
