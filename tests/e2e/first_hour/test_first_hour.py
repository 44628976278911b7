"""The first hour of somebody who was sent this repository, played in a terminal, step by step.

The steps build on each other; the newcomer's folder is the same for all of them.
"""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doubles.discord_server.server import Discord
from doubles.slack_server import NELLIE, Slack
from doubles.slack_server.api import APP_TOKEN, BOT_TOKEN
from doubles.terminal import Terminal
from e2e.first_hour.conftest import INSTALLING, Newcomer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

LOG = "tests/unit/archives/2005-06-27-ubuntu.log"
QUESTION = "can openoffice be removed without ubuntu-desktop?"
SLACK = "slack:T012/C034"
TOKENS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """A workspace that has not invited her yet."""
    async with Slack() as slack:
        slack.room("C1").members.remove(NELLIE)
        yield slack


def test_from_a_clone_make_chat_leads_to_a_real_conversation(newcomer: Newcomer) -> None:
    with newcomer.types("make", "chat") as terminal:
        terminal.sees("Or try her on a real", seconds=INSTALLING)
        terminal.types("1\r")
        terminal.sees("in the channel try-ubuntu")
        terminal.sees("owlmanatt, 2005-06-27 09:3")
        terminal.types("what did I miss?\r")
        terminal.sees("messages since 2005-06-27")
        terminal.types("own\r")
        terminal.sees("You are back in console.")

        say(terminal, "the spare keys are in room 4.12", "nellie>")
        terminal.pastes("Traceback:\n  a line\n  another line")
        terminal.types("\r")
        terminal.sees("you> Traceback:\n  a line\n  another line")
        say(terminal, "who knows where the spare keys are?", "you, 20")
        terminal.types("exit\r")

        assert terminal.ends() == 0


def test_she_says_who_she_is_and_what_she_can_do(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat") as terminal:
        terminal.sees("you>")
        assert "Or try her" not in terminal.shown, "there is memory now"
        say(terminal, "help", "Ctrl-C stops an answer")
        say(terminal, "what can you do?", "/memory search WORDS", times=2)
        say(terminal, "who are you?", "Nellie", times=2)
        terminal.types("\x1b[A\x1b[A\x1b[A\x1b[A")
        terminal.sees("who knows where the spare keys are?")
        terminal.types("\x15exit\r")

        assert terminal.ends() == 0


def test_a_history_comes_in_by_one_command_and_adds_nothing_twice(newcomer: Newcomer) -> None:
    looked = newcomer.runs("nellie", "import", LOG, "--into", "ubuntu", "--dry-run")
    first = newcomer.runs("nellie", "import", LOG, "--into", "ubuntu")
    second = newcomer.runs("nellie", "import", LOG, "--into", "ubuntu")

    assert "format: irc" in looked
    assert "99 imported" in first
    assert "99 imported" not in second


def test_it_is_listed_what_is_remembered_where(newcomer: Newcomer) -> None:
    names = [line.split()[0] for line in newcomer.runs("nellie", "channels").splitlines()]

    assert {"ubuntu", "console"} <= set(names)


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
        say(terminal, QUESTION, "owlmanatt, 2005-06-27 09:3")
        say(terminal, "catch me up", "messages since 2005-06-27")
        terminal.types("quit\r")

        assert terminal.ends() == 0


def test_a_channel_of_slack_is_looked_into_and_not_spoken_in(newcomer: Newcomer) -> None:
    newcomer.runs("nellie", "import", LOG, "--into", SLACK)

    with newcomer.types("nellie", "chat", "-c", SLACK) as terminal:
        terminal.sees("to look in")
        say(terminal, QUESTION, "owlmanatt, 2005-06-27 09:3")
        say(terminal, "forget everything", "would change something")
        say(terminal, "/memory retention 1", "would change something", times=2)
        terminal.types("exit\r")

        assert terminal.ends() == 0

    assert QUESTION not in newcomer.runs("nellie", "export", "-c", SLACK)


def test_deleting_counts_asks_and_takes_a_yes_in_words(newcomer: Newcomer) -> None:
    with newcomer.types("nellie", "chat", "--as", "ana", "-c", "kitchen", "--new") as terminal:
        terminal.sees("ana>")
        say(terminal, "the fridge is broken", "nellie>")
        say(terminal, "/memory forget fridge", "This forgets 1 message")
        say(terminal, "no", "Nothing was changed")
        say(terminal, "forget everything", "of everyone")
        say(terminal, "yes", "Forgotten: ")
        say(terminal, "/memory search fridge", "I remember nothing with")
        terminal.types("exit\r")

        assert terminal.ends() == 0


async def test_slack_is_set_up_from_nothing_to_the_first_answer(
    newcomer: Newcomer, slack: Slack, env_file: Path
) -> None:
    given = {name: value for name, value in slack.environ.items() if name not in TOKENS}

    with newcomer.types("nellie", "slack", "setup", NO_PROXY="127.0.0.1", **given) as terminal:
        await terminal.sees_meanwhile("api.slack.com/apps?new_app=1")
        await paste_secret(terminal, "Paste the Bot User OAuth Token", BOT_TOKEN)
        await paste_secret(terminal, "Paste the app-level token", APP_TOKEN)
        await terminal.sees_meanwhile("Waiting")
        slack.invite("C1")
        await terminal.sees_meanwhile("Start Nellie now?")
        terminal.types("\r")
        await terminal.sees_meanwhile("serving slack")
        await slack.until(lambda: len(slack.sockets.open) > 1)
        asked = slack.say("U1", "C1", "@nellie hello")
        await slack.until(lambda: slack.answers("C1", asked))
        terminal.types("\x03")

        assert await terminal.ends_meanwhile() == 0

    assert BOT_TOKEN not in terminal.shown
    assert is_private(env_file)


async def test_discord_is_set_up_from_nothing_to_the_first_answer(
    newcomer: Newcomer, env_file: Path
) -> None:
    async with Discord() as discord:
        discord.world.invited = False
        given = {name: value for name, value in discord.environ.items() if name != "DISCORD_TOKEN"}
        with newcomer.types("nellie", "discord", "setup", **given) as terminal:
            await terminal.sees_meanwhile("discord.com/developers/applications")
            await paste_secret(terminal, "Paste the token", discord.token)
            await terminal.sees_meanwhile("Waiting")
            discord.invite()
            await terminal.sees_meanwhile("Start Nellie now?")
            terminal.types("\r")
            await terminal.sees_meanwhile("serving discord")
            await discord.until(lambda: discord.gateway.connected)
            asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} hello")
            await discord.until(lambda: discord.answers(asked))
            terminal.types("\x03")

            assert await terminal.ends_meanwhile() == 0

    assert discord.token not in terminal.shown
    assert is_private(env_file)


