"""The first hour of somebody who was sent this repository, played in a terminal, step by step.

The steps build on each other; the newcomer's folder is the same for all of them.
"""

import json
import stat

import pytest
from e2e.first_hour.conftest import INSTALLING, Newcomer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

LOG = "tests/unit/archives/2005-06-27-ubuntu.log"
QUESTION = "can openoffice be removed without ubuntu-desktop?"
SLACK = "slack:T012/C034"


def test_from_a_clone_make_chat_leads_to_a_conversation(newcomer: Newcomer) -> None:
    with newcomer.types("make", "chat") as terminal:
        terminal.sees("you>", seconds=INSTALLING)
        terminal.types("the spare keys are in room 4.12\r")
        terminal.sees("nellie>")
        terminal.pastes("Traceback:\n  a line\n  another line")
        terminal.types("\r")
        terminal.sees("nellie>", times=2)
        terminal.types("who knows where the spare keys are?\r")
        terminal.sees("the spare keys are in room 4.12", times=2)
        terminal.types("exit\r")

        assert terminal.ends() == 0


def test_she_says_what_she_can_do(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat") as terminal:
        terminal.sees("you>")
        terminal.types("help\r")
        terminal.sees("/memory search WORDS")
        terminal.sees("Ctrl-C stops an answer")
        terminal.types("\x1b[A\x1b[A")  # before the help
        terminal.sees("who knows where the spare keys are?")
        terminal.types("\x03\x04")

        assert terminal.ends() == 0


def test_a_history_comes_in_by_one_command_and_adds_nothing_twice(newcomer: Newcomer) -> None:
    command = ("nellie", "import", LOG, "--format", "irc", "--channel", "ubuntu")

    assert "99 imported" in newcomer.runs(*command)
    assert "99 imported" not in newcomer.runs(*command)


def test_it_is_listed_what_is_remembered_where(newcomer: Newcomer) -> None:
    shown = newcomer.runs("nellie", "channels")

    assert "ubuntu" in shown
    assert "console" in shown


def test_a_slip_of_the_hand_is_asked_about(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat", "-c", "ubutnu") as terminal:
        terminal.sees("Did you mean ubuntu?")
        terminal.types("y\r")
        terminal.sees("Nellie in ubuntu")
        terminal.types("exit\r")

        assert terminal.ends() == 0


def test_an_answer_about_history_of_ones_own_quotes_who_said_it(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat", "-c", "#ubuntu") as terminal:
        terminal.sees("you>")
        terminal.types(f"{QUESTION}\r")
        terminal.sees("owlmanatt, 2005-06-27 09:31")
        terminal.types("quit\r")

        assert terminal.ends() == 0


def test_a_channel_of_slack_is_looked_into_and_not_spoken_in(newcomer: Newcomer) -> None:
    newcomer.runs("nellie", "import", LOG, "--format", "irc", "--channel", SLACK)

    with newcomer.types("nellie", "chat", "-c", SLACK) as terminal:
        terminal.sees("to look in")
        terminal.types(f"{QUESTION}\r")
        terminal.sees("owlmanatt, 2005-06-27 09:31")
        terminal.types("/memory forget all\r")
        terminal.sees("would change something")
        terminal.types("exit\r")
        assert terminal.ends() == 0

    assert newcomer.runs("nellie", "export", "-c", SLACK).count(QUESTION) == 0


def test_deleting_counts_and_asks(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat") as terminal:
        terminal.sees("you>")
        terminal.types("/memory forget all\r")
        terminal.sees("Sure?")
        terminal.types("/memory search keys\r")
        terminal.sees("room 4.12")
        terminal.types("exit\r")

        assert terminal.ends() == 0


def test_what_was_said_is_taken_away_as_a_file_and_as_a_backup(newcomer: Newcomer) -> None:
    kept = newcomer.clone / "ubuntu.jsonl"

    newcomer.runs("nellie", "export", "-c", "ubuntu", "-o", str(kept))
    newcomer.runs("nellie", "backup", str(newcomer.clone / "nellie.backup"))

    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert any("openoffice" in json.dumps(line) for line in lines)
    assert stat.S_IMODE((newcomer.clone / "nellie.backup").stat().st_mode) == 0o600


def test_doctor_finds_nothing_wrong_but_that_there_is_no_platform_yet(newcomer: Newcomer) -> None:
    shown = newcomer.runs("nellie", "doctor", code=1)

    assert [line.split()[1] for line in shown.splitlines() if line.startswith("wrong")] == [
        "platforms:"
    ]


def test_the_command_tells_its_version_its_help_and_the_manifest_of_slack(
    newcomer: Newcomer,
) -> None:
    assert newcomer.runs("nellie", "--version").strip()[0].isdigit()
    assert "display_information" in newcomer.runs("nellie", "slack", "manifest")
    assert all(len(line) <= 80 for line in newcomer.runs("nellie", "--help").splitlines())
