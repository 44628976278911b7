"""Payloads such as no Slack sends: nothing stops, and what comes after them is answered."""

import asyncio
import json
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import NELLIE, Slack
from doubles.slack_server.delivery import Envelope
from doubles.slack_server.shapes import new_id
from doubles.spoiling import is_unforeseen, spoiled
from structlog.testing import capture_logs

from adapters.slack.api_errors import SlackRefused
from adapters.slack.socket_frames import LARGEST_FRAME

FOLDER = os.environ.get("NELLIE_CONTRACTS") or Path(__file__).parents[4] / "shared/contracts"
SEED, SMALL, LARGE, AT_ONCE = 20_261_129, 200, 4_000, 100
LONG = (pytest.mark.stress, pytest.mark.timeout(3_600))
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


def of_the_library(record: logging.LogRecord) -> bool:
    """Of slack_sdk itself: an envelope whose payload is no object, and only that, stops in it."""
    return "Failed to run message listeners" in record.getMessage()


async def objects_are_settled(slack: Slack) -> None:
    """Until they were acknowledged or given up; `of_the_library`: nobody waits for the rest."""

    def outstanding() -> set[str]:
        objects = {one.id for one in slack.delivery.envelopes if isinstance(one.payload, dict)}
        done = [one for one in slack.delivery.envelopes if one.acknowledged]
        return objects - {one.id for one in (*done, *slack.delivery.lost)}

    await slack.until(lambda: not outstanding())


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("cases", [SMALL, pytest.param(LARGE, marks=LONG)])
async def test_no_payload_stops_nellie(
    start_nellie: StartNellie, caplog: pytest.LogCaptureFixture, cases: int, mode: str
) -> None:
    dice, broken = random.Random(SEED), list[Any]()
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: broken.append(what))
    async with Slack(retries=(), ack_within=20) as slack:
        nellie = await start_nellie(slack, mode=mode)
        samples = [*await _own_samples(slack), *_slacks_samples()]
        with capture_logs() as lines, caplog.at_level(logging.WARNING):
            for first in range(0, cases, AT_ONCE):
                for _ in range(AT_ONCE):
                    sample = dice.choice(samples)
                    slack.delivery.send(sample.kind, _spoiled(sample, dice))
                await objects_are_settled(slack)
                ts = slack.say("U3", "C1", f"@nellie are you well after {first}?")
                await slack.until(lambda ts=ts: slack.answers("C1", ts))  # type: ignore[misc]
            await objects_are_settled(slack)
            await nellie.parts.lanes.idle()

        # What is no object at all, Slack's own library leaves unanswered.
        unheard = [
            one
            for one in slack.delivery.lost
            if one.kind == "events_api" and isinstance(one.payload, dict)
        ]
        assert not unheard or mode == "http", f"{len(unheard)}: {unheard[0].payload}"
        assert slack.webhooks.statuses <= {200, 400, 404, 413}
        assert not broken
        assert not nellie.running.done()
        assert not [line for line in lines if is_unforeseen(line)]
        assert not [one for one in caplog.records if one.exc_info and not of_the_library(one)]


@pytest.mark.parametrize("cases", [20, pytest.param(200, marks=LONG)])
async def test_no_history_stops_nellie(
    start_nellie: StartNellie, caplog: pytest.LogCaptureFixture, cases: int
) -> None:
    dice = random.Random(SEED)
    async with Slack(retries=(), ack_within=20) as slack:
        nellie = await start_nellie(slack)
        await _own_samples(slack)
        read = Counter[str]()

        def spoil(method: str, share: float = 1.0) -> None:
            def spoil_answer(answer: Any) -> Any:
                read[method] += 1
                return spoiled(answer, dice) if dice.random() < share else answer

            slack.faults.spoil[method] = spoil_answer

        for method in ("conversations.history", "conversations.replies"):
            spoil(method)
        for method in ("conversations.info", "users.info", "users.conversations"):
            spoil(method, share=0.2)  # else hardly a history would be asked for
        with capture_logs() as lines, caplog.at_level(logging.WARNING):
            for _ in range(cases):
                await nellie.query(
                    "UPDATE channel SET read_until = now() - interval '1 hour' RETURNING id"
                )
                before = read["conversations.history"], len(_given_up(lines))
                await slack.sockets.disconnect()
                await slack.until(
                    lambda before=before: (  # type: ignore[misc]
                        read["conversations.history"] > before[0]
                        or len(_given_up(lines)) > before[1]
                    )
                )
        slack.faults.clear()

        ts = slack.say("U1", "C1", "@nellie are you well?")
        await slack.until(lambda: slack.answers("C1", ts))
        assert not nellie.running.done()
        assert not [line for line in lines if is_unforeseen(line)]
        assert not [one for one in caplog.records if one.exc_info and not of_the_library(one)]
        assert read["conversations.history"] >= cases / 2


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("users.conversations", {"user": "é" * 40_000}),
        ("conversations.members", {"channel": "C" * 5_000}),
        ("files.info", {"file": "9" * 309 + "x" * 900}),
    ],
)
async def test_what_fits_no_address_is_not_asked_for(
    nellie: NellieOnSlack, method: str, asked: dict[str, str]
) -> None:
    with pytest.raises(SlackRefused, match="invalid_arguments"):
        await nellie.adapter._service._api.read(method, **asked)

    assert not [one for one in nellie.slack.calls if asked.items() <= one.args.items()]


def _given_up(lines: list[Any]) -> list[Any]:
    return [one for one in lines if one["event"] in ("channel_not_read", "channels_not_listed")]


def _spoiled(sample: Envelope, dice: random.Random) -> Any:
    """Such as fits into a frame: a larger one ends the socket, with all that is on its way."""
    while True:
        payload = _with_own_id(spoiled(sample.payload, dice))
        if len(json.dumps(payload)) < LARGEST_FRAME // 2:
            return payload


def _with_own_id(payload: Any) -> Any:
    """Else it would be taken for one that came before."""
    if isinstance(payload, dict) and "event_id" in payload:
        payload["event_id"] = new_id("Ev")
    return payload


async def _own_samples(slack: Slack) -> list[Envelope]:
    """What the double tells of everything that can be done in it."""
    begun = len(slack.delivery.envelopes)
    ts = slack.say("U1", "C1", "@nellie hi, see <https://a.example|this>")
    slack.say("U2", "C1", "yes", thread=ts)
    slack.say("U2", "C1", "all of you", thread=ts, broadcast=True)
    slack.say("U2", "C1", "look", files=[("notes.txt", b"abc")])
    there = slack.say("U2", "C1", "look", files=[("tides.txt", b"low")], stubs=True)
    slack.rewrite_file(slack.message(slack.room("C1"), there)["files"][0]["id"], b"high")
    slack.delete_files("C1", there)
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
