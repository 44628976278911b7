"""Payloads with fields dropped, retyped and doubled: each is acknowledged, and nothing stops."""

import asyncio
import copy
import json
import logging
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.nellie_on_slack import StartNellie
from doubles.slack_server import NELLIE, Slack
from doubles.slack_server.delivery import Envelope
from doubles.slack_server.shapes import new_id
from structlog.testing import capture_logs

from bot.domain.errors import NellieError

FOLDER = os.environ.get("NELLIE_CONTRACTS") or Path(__file__).parents[4] / "shared/contracts"
SMALL, LARGE, AT_ONCE = 500, 2_000, 500
JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "é\x00\ud800",
    "<@UNELLIE>",
    "x" * 5_000,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"id": None},
    {"text": {"text": []}},
    "C1",
    "U1",
    "1.1",
    "-inf",
    "nan",
]
_FILLED = {
    "channel": "C1",
    "user": "U1",
    "ts": "1700000000.000100",
    "deleted_ts": "1700000000.000100",
    "text": f"<@{NELLIE}> hello",
    "team": "T1",
    "team_id": "T1",
    "channel_type": "channel",
    "event_ts": "1700000000.000200",
    "api_app_id": "A1",
    "tab": "home",
    "type": "event_callback",
}


@pytest.mark.parametrize("cases", [SMALL, pytest.param(LARGE, marks=pytest.mark.stress)])
async def test_no_payload_stops_nellie(
    start_nellie: StartNellie, caplog: pytest.LogCaptureFixture, cases: int
) -> None:
    choice, broken = random.Random(cases), []
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: broken.append(what))
    async with Slack(retries=(), ack_within=20) as slack:
        nellie = await start_nellie(slack)
        samples = [*await _own_samples(slack), *_slacks_samples()]
        with capture_logs() as lines, caplog.at_level(logging.WARNING):
            for _ in range(cases // AT_ONCE):
                for _ in range(AT_ONCE):
                    sample = choice.choice(samples)
                    payload = _spoiled(sample.payload, choice)
                    slack.delivery.send(sample.kind, payload)
                await slack.settled()
                unheard = [one for one in slack.delivery.lost if one.kind == "events_api"]
                assert not unheard, f"{len(unheard)} not acknowledged: {unheard[0].payload}"
            await nellie.wait_until_idle()

        assert not broken
        assert not nellie.running.done()
        assert not [line for line in lines if _is_crash(line.get("exc_info"))]
        assert not [one for one in caplog.records if one.exc_info]
        ts = slack.say("U1", "C1", "@nellie are you well?")
        await slack.until(lambda: slack.answers("C1", ts))


def _is_crash(error: object) -> bool:
    """Whether it is none of our own errors, such as a thread that is not there to answer in."""
    return bool(error) and not isinstance(error, NellieError)


async def _own_samples(slack: Slack) -> list[Envelope]:
    """What the double tells of everything that can be done in it."""
    begun = len(slack.delivery.envelopes)
    ts = slack.say("U1", "C1", "@nellie hi, see <https://a.example|this>")
    slack.say("U2", "C1", "yes", thread=ts)
    slack.say("U2", "C1", "all of you", thread=ts, broadcast=True)
    slack.say("U2", "C1", "look", files=[("notes.txt", b"abc")])
    slack.bot_says("C1", "beep")
    slack.dm("U1", "hello")
    slack.edit("C1", ts, "@nellie hello")
    slack.react("U1", "C1", ts)
    slack.open_home("U1")
    slack.open_home("U1", "messages")
    slack.command("U1", "C1", "help")
    slack.command("U1", "C1", "memory forget everything")
    slack.shortcut("U1", "C1", ts, "ask_about")
    slack.stop("U1", "C1", ts)
    slack.rename("C1", "lobby")
    slack.invite("C1", slack.person("dora").id)
    slack.delete("C1", ts)
    await slack.settled()
    await slack.until(lambda: slack.answers("C1"))
    if pressable := [one for one in slack.posts("C1") if "rate_answer" in json.dumps(one)]:
        slack.press("U1", "C1", pressable[0]["ts"], "rate_answer", "good 1")
    await slack.settled()
    return slack.delivery.envelopes[begun:]


def _slacks_samples() -> Iterator[Envelope]:
    """Slack's own examples, where they are at hand, with plausible values in them."""
    for path in sorted(Path(FOLDER).glob("slack/events/*.json")):
        payload = json.loads(path.read_text())
        kind = payload["event"]["type"]
        if kind not in ("app_uninstalled", "tokens_revoked"):  # these are meant to stop it
            filled = _filled(payload)
            filled["event"]["type"] = kind
            yield Envelope("events_api", filled)


def _filled(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, key) for inner in value]
    return value or _FILLED.get(key, value)


def _spoiled(payload: Any, choice: random.Random) -> Any:
    """A copy with one to three faults in it, and an id of its own."""
    spoiled = copy.deepcopy(payload)
    if "event_id" in spoiled:
        spoiled["event_id"] = new_id("Ev")
    for _ in range(choice.randint(1, 3)):
        place, key = choice.choice(list(_places(spoiled)) or [({"": 0}, "")])
        fault = choice.choice(["drop", "retype", "double"])
        if fault == "drop":
            del place[key]
        elif fault == "retype":
            place[key] = copy.deepcopy(choice.choice(JUNK))
        else:
            place[key] = [place[key], copy.deepcopy(place[key])]
    return spoiled


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in it where something stands."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
