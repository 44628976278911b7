"""The line of a terminal that says what she does."""

import pytest

from adapters.console.terminal.live import Progress
from bot.testing import FakeDeliveryLog


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("thinking", "searching memory"),
        ("thinking, 12 s", "thinking"),
        ("reading 214 messages", "asking the model (214 messages)"),
        ("reading 1 message", "asking the model (1 message)"),
        ("reading 1,214 messages", "asking the model (1,214 messages)"),
        ("reading a web page", "reading a web page"),
        ("searching memory, reading a web page", "searching memory, reading a web page"),
        ("asking GitHub: list_issues", "asking GitHub: list_issues"),
        ("setting a reminder and 3 more", "setting a reminder and 3 more"),
        ("reading what it says", "asking the model"),
        ("reading what they say", "asking the model"),
        ("waiting (2 before you)", "waiting (2 before you)"),
    ],
)
def test_a_status_is_shown_in_words_for_who_waits(status: str, line: str) -> None:
    progress, log = Progress(), FakeDeliveryLog()
    progress.start()
    progress.log, log.status, progress.stoppable = log, status, True

    assert progress.line(200)[2:] == f"{line}, Ctrl-C stops"


def test_nobody_is_promised_that_a_command_stops() -> None:
    assert Progress().line(200)[2:] == "waiting, Ctrl-C twice leaves"
