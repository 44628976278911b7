"""Canaries: what is said in one channel reaches no other one, by any path, and no log."""

import pytest
from doubles.start_nellie import SMALL_WINDOW, Start

from bot.domain.errors import CommandError, ModelRejected
from bot.domain.model import Channel, Prompt
from bot.telemetry import logs
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    breaks,
    repeats_prompt,
    says,
)

CHANNELS = {
    "canarygeneral": GENERAL,
    "canaryprivate": Channel("fake", "team", "C2", "private"),
    "canarynamesake": Channel("fake", "another team", "C1", "general"),
    "canarythread": Channel("fake", "team", "C1/private thread", "general"),
    "canaryana": Channel("fake", "team", "D1", direct=True),
    "canarybob": Channel("fake", "team", "D2", direct=True),
}
"""By what is said there and nowhere else; people, words and message ids are the same."""
COMMANDS = (
    "memory show",
    "memory search harbour code",
    "memory log",
    "memory export",
    "catchup 30d",
    "persona show",
    "model show",
    "usage",
    "memory forget harbour",
)


def everything_in(prompt: Prompt) -> str:
    """All that a model could read of a prompt."""
    return repr(prompt)


async def talk_everywhere(start_nellie: Start) -> tuple[RunningNellie, dict[str, str]]:
    """A Nellie to whom much was said in every channel, and what was answered in each."""
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt), **SMALL_WINDOW)
    shown = dict.fromkeys(CHANNELS, "")
    for canary, channel in CHANNELS.items():
        lines = [f"the harbour code is {canary}, said for the {n}th time" for n in range(40)]
        await nellie.add_history(*lines, channel=channel, author=BOB)
    for _ in range(2):
        for canary, channel in CHANNELS.items():
            for number, person in enumerate((ANA, BOB, CARL)):
                more = {"channel": channel, "thread": f"t{number}", "id": f"q{len(shown[canary])}"}
                shown[canary] += await nellie.ask(person, "what is the harbour code?", **more)
                shown[canary] += await nellie.ask(person, "and the ships?", channel=channel)
        await nellie.parts.jobs.compact_due()  # segments and digests, before the second round
    return nellie, shown


class QuotesWhatFails(FakePlatform):
    """A platform whose library quotes what it could not post."""

    async def deliver(self, turn, text, delivery_log):  # type: ignore[no-untyped-def]  # as its base
        whole = "".join([piece async for piece in text])
        raise ConnectionError(f"could not post: {whole} {turn.trigger.text}")


async def test_nothing_said_in_one_channel_reaches_another_ones_prompt(start_nellie: Start) -> None:
    nellie, shown = await talk_everywhere(start_nellie)

    owners = {
        f"nellie:{await nellie.channel_id(channel)}": canary for canary, channel in CHANNELS.items()
    }
    purposes = set()
    for prompt in nellie.model.prompts:
        own = owners[prompt.cache_key]
        purposes.add(prompt.purpose)
        assert not [
            canary for canary in CHANNELS if canary != own and canary in everything_in(prompt)
        ]
    assert {"answer", "compaction"} <= purposes
    for own, text in shown.items():
        assert own in text  # so that the others could have been
        assert not [canary for canary in CHANNELS if canary != own and canary in text]


async def test_no_command_shows_another_channels_memory(start_nellie: Start) -> None:
    nellie, _ = await talk_everywhere(start_nellie)

    for own, channel in CHANNELS.items():
        for line in COMMANDS:
            reply = await nellie.run_command(line, channel=channel, admin=True)
            text = reply.text + reply.attachment
            assert not [canary for canary in CHANNELS if canary != own and canary in text], line
        found = (await nellie.run_command(f"memory search {own}", channel=channel)).text
        assert not found.startswith("I remember nothing with")
        for other in CHANNELS.keys() - {own}:
            found = (await nellie.run_command(f"memory search {other}", channel=channel)).text
            assert found.startswith("I remember nothing with")


async def test_forgetting_everything_here_takes_nothing_away_elsewhere(start_nellie: Start) -> None:
    nellie, _ = await talk_everywhere(start_nellie)

    asked = await nellie.run_command("memory forget all", channel=GENERAL, admin=True)
    await nellie.run_command(f"memory {asked.confirm}", channel=GENERAL, admin=True)

    for canary, channel in CHANNELS.items():
        left = (await nellie.run_command(f"memory search {canary}", channel=channel)).text
        assert left.startswith("I remember nothing with") == (channel == GENERAL)


async def test_nobody_sees_another_persons_direct_messages(start_nellie: Start) -> None:
    nellie, _ = await talk_everywhere(start_nellie)
    mine = CHANNELS["canaryana"]

    thread = {"channel": mine, "thread": "t1", "reply_to": "q0"}  # ids that exist in every place
    answer = await nellie.ask(ANA, "what did bob say of the harbour code?", **thread)

    assert "canaryana" in answer
    assert "canarybob" not in answer


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_what_people_say_is_in_no_log(
    start_nellie: Start, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    logs.configure(level, "json")

    nellie, _ = await talk_everywhere(start_nellie)
    await nellie.run_command("memory forget canarygeneral", admin=True)
    await nellie.parts.inbox.edited(GENERAL, "q0", "canarygeneral, edited")
    await nellie.parts.inbox.deleted(GENERAL, "q0")

    assert "canary" not in capsys.readouterr().err


async def test_what_faults_quote_is_in_no_log(
    start_nellie: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    quotes = ModelRejected(model="m", reason="bad prompt: canarygeneral")
    model = ScriptedModel(
        breaks(quotes), lambda prompt: (ValueError("canarygeneral"),), says("canaryfine")
    )
    model.follow("compaction", breaks(quotes))
    model.follow("catchup", breaks(quotes))
    logs.configure("info", "json")
    nellie = await start_nellie(model=model, platform=QuotesWhatFails(), **SMALL_WINDOW)
    await nellie.add_history(*[f"talk {n} of canarygeneral and its ships" for n in range(80)])

    for number in range(3):
        await nellie.ask(ANA, f"canarygeneral {number}")
    await nellie.parts.jobs.compact_due()
    with pytest.raises(CommandError):
        await nellie.run_command("catchup 30d")

    log = capsys.readouterr().err
    assert "attempt_failed" in log
    assert "compaction_failed" in log
    assert "canary" not in log


async def test_nothing_crosses_from_one_channel_to_another(nellie: RunningNellie) -> None:
    other = Channel("fake", "team", "C2", "secret")
    same_id = Channel("fake", "elsewhere", "C1", "general")
    for channel in (other, same_id):
        await nellie.say(BOB, "the canary-7731 backup disk is red", channel=channel)

    await nellie.ask(ANA, "which backup disk is the canary-7731?")

    assert "disk is red" not in "".join(one.text for one in nellie.model.prompts[-1].messages)
    found = await nellie.run_command("memory search backup disk red")
    assert "disk is red" not in found.text
