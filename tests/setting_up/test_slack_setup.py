"""`nellie slack setup` at a real terminal, against the double: from nothing to an answer."""

import re
import stat
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from doubles.installed_plugin import install
from doubles.person_at_terminal import CTRL_C, PersonAtTerminal, at_terminal
from doubles.slack_server import NELLIE, Slack
from doubles.slack_server.api import APP_TOKEN, BOT_TOKEN

from adapters.slack.manifest import link_to_new_app, read_manifest
from adapters.slack.settings import fault_of

ASKS_BOT, ASKS_APP = "Paste the Bot User OAuth Token", "Paste the app-level token"
TOKENS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
MOST = 8_000  # characters of an address that servers take


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as slack:
        yield slack


def setup(
    slack: Slack, folder: Path, **environ: str
) -> AbstractAsyncContextManager[PersonAtTerminal]:
    given = {name: value for name, value in slack.environ.items() if name not in TOKENS}
    given |= {"NO_PROXY": "127.0.0.1", **environ}
    if not any(one.name == "slack" for one in entry_points(group="nellie.commands")):
        named = "[nellie.commands]\nslack = adapters.slack.cli:app\n"
        install(folder, entry_points=named)  # an installation from before the command was there
        given["PYTHONPATH"] = f"{Path(__file__).parents[2]}:{folder}"
    return at_terminal("slack", "setup", folder=folder, environ=given)


async def finish(person: PersonAtTerminal) -> None:
    await person.answers("Start Nellie now?", "n")
    assert await person.ended() == 0


def test_the_link_fills_in_the_manifest_and_no_server_finds_it_too_long() -> None:
    link = link_to_new_app()

    query = parse_qs(urlsplit(link).query)

    assert link.startswith("https://api.slack.com/apps?new_app=1&manifest_yaml=")
    assert yaml.safe_load(query["manifest_yaml"][0]) == yaml.safe_load(read_manifest())
    assert "#" not in query["manifest_yaml"][0].replace('"#3b4a6b"', "")
    assert len(link) < MOST
    assert re.fullmatch(r"[\x21-\x7e]+", link)


async def test_leads_from_nothing_to_an_answer(slack: Slack, tmp_path: Path, address: str) -> None:
    slack.room("C1").members.remove(NELLIE)
    start = time.monotonic()

    async with setup(slack, tmp_path, DATABASE_URL=address) as person:
        await person.sees("https://api.slack.com/apps?new_app=1&manifest_yaml=")
        await person.answers(ASKS_BOT, BOT_TOKEN)
        await person.sees("ok: bot token: accepted: nellie in Double")
        await person.sees("https://api.slack.com/apps/A1/general")
        await person.answers(ASKS_APP, APP_TOKEN)
        await person.sees("Waiting")
        slack.invite("C1")
        await person.sees("Nellie is in #general")
        await person.answers("Start Nellie now?", "")
        await person.sees("Mention Nellie in #general")
        await person.sees("serving slack")
        await slack.until(lambda: len(slack.sockets.open) > 1)
        asked = slack.say("U1", "C1", "@nellie hello")
        await slack.until(lambda: slack.answers("C1", asked))
        person.types(CTRL_C, enter=False)
        assert await person.ended() == 0

    seconds = time.monotonic() - start
    print(f"\nfrom nothing to an answer in Slack: {seconds:.1f} s")  # noqa: T201  # to read with -s
    assert BOT_TOKEN not in person.shown
    assert APP_TOKEN not in person.shown
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_goes_on_with_the_token_that_is_there(slack: Slack, tmp_path: Path) -> None:
    written = f"SLACK_BOT_TOKEN={BOT_TOKEN}\nNELLIE_MODEL=extractive\n"
    (tmp_path / ".env").write_text(written)

    async with setup(slack, tmp_path) as person:
        await person.sees("SLACK_BOT_TOKEN is set already")
        await person.answers(ASKS_APP, APP_TOKEN)
        await person.sees("Nellie is in #general")
        await finish(person)

    assert (tmp_path / ".env").read_text().startswith(written)
    assert ASKS_BOT not in person.shown


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("xapp-1-A1-2-3", "it belongs in SLACK_APP_TOKEN"),
        ("xoxp-1-2-3", "a person's token"),
        ("xoxe.xoxb-1-2", "a token that expires"),
        ("0123456789abcdef0123456789abcdef", "what is there is no token"),
        ("xoxb-1 2", "not in one piece"),
        ("xoxb-wrong", ""),  # only Slack knows
    ],
)
def test_what_is_no_bot_token_is_known_by_its_looks(pasted: str, told: str) -> None:
    fault = fault_of("SLACK_BOT_TOKEN", pasted)

    assert told in fault
    assert bool(fault) == bool(told)


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("xoxb-1 2", "That is not it: it is not in one piece"),
        ("xoxb-wrong", "Slack does not accept it (invalid_auth)"),
    ],
)
async def test_says_what_was_pasted_in_place_of_the_bot_token(
    slack: Slack, tmp_path: Path, pasted: str, told: str
) -> None:
    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_BOT, pasted)
        await person.sees(told)
        await person.answers(ASKS_BOT, f'export SLACK_BOT_TOKEN="{BOT_TOKEN}"')
        await person.sees(ASKS_APP)
        person.types(CTRL_C, enter=False)
        assert await person.ended() == 130

    assert pasted not in person.shown
    assert "SLACK_BOT_TOKEN stays in .env" in person.shown


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("token_revoked", "install the app again"),
        ("account_inactive", "install the app again"),
        ("org_login_required", "ask an admin of the workspace"),
        ("fatal_error", "slack-status.com"),
    ],
)
async def test_a_refusal_of_the_bot_token_says_what_to_do(
    slack: Slack, tmp_path: Path, error: str, told: str
) -> None:
    slack.faults.refuse("auth.test", error=error)

    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_BOT, BOT_TOKEN)
        await person.sees(told)
        await person.answers("Enter alone: check the same one again", "")
        await person.sees("ok: bot token")


