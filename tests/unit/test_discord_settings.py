"""Discord's settings, and the command that an operator needs once."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.invitation import PERMISSIONS
from adapters.discord.settings import VARIABLES, DiscordSettings
from bot.__main__ import app
from bot.domain.errors import SettingsError

ROOT = Path(__file__).parents[2]
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.secret-part"


def test_without_a_token_there_is_no_discord() -> None:
    assert DiscordAdapter.configured({}) is None
    assert DiscordAdapter.configured({"DISCORD_TOKEN": " "}) is None


def test_a_token_is_enough_and_never_shown() -> None:
    adapter = DiscordAdapter.configured({"DISCORD_TOKEN": f" {TOKEN}\n"})

    assert adapter is not None
    assert adapter.settings.token == TOKEN
    assert "secret-part" not in repr(adapter)


def test_reads_the_ids_of_bots_that_may_speak() -> None:
    settings = DiscordSettings.read({"DISCORD_TOKEN": TOKEN, "NELLIE_DISCORD_BOTS": "12, 34,"})

    assert settings is not None
    assert settings.bots == {12, 34}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", f"Bot {TOKEN}"),
        ("DISCORD_TOKEN", "tökén"),
        ("NELLIE_DISCORD_BOTS", "dyno"),
        ("NELLIE_DISCORD_API", "discord.example"),
        ("NELLIE_DISCORD_GATEWAY", "https://discord.example"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        DiscordAdapter.configured({"DISCORD_TOKEN": TOKEN, name: value})

    assert str(raised.value).startswith(f"{name}: ")
    assert "secret-part" not in str(raised.value)


def test_the_example_lists_every_setting_with_its_line() -> None:
    _, section = (ROOT / ".env.example").read_text().split("\n# ==== Discord ====")
    entries = re.findall(r"^# (.+)\n#([A-Z_]+)=", section.partition("\n# ==== ")[0], re.MULTILINE)

    assert {name: line for line, name in entries} == VARIABLES


def test_the_invitation_names_the_bot_of_the_token_and_what_it_needs() -> None:
    done = CliRunner().invoke(app, ["discord", "invite"], env={"DISCORD_TOKEN": TOKEN})

    query = parse_qs(urlsplit(done.stdout.strip()).query)
    assert query["client_id"] == ["123456789012345678"]
    assert query["scope"] == ["bot applications.commands"]
    assert int(query["permissions"][0]) == sum(1 << bit for bit in PERMISSIONS.values())
    assert "secret-part" not in done.output


@pytest.mark.parametrize("token", ["", "nonsense", "!!.x.y"])
def test_without_a_token_the_invitation_asks_for_the_application(token: str) -> None:
    refused = CliRunner().invoke(app, ["discord", "invite"], env={"DISCORD_TOKEN": token})
    given = CliRunner().invoke(app, ["discord", "invite", "-a", "42"], env={"DISCORD_TOKEN": token})

    assert refused.exit_code == 2
    assert "DISCORD_TOKEN" in refused.output
    assert "client_id=42&" in given.stdout


def test_the_document_explains_each_permission_of_the_invitation() -> None:
    text = (ROOT / "docs" / "discord.md").read_text()

    assert re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE) == list(PERMISSIONS)
