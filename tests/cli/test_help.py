"""Help and completion: quick to load, whole, and no wider than a terminal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import ROOT, run_to_end
from doubles.installed_plugin import install
from typer.main import get_command
from typer.testing import CliRunner

from adapters.discord.cli import app as discord
from adapters.slack.cli import app as slack
from bot import __version__
from bot.__main__ import app

HEAVY = {
    *("aiohttp", "alembic", "asyncio", "asyncpg", "discord", "httpx2", "openai", "pydantic"),
    *("pydantic_settings", "rich", "slack_bolt", "slack_sdk", "sqlalchemy", "structlog"),
}
BY_TYPER = {"pydantic"}  # which checks the value of an option with it
CALL = f"""
import sys
sys.argv[0] = "nellie"
from bot.__main__ import main
try:
    main()
except SystemExit:
    print("LOADED", *sorted({HEAVY} & {{*sys.modules}}))
"""


def in_a_process(*arguments: str, flags: tuple[str, ...] = (), **environ: str) -> str:
    """Standard output of the command, and which of the heavy libraries it has loaded."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *flags, "-c", CALL, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def loaded(told: str) -> list[str]:
    """Which of the heavy libraries are in its last line."""
    return told.splitlines()[-1].split()[1:]


def pages(command: Any, *path: str, parent: Any = None) -> Iterator[tuple[str, ...]]:
    """The path of a command, and of each below it."""
    yield path
    if not isinstance(command, get_command(app).__class__.__base__):
        return
    with command.make_context("nellie", [], parent=parent, resilient_parsing=True) as ctx:
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            inner = below.make_context(name, [], parent=ctx, resilient_parsing=True)
            yield from pages(inner.command, *path, name, parent=ctx)


PAGES = [*pages(get_command(app))]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], []], ids=str)
def test_what_no_command_needs_is_not_loaded(arguments: list[str]) -> None:
    assert loaded(in_a_process(*arguments)) == []


@pytest.mark.parametrize("arguments", [["--version"], ["turns-of-phrase"]], ids=str)
def test_an_option_or_a_wrong_command_loads_no_command(arguments: list[str]) -> None:
    assert {*loaded(in_a_process(*arguments))} <= BY_TYPER


def test_completing_a_commands_name_loads_no_command() -> None:
    words = {"COMP_WORDS": "nellie c", "COMP_CWORD": "1", "_NELLIE_COMPLETE": "complete_bash"}

    told = in_a_process(**words)

    assert {"chat", "compact"} <= {*told.splitlines()}
    assert {*loaded(told)} <= BY_TYPER


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_is_printed(shell: str) -> None:
    shown = CliRunner().invoke(
        app,
        ["--show-completion"],
        prog_name="nellie",
        env={"_TYPER_COMPLETE_TEST_SHELL": shell, "SHELL": f"/bin/{shell}"},
    )

    assert shown.exit_code == 0
    assert "_NELLIE_COMPLETE" in shown.output


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
def test_help_has_its_line_and_fits_80_columns(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"], prog_name="nellie", env={"COLUMNS": "80"})

    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    assert "..." not in shown.output.partition("Commands:")[2], "the first sentence is too long"
    usage, _, rest = shown.output.partition("\n\n")
    assert usage.startswith(f"Usage: {' '.join(['nellie', *path])}")
    assert rest.strip()[:1].isupper()


@pytest.mark.parametrize("plugin", [discord, slack], ids=["discord", "slack"])
def test_the_help_of_platforms_fits_80_columns(plugin: Any) -> None:
    for path in pages(get_command(plugin)):
        shown = CliRunner().invoke(plugin, [*path, "--help"], env={"COLUMNS": "80"})

        assert max(map(len, shown.output.splitlines())) <= 80
        assert "For example:" in shown.output


@pytest.mark.parametrize("arguments", ["import", "turns retry", "forget person", "discord"])
def test_help_is_whole_without_docstrings(arguments: str) -> None:
    told = in_a_process(*arguments.split(), "--help", flags=("-OO",))

    assert "For example:" in told
    assert told.partition("\n\n")[2].strip()[:1].isupper()


def test_the_version_is_an_option_too() -> None:
    assert run_to_end("--version")[:2] == (0, f"{__version__}\n")


def test_a_plugins_line_is_read_without_running_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    named = "[nellie.commands]\nfine = fine:app\nbroken = broken:app\nbare = bare:app\n"
    install(
        tmp_path,
        entry_points=named,
        fine='"""`nellie fine`: weeds the garden.\n\nAnd more."""\n1 / 0',
        broken="this is no Python",
        bare="app = 1",
    )

    shown = CliRunner().invoke(app, ["--help"])
    called = CliRunner().invoke(app, ["fine"])

    assert "Weeds the garden." in shown.output
    assert {"broken", "bare"} <= {*shown.output.split()}
    assert "And more" not in shown.output
    assert called.exit_code == 1
    assert called.stderr.splitlines() == [
        "nellie: The command \"fine\" cannot be loaded: ZeroDivisionError('division by zero')"
    ]