def test_what_was_said_is_taken_away_as_a_file_and_as_a_backup(newcomer: Newcomer) -> None:
    kept, backup = newcomer.clone / "ubuntu.jsonl", newcomer.clone / "nellie.backup"

    newcomer.runs("nellie", "export", "-c", "ubuntu", "-o", str(kept))
    newcomer.runs("nellie", "backup", str(backup))

    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert any("openoffice" in json.dumps(line) for line in lines)
    assert is_private(backup)


def test_a_backup_brings_back_what_was_forgotten_once_that_is_agreed_to(
    newcomer: Newcomer,
) -> None:
    with newcomer.types("nellie", "chat", "-c", "ubuntu") as terminal:
        terminal.sees("you>")
        say(terminal, "forget everything", "of everyone")
        say(terminal, "yes", "Forgotten: ")
        terminal.types("exit\r")
        assert terminal.ends() == 0

    refused = restored(newcomer, "n")
    assert "Nothing was changed." in refused
    assert "openoffice" not in newcomer.runs("nellie", "export", "-c", "ubuntu")

    assert "Restored: " in restored(newcomer, "y")
    assert "openoffice" in newcomer.runs("nellie", "export", "-c", "ubuntu")


def test_settings_are_listed_explained_and_written_for_ones_own_eyes(
    newcomer: Newcomer, env_file: Path
) -> None:
    listed = newcomer.runs("nellie", "settings")
    explained = newcomer.runs("nellie", "settings", "NELLIE_MODEL")
    newcomer.runs("nellie", "settings", "--write")
    again = newcomer.runs("nellie", "settings", "--write", code=1)

    assert "#NELLIE_MODEL=extractive" in listed
    assert "Default: extractive" in explained
    assert "--force" in again
    assert "#NELLIE_MODEL=extractive" in env_file.read_text().splitlines()
    assert is_private(env_file)


def test_doctor_finds_nothing_wrong_says_where_memory_lies_and_notes_that_no_platform_is_there(
    newcomer: Newcomer,
) -> None:
    lines = newcomer.runs("nellie", "doctor").splitlines()

    assert [line for line in lines if line.startswith("wrong")] == []
    assert any(line.startswith("note   platforms: no platform") for line in lines)
    assert "inthedatafolder" in "".join("".join(lines).split())


def test_the_command_tells_its_version_its_help_and_the_manifest_of_slack(
    newcomer: Newcomer,
) -> None:
    assert newcomer.runs("nellie", "--version").strip()[0].isdigit()
    assert "display_information" in newcomer.runs("nellie", "slack", "manifest")
    assert all(len(line) <= 80 for line in newcomer.runs("nellie", "--help").splitlines())


def restored(newcomer: Newcomer, answer: str) -> str:
    """What is shown when somebody restores the backup, and answers the question so."""
    with newcomer.types("nellie", "restore", "nellie.backup") as terminal:
        terminal.sees("Put the backup in its place?")
        terminal.types(f"{answer}\r")
        assert terminal.ends() == 0, terminal.shown
    return terminal.shown


def is_private(path: Path) -> bool:
    """Whether only its owner may read and write it."""
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def say(terminal: Terminal, line: str, awaited: str, *, times: int = 1) -> None:
    """Type a line, and wait for what it is answered with."""
    terminal.types(f"{line}\r")
    terminal.sees(f"> {line}")
    terminal.sees(awaited, times=times)


async def paste_secret(terminal: Terminal, asked: str, secret: str) -> None:
    """Paste what is not shown, once the terminal hides what comes."""
    await terminal.sees_meanwhile(asked)
    await asyncio.sleep(0.2)
    terminal.types(f"{secret}\r")
