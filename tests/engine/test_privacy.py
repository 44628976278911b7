"""Canaries: what is said in one channel reaches no other one, by any path, and no log."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
import structlog
from doubles.start_nellie import SMALL_WINDOW, Start

from bot.domain.errors import CommandError, ModelRejected
from bot.domain.model import Channel, Prompt
from bot.store.database import Database
from bot.store.embedded_postgres.server import EmbeddedPostgres
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
    running_nellie,
    says,
)
from bot.testing.reused_databases import ReusedDatabases

CHANNELS = {
    "canarygeneral": GENERAL,
    "canaryprivate": Channel("fake", "team", "C2", "private"),
    "canarynamesake": Channel("fake", "another team", "C1", "general"),
    "canarythread": Channel("fake", "team", "C1/private thread", "general"),
    "canaryana": Channel("fake", "team", "D1", direct=True),
    "canarybob": Channel("fake", "team", "D2", direct=True),
}
"""By what is said there and nowhere else; people, words and message ids are the same."""
BEGUN = "the_day_has_begun"
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


@dataclass(frozen=True)
class Day:
    """What was shown in each channel, and written down, in the course of one day."""

    prompts: list[Prompt]
    owners: dict[str, str]
    """The channel that a prompt's cache key stands for, by its canary, as all of these are."""
    shown: dict[str, str]
    replies: dict[str, dict[str, str]]
    """To each command."""
    direct: str
    """An answer in ana's direct messages."""
    left: dict[str, str]
    """What is found after everything was forgotten in #general."""
    log: str


async def found(nellie: RunningNellie, canary: str, channel: Channel) -> str:
    """What a search for a canary shows in a channel."""
    return (await nellie.run_command(f"memory search {canary}", channel=channel)).text


async def replies_in(nellie: RunningNellie, channel: Channel) -> dict[str, str]:
    """What an admin is shown by each command, and by a search for each canary."""
    shown: dict[str, str] = {}
    for line in COMMANDS:
        reply = await nellie.run_command(line, channel=channel, admin=True)
        shown[line] = reply.text + reply.attachment
    return shown | {canary: await found(nellie, canary, channel) for canary in CHANNELS}


async def change_general(nellie: RunningNellie) -> None:
    """Ask to forget a canary, and edit and delete a message that has it."""
    await nellie.run_command("memory forget canarygeneral", admin=True)
    await nellie.parts.inbox.edited(GENERAL, "q0", "canarygeneral, edited")
    await nellie.parts.inbox.deleted(GENERAL, "q0")


async def live_through(database: Database, log: StringIO) -> Day:
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> RunningNellie:
            return await stack.enter_async_context(running_nellie(database, **options))

        nellie, shown = await talk_everywhere(start)
        # by ids that exist in every place
        thread = {"channel": CHANNELS["canaryana"], "thread": "t1", "reply_to": "q0"}
        direct = await nellie.ask(ANA, "what did bob say of the harbour code?", **thread)
        replies = {own: await replies_in(nellie, channel) for own, channel in CHANNELS.items()}
        await change_general(nellie)
        asked = await nellie.run_command("memory forget all", channel=GENERAL, admin=True)
        await nellie.run_command(f"memory {asked.confirm}", channel=GENERAL, admin=True)
        return Day(
            prompts=nellie.model.prompts,
            owners={f"nellie:{await nellie.channel_id(one)}": own for own, one in CHANNELS.items()},
            shown=shown,
            replies=replies,
            direct=direct,
            left={own: await found(nellie, own, channel) for own, channel in CHANNELS.items()},
            log=log.getvalue(),
        )


@pytest.fixture(scope="module")
def day(postgres: EmbeddedPostgres, reused_databases: ReusedDatabases) -> Day:
    """One day for all tests that only look at what came of it: it takes long."""
    log = StringIO()
    logs.configure("debug", "json", log)
    structlog.get_logger().info(BEGUN)

    async def live() -> Day:
        name = await reused_databases.take()
        database = Database(postgres.address(name))
        lived = await live_through(database, log)
        await database.close()
        await reused_databases.give_back(name)
        return lived

    return asyncio.run(live())


class QuotesWhatFails(FakePlatform):
    """A platform whose library quotes what it could not post."""

    async def deliver(self, turn, text, delivery_log):  # type: ignore[no-untyped-def]  # as its base
        whole = "".join([piece async for piece in text])
        raise ConnectionError(f"could not post: {whole} {turn.trigger.text}")


def test_nothing_said_in_one_channel_reaches_another_ones_prompt(day: Day) -> None:
    purposes = set()
    for prompt in day.prompts:
        own = day.owners[prompt.cache_key]
        purposes.add(prompt.purpose)
        assert not [
            canary for canary in CHANNELS if canary != own and canary in everything_in(prompt)
        ]
    assert {"answer", "compaction"} <= purposes
    for own, text in day.shown.items():
        assert own in text  # so that the others could have been
        assert not [canary for canary in CHANNELS if canary != own and canary in text]


def test_no_command_shows_another_channels_memory(day: Day) -> None:
    for own in CHANNELS:
        replies = day.replies[own]
        for line in COMMANDS:
            others = [canary for canary in CHANNELS if canary != own and canary in replies[line]]
            assert others == [], line
        assert not replies[own].startswith("I remember nothing with")
        for other in CHANNELS.keys() - {own}:
            assert replies[other].startswith("I remember nothing with")


def test_forgetting_everything_here_takes_nothing_away_elsewhere(day: Day) -> None:
    for own, channel in CHANNELS.items():
        assert day.left[own].startswith("I remember nothing with") == (channel == GENERAL)


def test_nobody_sees_another_persons_direct_messages(day: Day) -> None:
    assert "canaryana" in day.direct
    assert "canarybob" not in day.direct


def test_what_people_say_is_in_no_log(day: Day) -> None:
    assert BEGUN in day.log
    assert "canary" not in day.log


@pytest.mark.stress  # what it logs is a part of what a debugging log holds
async def test_what_people_say_is_in_no_log_of_every_day(
    start_nellie: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "json")

    nellie, _ = await talk_everywhere(start_nellie)
    await change_general(nellie)

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
