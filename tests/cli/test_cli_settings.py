"""`nellie settings`: the same as .env.example, one explained, and never a secret."""

import os
import stat
from pathlib import Path

import pytest
from cli.conftest import ROOT, Nellie

from bot.cli.settings import as_env_file
from bot.config.descriptions import describe_settings

EXAMPLE = (ROOT / ".env.example").read_text()
SECRETS = (
    "OPENAI_API_KEY",
    "DATABASE_URL",
    "SLACK_BOT_TOKEN",
    "DISCORD_TOKEN",
    "NELLIE_TGI_API_KEY",
)


def test_the_example_is_what_is_printed_and_what_compose_reads() -> None:
    own, _, compose = EXAMPLE.partition("\n# ---- docker compose")

    assert as_env_file(describe_settings()) == own, "run: nellie settings"
    assert "POSTGRES_PASSWORD" in compose


def test_what_is_printed_sets_nothing(nellie: Nellie) -> None:
    shown = nellie("settings")

    assert shown.exit_code == 0
    assert all(line.startswith("#") for line in shown.stdout.splitlines() if line)


@pytest.mark.parametrize(
    ("name", "set_to", "expected"),
    [
        ("NELLIE_MAX_ANSWER", {}, ["Tokens an answer may have.", "Default: 1000", "the default"]),
        (
            "nellie_recall",
            {"NELLIE_RECALL": "7"},
            ["Default: 1200", "Now: 7, from the environment"],
        ),
        ("NELLIE_SLACK_MODE", {}, ["Default: socket"]),
        ("NELLIE_PERSONA", {}, ['Default: "You are Nellie']),
        ("DISCORD_TOKEN_FILE", {}, ["DISCORD_TOKEN\n", "Default: none"]),
    ],
)
def test_one_is_explained(
    nellie: Nellie, name: str, set_to: dict[str, str], expected: list[str]
) -> None:
    shown = nellie("settings", name, **set_to)

    assert shown.exit_code == 0
    assert [text for text in expected if text not in shown.stdout] == []


def test_what_stands_in_the_file_is_said_to(nellie: Nellie, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NELLIE_RECALL=9\n")

    assert "Now: 9, from .env" in nellie("settings", "NELLIE_RECALL").stdout


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_never_printed(nellie: Nellie, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("hush-hush")

    direct = nellie("settings", name, **{name: "hush-hush"})
    in_file = nellie("settings", name, **{name: "", f"{name}_FILE": str(tmp_path / "secret")})
    every = nellie("settings", **{name: "hush-hush"})

    assert "Now: set (a secret, not shown), from the environment" in direct.stdout
    assert f"from the file {tmp_path / 'secret'}" in in_file.stdout
    assert "hush-hush" not in direct.output + in_file.output + every.output


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NELLIE_MODLE", "is it NELLIE_MODEL?"),
        ("SLACK_TOKEN", "is it SLACK_"),
        ("X", "`nellie settings` lists them all"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(nellie: Nellie, name: str, hint: str) -> None:
    refused = nellie("settings", name)

    assert refused.exit_code == 1
    assert hint in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_wrong_settings_can_still_be_looked_up(nellie: Nellie) -> None:
    shown = nellie("settings", "NELLIE_MAX_ANSWER", NELLIE_MAX_ANSWER="many")

    assert "Now: many, from the environment" in shown.stdout


def test_the_file_that_is_written_is_for_its_owner_alone(nellie: Nellie, tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        written = nellie("settings", "--write")
    finally:
        os.umask(former)

    assert written.exit_code == 0
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert (tmp_path / ".env").read_text() == as_env_file(describe_settings())


@pytest.mark.parametrize(
    ("user", "home", "expected"),
    [
        (0, "/root", "Now: /var/lib/nellie, as you are root"),
        (0, "/home/ana", "Now: /var/lib/nellie, as you are root"),
        (1000, "/home/ana", "Now: /home/ana/.local/share/nellie\n"),
    ],
)
def test_where_memory_lies_by_default_is_said_for_this_machine(
    nellie: Nellie, monkeypatch: pytest.MonkeyPatch, user: int, home: str, expected: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr("sys.platform", "linux")

    shown = nellie("settings", "NELLIE_HOME", HOME=home, XDG_DATA_HOME="", NELLIE_HOME="")

    assert expected in shown.stdout