def of_a_person(answer: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name != "bot_id"}


async def test_a_token_that_is_a_person_s_is_told(slack: Slack, tmp_path: Path) -> None:
    slack.faults.spoil["auth.test"] = of_a_person

    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_BOT, BOT_TOKEN)
        await person.sees("it is a person's, of nellie in Double")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("socket_mode_not_enabled", "switch it on in the app's settings"),
        ("missing_scope", "it lacks connections:write"),
        ("token_revoked", "it was revoked"),
    ],
)
async def test_a_refusal_of_the_app_token_says_what_to_do(
    slack: Slack, tmp_path: Path, error: str, told: str
) -> None:
    slack.faults.refuse("apps.connections.open", error=error)
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={BOT_TOKEN}\n")

    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_APP, APP_TOKEN)
        await person.sees(told)
        await person.answers("Enter alone: check the same one again", "")
        await person.sees("ok: app token")


@pytest.mark.parametrize(
    ("app_token", "told"),
    [
        (f"xapp-1-A2-1-{'a' * 64}", "belongs to another app (A2) than the bot token (A1)"),
        (f"xapp-1-A1-1-{'a' * 40}", "is it cut?"),
    ],
)
async def test_an_app_token_of_another_app_or_a_cut_one_is_told(
    slack: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app_token: str, told: str
) -> None:
    known = app_token if app_token.endswith("a" * 64) else APP_TOKEN
    monkeypatch.setattr("doubles.slack_server.api.APP_TOKEN", known)
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={BOT_TOKEN}\n")

    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_APP, app_token)
        await person.sees(told)


async def test_waits_while_a_scope_is_added(slack: Slack, tmp_path: Path) -> None:
    slack.scopes.remove("users:read")

    async with setup(slack, tmp_path) as person:
        await person.answers(ASKS_BOT, BOT_TOKEN)
        await person.sees("users:read is missing")
        slack.scopes.add("users:read")
        await person.answers("press Enter", "")
        await person.sees("ok: scopes")


async def test_the_mode_http_is_set_up_by_hand(slack: Slack, tmp_path: Path) -> None:
    async with setup(slack, tmp_path, NELLIE_SLACK_MODE="http") as person:
        await person.sees("NELLIE_SLACK_MODE is http")
        assert await person.ended() == 1


@pytest.mark.parametrize(
    ("platform", "names"),
    [("slack", "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"), ("discord", "DISCORD_TOKEN")],
)
def test_without_a_terminal_it_says_what_to_do_instead(
    platform: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module(f"adapters.{platform}.setup")

    assert module.set_up({}) == 1
    told = capsys.readouterr()

    assert told.out == ""
    assert f"Put {names} into .env by hand; `nellie doctor`" in told.err


@pytest.mark.parametrize("columns", [40, 132])
async def test_words_fit_the_terminal(slack: Slack, tmp_path: Path, columns: int) -> None:
    async with at_terminal(
        "discord", "setup", folder=tmp_path, environ={}, columns=columns
    ) as person:
        await person.sees("Paste the token")

    lines = [line for line in person.shown.splitlines() if "://" not in line]
    assert max(map(len, lines)) <= min(columns, 80)
