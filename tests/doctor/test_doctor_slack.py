"""The doctor against every fault of a Slack app: one diagnosis, and what mends it."""

from collections.abc import Callable
from typing import Any

import pytest
from doctor.conftest import Patient
from doctor.faults import NOWHERE, Fault, check_diagnosis, sets
from doubles.slack_server import NELLIE

from adapters.slack.doctor_checks import SCOPES


def refuses(method: str, error: str) -> Callable[[Patient], None]:
    return lambda patient: patient.slack.faults.refuse(method, error=error, times=9)


def without_bot(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "bot_id"}


FAULTS = {
    "a Slack token in the wrong place": Fault(
        sets(SLACK_BOT_TOKEN="xapp-1"), "slack", "belongs in SLACK_APP_TOKEN", "nellie settings"
    ),
    "a Slack token that is not accepted": Fault(
        sets(SLACK_BOT_TOKEN="xoxb-old"),
        "slack, bot token",
        "invalid_auth",
        "^copy the Bot User OAuth Token",
    ),
    "an app that was taken out of Slack": Fault(
        lambda patient: setattr(patient.slack, "revoked", "account_inactive"),
        "slack, bot token",
        "account_inactive",
        "install the app again",
    ),
    "a Slack that cannot be reached": Fault(
        sets(NELLIE_SLACK_API_URL=f"http://{NOWHERE}/api/"),
        "slack, connection",
        "does not answer",
        "reach slack.com",
    ),
    "a missing scope": Fault(
        lambda patient: patient.slack.scopes.remove("groups:history"),
        "slack, scopes",
        "groups:history is missing: Nellie does not hear private channels",
        "add groups:history .* install the app again",
    ),
    "an app token that is not accepted": Fault(
        refuses("apps.connections.open", "invalid_auth"),
        "slack, app token",
        "does not accept",
        "App-Level Tokens and put its token into SLACK_APP",
    ),
    "an app token without its scope": Fault(
        refuses("apps.connections.open", "missing_scope"),
        "slack, app token",
        "lacks connections:write",
        "make another one with that scope",
    ),
    "Socket Mode that is off": Fault(
        refuses("apps.connections.open", "socket_mode_not_enabled"),
        "slack, app token",
        "Socket Mode is off",
        "switch it on",
    ),
    "a clock that Slack does not share": Fault(
        lambda patient: setattr(patient.slack, "clock_ahead", 600.0),
        "slack, clock",
        "differ by (599|60[01]) s",
        "synchronize",
    ),
    "a workspace whose rules keep the app out": Fault(
        refuses("auth.test", "team_access_not_granted"),
        "slack, bot token",
        "refuses it .team_access_not_granted",
        "ask an admin",
    ),
    "a Slack that is down": Fault(
        lambda patient: patient.slack.faults.fail("auth.test", status=503, times=9),
        "slack, connection",
        "does not answer .status 503",
        "slack-status.com",
    ),
    "a bot token that is a person's": Fault(
        lambda patient: patient.slack.faults.spoil.update({"auth.test": without_bot}),
        "slack, bot token",
        "it is a person's, of nellie in Double",
        "^copy the Bot User OAuth Token",
    ),
    "no channel in Slack": Fault(
        lambda patient: patient.slack.room("C1").members.remove(NELLIE),
        "slack, channels",
        "in none",
        "/invite @nellie",
        "note",
    ),
    "nothing heard yet": Fault(
        lambda _: None, "slack, last heard", "nothing yet", "mention Nellie in a channel", "note"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_one_fault_is_one_diagnosis_with_what_mends_it(patient: Patient, name: str) -> None:
    await check_diagnosis(patient, FAULTS[name])


async def test_says_when_somebody_was_last_heard(patient: Patient) -> None:
    await patient.execute(
        "INSERT INTO channel (platform, workspace, external_id, name, direct, introduced, seq,"
        " last_at) VALUES ('slack', 'T1', 'C1', 'general', false, true, 1, '2026-01-02 03:04Z')"
    )

    findings = {one.name: one for one in await patient.examined()}

    assert findings["slack, last heard"].what == "2026-01-02 03:04 UTC"


def test_the_scopes_are_the_manifest_s() -> None:

    from unit.test_slack_manifest import MANIFEST

    assert set(SCOPES) == set(MANIFEST["oauth_config"]["scopes"]["bot"])
