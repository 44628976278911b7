"""Every question is answered, and none twice, whatever Discord, its network or Postgres does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import get_args

import pytest
import sqlalchemy as sa
from doubles.canned_responses import CannedResponse
from doubles.discord_server import Discord, Fault, Post
from doubles.discord_server.faults import Kind
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.nellie_process import NellieProcess
from doubles.openai_server import OpenAIServer

from bot.store.database import Database

Open = Callable[..., Awaitable[NellieOnDiscord]]
OpenDiscord = Callable[..., Awaitable[Discord]]
Start = Callable[..., Awaitable[NellieProcess]]

FAULTS = [kind for kind in get_args(Kind) if kind not in ("403", "404")]
EVENTS = ("drop", "reconnect", "invalidate", "replay", "close", "forget")
STALL = 5.0  # seconds
PATIENCE = 120.0  # seconds for all answers; discord.py takes 25 s for a request that fails
REAL_LIMITS = {"limit": 5, "window": 5.0}


@pytest.mark.parametrize("mentions", [48, pytest.param(500, marks=pytest.mark.stress)])
async def test_answers_each_mention_once_through_every_fault(
    open_discord: OpenDiscord, open_nellie: Open, mentions: int
) -> None:
    # A fault meets one request in each channel at a time, and the gateway fails now and then.
    discord = await open_discord(**(REAL_LIMITS if mentions > 100 else {}))
    channels = [discord.open(f"deck-{number}") for number in range(24)]
    people = [discord.person(f"sailor{number}") for number in range(5)]
    await open_nellie(discord)

    asked: list[Post] = []
    for number in range(mentions):
        channel = channels[number % len(channels)]
        method = ("POST", "PATCH")[number // len(FAULTS) % 2]
        kind = FAULTS[number % len(FAULTS)]
        discord.fail(Fault(kind, rf"{method} /channels/{channel.id}/messages"))
        text = f"{discord.bot.mention} question {number}"
        asked.append(discord.say(people[number % len(people)], channel, text))
        if number % 8 == 7:
            getattr(discord.gateway, EVENTS[number // 8 % len(EVENTS)])()
            await discord.until(lambda: discord.gateway.connected)
    await discord.until(
        lambda: not _unfinished(discord, asked), seconds=PATIENCE if mentions > 100 else 60
    )

    shown = [post.text for channel in channels for post in discord.of_bot(channel)]
    wanted = [f"You said: question {number}" for number in range(mentions)]
    assert sorted(text for text in shown if "question" in text) == sorted(wanted)


def _unfinished(discord: Discord, asked: list[Post]) -> list[Post]:
    """The questions whose answers are not yet what they should be."""
    return [
        one
        for one in asked
        if [post.text.removeprefix("You said: ") for post in discord.answers(one)]
        != [one.text.partition(" ")[2]]
    ]


async def test_acknowledges_fifty_commands_in_time_while_postgres_stalls(
    discord: Discord, open_nellie: Open, database: Database, address: str
) -> None:
    await open_nellie(discord)
    people = [discord.person(f"sailor{number}") for number in range(50)]

    async with stalled(address):
        interactions = [
            discord.slash(person, discord.general, "ask", question=f"question {number}")
            for number, person in enumerate(people)
        ]
    await discord.until(lambda: all(interaction.shown for interaction in interactions))

    assert all(
        interaction.acknowledged is not None and interaction.acknowledged < 3
        for interaction in interactions
    )
    assert [interaction.refused for interaction in interactions] == [[]] * 50
    wanted = [f"You said: question {number}" for number in range(50)]
    await discord.until(lambda: [interaction.shown for interaction in interactions] == wanted)
    shown = [text for text in discord.visible(discord.general) if text.startswith("You said")]
    assert sorted(shown) == sorted(wanted)


@asynccontextmanager
async def stalled(address: str) -> AsyncIterator[None]:
    """For so long nothing that is said can be stored; it ends with this."""
    database = Database(address, pool=1)
    async with database.begin() as connection:
        await connection.execute(sa.text("LOCK TABLE message, turn IN ACCESS EXCLUSIVE MODE"))
        sleep = sa.text("SELECT pg_sleep(:seconds)").bindparams(seconds=STALL)
        sleeping = asyncio.create_task(connection.execute(sleep))
        yield
        await sleeping
    await database.close()


@pytest.mark.parametrize("ending", ["kill", pytest.param("stop", marks=pytest.mark.stress)])
async def test_a_restart_in_mid_answer_completes_the_same_message(
    start: Start, discord: Discord, model: OpenAIServer, ending: str
) -> None:
    program = await start()
    model.respond_with(CannedResponse(text="It was a dark and stormy night, and ", ending="stall"))
    model.default_response = CannedResponse(
        text="It was a dark and stormy night, and then the moon rose."
    )
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: [post for post in discord.answers(asked) if "stormy" in post.text])
    [begun] = discord.answers(asked)

    await getattr(program, ending)()
    await start()
    await discord.until(lambda: "moon" in begun.text)

    assert discord.answers(asked) == [begun]
    assert begun.text == model.default_response.text


async def test_a_deferred_command_outlives_a_crash_as_a_message(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    program = await start()
    await discord.until(lambda: discord.commands)
    model.respond_with(CannedResponse(text="It was a dark and stormy night, and ", ending="stall"))
    model.default_response = CannedResponse(
        text="It was a dark and stormy night, and then the moon rose."
    )
    interaction = discord.slash(discord.ana, discord.general, "ask", question="a tale")
    await discord.until(lambda: "stormy" in interaction.shown)

    await program.kill()
    await start()
    await discord.until(lambda: "moon" in str(discord.visible(discord.general)))

    assert [text for text in discord.visible(discord.general) if "stormy" in text] == [
        model.default_response.text
    ]


async def test_a_deferred_command_that_waited_is_answered_in_its_place_after_a_crash(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    program = await start()
    await discord.until(lambda: discord.commands)
    model.respond_with(CannedResponse(text="It was a dark and stormy night, and ", ending="stall"))
    discord.slash(discord.ana, discord.general, "ask", question="a tale")
    await discord.until(lambda: "stormy" in str(discord.visible(discord.general)))
    waiting = discord.slash(discord.ana, discord.general, "ask", question="another")
    await discord.until(lambda: waiting.thinking)

    await program.kill()
    model.default_response = CannedResponse(text="And then the moon rose.")
    await start()
    await discord.until(
        lambda: discord.visible(discord.general).count(model.default_response.text) == 2
    )

    stands = [post for post in discord.of_bot(discord.general) if post.command]
    assert [post.text for post in stands] == [model.default_response.text] * 2
    assert len(discord.visible(discord.general)) == 3  # with the introduction


async def test_a_process_that_is_told_to_stop_ends_the_answer_that_it_is_writing(
    start: Start, discord: Discord, model: OpenAIServer
) -> None:
    program = await start()
    model.default_response = CannedResponse(
        text="It was a dark and stormy night, and then the moon rose.", delay=0.1
    )
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: [post for post in discord.answers(asked) if "stormy" in post.text])

    await program.stop()

    assert [post.text for post in discord.answers(asked)] == [model.default_response.text]


async def test_an_older_edit_that_another_replica_hears_late_does_not_win(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    said = discord.say(discord.ana, discord.general, "hello")
    await heard(first, "hello")
    replicas, discord.gateway.sessions = discord.gateway.sessions, []
    discord.edit(said, "it is canary7731")  # nobody hears of it yet
    older = said.json() | discord.world.where(said.channel) | {"member": said.author.member()}
    discord.gateway.sessions = replicas
    discord.edit(said, "harmless")
    await heard(first, "harmless")

    second = await open_nellie(discord)
    discord.gateway.emit("MESSAGE_UPDATE", older)
    discord.say(discord.ana, discord.general, "and then")
    await heard(second, "and then")

    assert (await first.texts())[-2:] == ["harmless", "and then"]


async def heard(nellie: NellieOnDiscord, text: str) -> None:
    """Return once this is what is remembered last."""
    async with asyncio.timeout(30):
        while (await nellie.texts())[-1:] != [text]:  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0.02)
