"""The doctor against every fault in turn: she names it, and says what mends it."""

import inspect
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from doctor.conftest import Patient
from doubles.discord.guild import READ
from doubles.openai import OVERLOADED, Play
from doubles.slack import NELLIE
from typer.testing import CliRunner

from adapters.slack.checks import SCOPES
from bot import doctor
from bot.__main__ import app

MESSAGE_CONTENT = 1 << 15
NOWHERE = "127.0.0.1:1"  # nobody listens on port 1


@dataclass
class Fault:
    """What is broken, which finding names it, and the words of its diagnosis and its mend."""

    breaks: Callable[[Patient], Awaitable[None] | None]
    finding: str
    what: str
    mend: str
    state: str = "wrong"


def sets(**values: str) -> Callable[[Patient], None]:
    return lambda patient: patient.environ.update(values)


def lacks(*names: str) -> Callable[[Patient], None]:
    def break_(patient: Patient) -> None:
        for name in names:
            del patient.environ[name]

    return break_


def plays(play: Play) -> Callable[[Patient], None]:
    return lambda patient: setattr(patient.openai, "always", play)


def refuses(method: str, error: str) -> Callable[[Patient], None]:
    return lambda patient: patient.slack.faults.refuse(method, error=error, times=9)


def budget(size: int) -> Callable[[Patient], None]:
    def break_(patient: Patient) -> None:
        patient.tgi.max_total, patient.tgi.max_input = size, size - 1

    return break_


def elsewhere(pattern: str, by: str) -> Callable[[Patient], None]:
    """Another user or database in the address."""

    def break_(patient: Patient) -> None:
        url = patient.environ["DATABASE_URL"]
        patient.environ["DATABASE_URL"] = re.sub(pattern, by, url)

    return break_


def embeds(**values: str) -> Callable[[Patient], None]:
    """With the embeddings of the model's server."""

    def set_(patient: Patient) -> None:
        url = patient.openai.url
        patient.environ.update(
            NELLIE_EMBEDDINGS="openai/double", NELLIE_EMBEDDINGS_URL=url, **values
        )

    return set_


async def restricted(patient: Patient) -> None:
    """Another user, who may not create in this database."""
    embeds(NELLIE_EMBEDDINGS_KEY="right")(patient)
    await patient.execute(
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
    )
    await patient.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    elsewhere("//postgres@", "//reader@")(patient)


def silent(patient: Patient) -> None:
    patient.openai.always = Play(delay=5)
    patient.monkeypatch.setattr(doctor, "SILENCE", 0.2)


def uninvited(patient: Patient) -> None:
    patient.discord.world.invited = False


