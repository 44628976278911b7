"""Slack's settings: a missing or mistaken token is one sentence that names it."""

import re
from pathlib import Path

import pytest

from adapters.slack.adapter import SlackAdapter
from adapters.slack.settings import VARIABLES, SlackSettings
from bot.domain.errors import SettingsError

EXAMPLE = Path(__file__).parents[2] / ".env.example"
GOOD = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_APP_TOKEN": "xapp-secret"}


def test_without_tokens_slack_is_not_served() -> None:
    assert SlackAdapter.configured({"NELLIE_SLACK_MODE": "socket"}) is None


def test_reads_what_it_is_given() -> None:
    given = SlackSettings.read({**GOOD, "NELLIE_SLACK_BOTS": "B1, B2", "NELLIE_SLACK_PORT": "80"})

    assert given is not None
    assert (given.mode, given.port, given.bots) == ("socket", 80, {"B1", "B2"})
    assert given.api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    ("changed", "name", "reason"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN", "missing"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN", "missing"),
        ({"SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN", "belongs in SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN", "belongs in SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "SLACK_BOT_TOKEN", "a person's token"),
        ({"SLACK_BOT_TOKEN": "xoxe.xoxb-1"}, "SLACK_BOT_TOKEN", "rotation"),
        ({"SLACK_BOT_TOKEN": "hello"}, "SLACK_BOT_TOKEN", "no token"),
        ({"NELLIE_SLACK_MODE": "pigeon"}, "NELLIE_SLACK_MODE", "socket or http"),
        ({"NELLIE_SLACK_MODE": "http"}, "SLACK_SIGNING_SECRET", "missing"),
        ({"NELLIE_SLACK_PORT": "many"}, "NELLIE_SLACK_PORT", "number"),
        ({"NELLIE_SLACK_PORT": "70000"}, "NELLIE_SLACK_PORT", "number"),
        ({"NELLIE_SLACK_API_URL": "slack.com"}, "NELLIE_SLACK_API_URL", "https://"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_setting(
    changed: dict[str, str], name: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        SlackAdapter.configured(GOOD | changed)

    message = str(raised.value)
    assert message.startswith(f"{name}: ")
    assert reason in message
    assert "\n" not in message
    assert "secret" not in message


def test_secrets_are_never_shown() -> None:
    assert "secret" not in repr(SlackSettings.read({**GOOD, "SLACK_SIGNING_SECRET": "secret"}))


def test_the_example_has_every_variable_with_its_line() -> None:
    _, section = EXAMPLE.read_text().partition("\n# ---- ")[0].split("\n# ==== Slack ====")

    entries = re.findall(r"^# (.+)\n#([A-Z_]+)=", section, re.MULTILINE)

    assert {name: line for line, name in entries} == VARIABLES
