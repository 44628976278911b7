"""The doctor against every fault of a Discord bot: one diagnosis, and what mends it."""

from collections.abc import Callable
from typing import Any

import pytest
from doctor.conftest import Patient
from doctor.faults import NOWHERE, Fault, check_diagnosis, sets
from doubles.discord_server.faults import Fault as DownFault
from doubles.discord_server.guild import READ

MESSAGE_CONTENT = 1 << 15


def with_code_grant(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "bot_require_code_grant": True}


def uninvited(patient: Patient) -> None:
    patient.discord.world.invited = False


FAULTS = {
    "a Discord token that is not accepted": Fault(
        sets(DISCORD_TOKEN="abc.def.ghi"), "discord, token", "not accept", "Reset Token"
    ),
    "a Discord that cannot be reached": Fault(
        sets(NELLIE_DISCORD_API=f"http://{NOWHERE}/api/v10"),
        "discord, connection",
        "does not answer",
        "reach discord.com",
    ),
    "a gateway that cannot be reached": Fault(
        sets(NELLIE_DISCORD_GATEWAY=f"ws://{NOWHERE}/gateway"),
        "discord, connection",
        "does not answer",
        "gateway.discord.gg",
    ),
    "no intent": Fault(
        lambda patient: setattr(patient.discord.gateway, "withheld_intents", MESSAGE_CONTENT),
        "discord, message content",
        "without the intent",
        "switch on Message Content Intent",
    ),
    "commands that are not registered": Fault(
        lambda _: None, "discord, commands", "not those of this version", "nellie run", "note"
    ),
    "an invitation that needs more than its link": Fault(
        lambda patient: patient.discord.faults.spoil.update({"applications/@me": with_code_grant}),
        "discord, invitation",
        "does not work alone",
        "Requires OAuth2 Code Grant at https://discord.com/developers/applications/123/bot",
    ),
    "a Discord that is down": Fault(
        lambda patient: patient.discord.fail(DownFault("503", "GET /users/@me", times=9)),
        "discord, connection",
        "does not answer .status 503",
        "discordstatus.com",
    ),
    "no server in Discord": Fault(
        uninvited,
        "discord, servers",
        "in none",
        r"open https://discord.com/oauth2/authorize\?client_id=123&",
        "note",
    ),
    "a channel where she may not send": Fault(
        lambda patient: setattr(patient.discord.general, "forbidden", True),
        "discord, rights in The harbour",
        "Send Messages is missing in #general",
        "allow Send Messages",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_one_fault_is_one_diagnosis_with_what_mends_it(patient: Patient, name: str) -> None:
    await check_diagnosis(patient, FAULTS[name])


async def test_leaves_a_channel_alone_that_is_not_for_her(patient: Patient) -> None:
    patient.monkeypatch.setattr(type(patient.discord.general), "json", _hidden(patient))

    findings = {one.name: one for one in await patient.examined()}

    assert findings["discord, rights in The harbour"].state == "ok"


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