FAULTS = {
    "a wrong value": Fault(
        sets(NELLIE_WINDOW_LOW="7000"), "settings", "at most half", r"\.env\.example"
    ),
    "a misspelt setting": Fault(
        sets(NELLIE_MODLE="tgi"), "settings", "is it NELLIE_MODEL", "correct it"
    ),
    "a secret's file that is not there": Fault(
        sets(NELLIE_TGI_API_KEY_FILE="/run/secrets/none"),
        "settings", "NELLIE_TGI_API_KEY_FILE: the file cannot be read", "correct it",
    ),
    "no platform": Fault(
        lacks("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_TOKEN"),
        "platforms", "no platform", "set SLACK_BOT_TOKEN or DISCORD_TOKEN",
    ),
    "no Postgres": Fault(
        sets(DATABASE_URL=f"postgresql://nellie@{NOWHERE}/nellie"),
        "database", "cannot be reached", "start Postgres, or correct host and port",
    ),
    "a database that is not there": Fault(
        elsewhere(r"@/\w+", "@/elsewhere"), "database", "does not exist", "correct DATABASE_URL"
    ),
    "a user that Postgres does not know": Fault(
        elsewhere("//postgres@", "//nobody@"), "database", "nobody", "correct DATABASE_URL"
    ),
    "tables of an older version": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '0001'"),
        "tables", "are of revision 0001", "nellie migrate",
    ),
    "tables of a newer version": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '0999'"),
        "tables", "a newer Nellie made them", "docs/self-hosting.md", "note",
    ),
    "tables of another line": Fault(
        lambda patient: patient.execute("UPDATE alembic_version SET version_num = '9001'"),
        "tables", "revision 9001", "start the newer version",
    ),
    "a clock that is late": Fault(
        lambda patient: setattr(patient, "late", timedelta(minutes=3)),
        "clock", "differ by 180 s", "synchronize",
    ),
    "a model that is not installed": Fault(
        sets(NELLIE_MODEL="clod"), "model clod", "is not installed", "NELLIE_MODEL"
    ),
    "no model server": Fault(
        sets(OPENAI_BASE_URL=f"http://{NOWHERE}/v1"),
        "model openai/double", "cannot be reached", "start the server.*OPENAI_BASE_URL",
    ),
    "a wrong key of the model": Fault(
        sets(OPENAI_API_KEY="wrong"), "model openai/double", "API key", "correct OPENAI_API_KEY"
    ),
    "a model's name that the server does not know": Fault(
        plays(Play(status=404, error="The model `double` does not exist")),
        "model openai/double", "does not exist", "correct the name in NELLIE_MODEL",
    ),
    "a model that is overloaded": Fault(
        plays(OVERLOADED), "model openai/double", "too busy", "a second model"
    ),
    "a model that says nothing": Fault(
        silent, "model openai/double", "said nothing for 0.2 seconds", "loaded its weights"
    ),
    "a web page in place of a model": Fault(
        plays(Play(page="<html>hello</html>")),
        "model openai/double", "web page", "OPENAI_BASE_URL should lead to the model server",
    ),
    "a tiny context window": Fault(
        budget(1500), "model tgi, context window", "1,500 tokens", "lower NELLIE_MAX_ANSWER to 375"
    ),
    "a small context window": Fault(
        budget(3000), "model tgi, context window", "few", "4,096 tokens or more", "note"
    ),
    "a context window that nobody tells": Fault(
        lambda _: None, "model openai/double, context window",
        "does not say", "NELLIE_CONTEXT_WINDOW", "note",
    ),
    "a Slack token in the wrong place": Fault(
        sets(SLACK_BOT_TOKEN="xapp-1"), "slack", "belongs in SLACK_APP_TOKEN", "docs/slack.md"
    ),
    "a Slack token that is not accepted": Fault(
        sets(SLACK_BOT_TOKEN="xoxb-old"), "slack, bot token", "invalid_auth",
        "^copy the Bot User OAuth Token",
    ),
    "an app that was taken out of Slack": Fault(
        lambda patient: setattr(patient.slack, "revoked", "account_inactive"),
        "slack, bot token", "account_inactive", "install the app again",
    ),
    "a Slack that cannot be reached": Fault(
        sets(NELLIE_SLACK_API_URL=f"http://{NOWHERE}/api/"),
        "slack, connection", "does not answer", "reach slack.com",
    ),
    "a missing scope": Fault(
        lambda patient: patient.slack.scopes.remove("groups:history"),
        "slack, scopes", "groups:history is missing: she does not hear private channels",
        "add groups:history .* install the app again",
    ),
    "an app token that is not accepted": Fault(
        refuses("apps.connections.open", "invalid_auth"),
        "slack, app token", "does not accept", "App-Level Tokens and put its token into SLACK_APP",
    ),
    "an app token without its scope": Fault(
        refuses("apps.connections.open", "missing_scope"),
        "slack, app token", "lacks connections:write", "make another one with that scope",
    ),
    "Socket Mode that is off": Fault(
        refuses("apps.connections.open", "socket_mode_not_enabled"),
        "slack, app token", "Socket Mode is off", "switch it on",
    ),
    "a clock that Slack does not share": Fault(
        lambda patient: setattr(patient.slack, "ahead", 600.0),
        "slack, clock", "differ by (599|60[01]) s", "synchronize",
    ),
    "no channel in Slack": Fault(
        lambda patient: patient.slack.room("C1").members.remove(NELLIE),
        "slack, channels", "in none", "/invite @nellie", "note",
    ),
    "nothing heard yet": Fault(
        lambda _: None, "slack, last heard", "nothing yet", "mention her in a channel", "note"
    ),
    "no embedder": Fault(
        sets(
            NELLIE_EMBEDDINGS="openai/double", NELLIE_EMBEDDINGS_URL=f"http://{NOWHERE}/v1",
        ),
        "embedder openai/double", "cannot be reached", "start the server.*NELLIE_EMBEDDINGS_URL",
    ),
    "a wrong key of the embedder": Fault(
        embeds(NELLIE_EMBEDDINGS_KEY="wrong"),
        "embedder openai/double", "API key", "correct NELLIE_EMBEDDINGS_KEY",
    ),
    "an embedder's address that is none": Fault(
        sets(NELLIE_EMBEDDINGS="openai/double", NELLIE_EMBEDDINGS_URL="tei:80"),
        "embedder openai/double", "must begin with http", "correct NELLIE_EMBEDDINGS_URL",
    ),
    "an embedder that is slow": Fault(
        embeds(NELLIE_EMBEDDINGS_KEY="right", NELLIE_EMBEDDINGS_TIMEOUT="0.000001"),
        "embedder openai/double", "with 64 numbers", "NELLIE_EMBEDDINGS_TIMEOUT", "note",
    ),
    "vectors without the right to them": Fault(
        restricted, "vectors", "not switched on", "CREATE EXTENSION vector"
    ),
    "a Discord token that is not accepted": Fault(
        sets(DISCORD_TOKEN="abc.def.ghi"), "discord, token", "not accept", "Reset Token"
    ),
    "a Discord that cannot be reached": Fault(
        sets(NELLIE_DISCORD_API=f"http://{NOWHERE}/api/v10"),
        "discord, connection", "does not answer", "reach discord.com",
    ),
    "a gateway that cannot be reached": Fault(
        sets(NELLIE_DISCORD_GATEWAY=f"ws://{NOWHERE}/gateway"),
        "discord, connection", "does not answer", "gateway.discord.gg",
    ),
    "no intent": Fault(
        lambda patient: setattr(patient.discord.gateway, "withheld_intents", MESSAGE_CONTENT),
        "discord, message content", "without the intent", "switch on Message Content Intent",
    ),
    "commands that are not registered": Fault(
        lambda _: None, "discord, commands", "not those of this version", "nellie run", "note"
    ),
    "no server in Discord": Fault(
        uninvited, "discord, servers", "in none",
        r"open https://discord.com/oauth2/authorize\?client_id=123&", "note",
    ),
    "a channel where she may not send": Fault(
        lambda patient: setattr(patient.discord.general, "forbidden", True),
        "discord, rights in The harbour", "Send Messages is missing in #general",
        "allow Send Messages",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
async def test_one_fault_is_one_diagnosis_with_what_mends_it(patient: Patient, name: str) -> None:
    fault = FAULTS[name]
    broken = fault.breaks(patient)
    if inspect.isawaitable(broken):
        await broken

    findings = {one.name: one for one in await patient.examined()}

    found = findings[fault.finding]
    wrong = [one.name for one in findings.values() if one.state == "wrong"]
    assert wrong == [fault.finding] * (fault.state == "wrong")
    assert found.state == fault.state
    assert re.search(fault.what, found.what), found
    assert re.search(fault.mend, found.mend), found


async def test_finds_nothing_wrong_where_all_is_well(patient: Patient) -> None:
    findings = await patient.examined()

    assert [one for one in findings if one.state == "wrong"] == []
    assert {one.name for one in findings} >= {
        "settings", "database", "tables", "clock", "model openai/double", "model tgi",
        "slack, bot token", "slack, scopes", "slack, app token", "slack, channels",
        "discord, token", "discord, message content", "discord, servers",
    }  # fmt: skip


async def test_every_note_and_every_fault_says_what_to_do(patient: Patient) -> None:
    patient.discord.general.forbidden = True

    findings = await patient.examined()

    assert {one.name for one in findings if one.state != "ok" and not one.mend} == set()
    assert {one.name for one in findings if one.state == "ok" and one.mend} == set()


async def test_leaves_a_channel_alone_that_is_not_for_her(patient: Patient) -> None:
    patient.monkeypatch.setattr(type(patient.discord.general), "json", _hidden(patient))

    findings = {one.name: one for one in await patient.examined()}

    assert findings["discord, rights in The harbour"].state == "ok"


async def test_says_when_somebody_was_last_heard(patient: Patient) -> None:
    await patient.execute(
        "INSERT INTO channel (platform, workspace, external_id, name, direct, introduced, seq,"
        " last_at) VALUES ('slack', 'T1', 'C1', 'general', false, true, 1, '2026-01-02 03:04Z')"
    )

    findings = {one.name: one for one in await patient.examined()}

    assert findings["slack, last heard"].what == "2026-01-02 03:04 UTC"


async def test_shows_no_secret(patient: Patient) -> None:
    patient.environ["OPENAI_API_KEY"] = "sk-not-for-your-eyes"

    findings = await patient.examined()

    assert "not-for-your-eyes" not in str(findings)
    assert patient.slack.environ["SLACK_BOT_TOKEN"] not in str(findings)


def test_scripts_get_json_and_an_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NELLIE_MODLE", "tgi")

    done = CliRunner().invoke(app, ["doctor", "--json"])

    assert done.exit_code == 1
    assert json.loads(done.stdout)["name"] == "settings"


def test_the_scopes_are_the_manifest_s() -> None:

    from unit.test_slack_manifest import MANIFEST

    assert set(SCOPES) == set(MANIFEST["oauth_config"]["scopes"]["bot"])


def _hidden(patient: Patient) -> Callable[[Any], dict[str, Any]]:
    """#random is closed to her."""
    plain = type(patient.discord.general).json

    def json(place: Any) -> dict[str, Any]:
        made: dict[str, Any] = plain(place)
        if place is patient.discord.random:
            denied = {"id": place.guild, "type": 0, "allow": "0", "deny": str(READ)}
            made["permission_overwrites"] = [denied]
        return made

    return json
