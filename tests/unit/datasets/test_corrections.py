"""What corrects a bad answer, and what does not."""

import pytest

from bot.datasets.corrections import find_correction


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("No, the disk is in the cellar.", "The disk is in the cellar."),
        ("@Nellie actually: it moved to the cellar", "It moved to the cellar"),
        ("nope. wrong - Ana has the key", "Ana has the key"),
        ("Nein, der Schlüssel liegt bei Ana", "Der Schlüssel liegt bei Ana"),
        ("That's wrong, it is port 8443", "It is port 8443"),
        ("バックアップは地下室にあります", "バックアップは地下室にあります"),
        ("Nowhere near that, see the cellar", "Nowhere near that, see the cellar"),
    ],
)
def test_the_right_answer_is_what_follows_its_opening(said: str, right: str) -> None:
    assert find_correction(said) == right


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no",
        "That is wrong.",
        "that's completely wrong!",
        "@Nellie no, try again",
        "Das ist falsch",
        "really?",
        "No, are you sure about the cellar?",
        "thanks anyway",
        "...",
        "Please look again",
    ],
)
def test_what_only_judges_or_asks_corrects_nothing(said: str) -> None:
    assert find_correction(said) is None
