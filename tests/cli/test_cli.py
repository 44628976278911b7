"""The `nellie` command as people type it: errors, wrong usage, help."""

import re
import subprocess
import sys

import pytest
from cli.conftest import CONTRIBUTING, ROOT, Nellie

from bot import __version__


def test_turns_says_when_nothing_is_owed_and_what_cannot_be_retried(nellie: Nellie) -> None:
    assert nellie("turns").output == "Nothing is owed, and nothing has failed.\n"
    assert nellie("turns", "--json").output == ""
    assert nellie("turns", "retry", "1").exit_code == 1
    assert nellie("turns", "retry").exit_code == 2
    assert "To be answered again: 0" in nellie("turns", "retry", "--all-failed").output


@pytest.mark.parametrize(
    ("arguments", "environ", "reason"),
    [
        (["import", "nowhere.txt", "-f", "irc", "-c", "x"], {}, "nowhere.txt: no such file"),
        (["import", str(CONTRIBUTING), "-f", "irc", "-c", "x"], {}, "expected an IRC log"),
        (["export", "-c", "nowhere"], {}, "There is no channel 'nowhere'. Nothing"),
        (["compact", "-c", "nowhere"], {}, "There is no channel 'nowhere'. Nothing"),
        (["run"], {}, "no platform is configured: set SLACK_BOT_TOKEN or DISCORD_TOKEN"),
        (["chat"], {"NELLIE_MODEL": "hal"}, 'NELLIE_MODEL: The model "hal" cannot be loaded'),
        (["chat"], {"NELLIE_MODELS": "hal"}, 'NELLIE_MODELS: The model "hal" cannot be loaded'),
        (["chat"], {"NELLIE_MODEL": "openai/x", "OPENAI_API_KEY": ""}, "OPENAI_API_KEY: "),
        (["chat"], {"NELLIE_RECAL": "1"}, "is it NELLIE_RECALL?"),
        (["migrate"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL: only postgresql:// works"),
        (["migrate"], {"DATABASE_URL": "", "NELLIE_HOME": "/dev/null"}, "NELLIE_HOME: "),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    nellie: Nellie, arguments: list[str], environ: dict[str, str], reason: str
) -> None:
    failed = nellie(*arguments, **environ)

    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("nellie: ")
    assert reason in failed.stderr
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "x", "-f", "irq", "-c", "x"], "there is discord, irc, jsonl, "),
        (["import", "x", "--zone", "Mars/Phobos"], "there is no such time zone"),
        (["chat", "-c", " "], "a channel has a name"),
        (["chat", "--as", "Nellie"], "that is her own name"),
        (["dance"], "No such command 'dance'"),
    ],
)
def test_a_wrong_usage_is_exit_code_2(nellie: Nellie, arguments: list[str], reason: str) -> None:
    refused = nellie(*arguments)

    assert refused.exit_code == 2
    assert reason in refused.stderr


@pytest.mark.parametrize("command", ["chat", "import", "export", "compact", "run", "migrate"])
def test_help_gives_an_example(nellie: Nellie, command: str) -> None:
    shown = nellie(command, "--help")

    assert shown.exit_code == 0
    assert re.search(rf"For example:\n +.*nellie {command}", shown.stdout)


def test_prints_the_version(nellie: Nellie) -> None:
    assert nellie("version").stdout == f"{__version__}\n"


def test_help_is_whole_without_docstrings() -> None:
    command = [sys.executable, "-OO", "-m", "bot", "import", "--help"]

    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603  # our own

    assert "Bring real history in." in done.stdout
    assert "For example:" in done.stdout
