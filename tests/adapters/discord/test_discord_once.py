"""Every question is answered, and none twice, whatever Discord, its network or Postgres does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import get_args

import pytest
import sqlalchemy as sa
from doubles.discord import Discord, Fault, Post
from doubles.discord.faults import Kind
from doubles.discord.house import Nellie
from doubles.openai import OpenAIDouble, Play
from doubles.program import Program, running

from bot.store.database import Database

Open = Callable[..., Awaitable[Nellie]]
OpenDiscord = Callable[..., Awaitable[Discord]]
Start = Callable[..., Awaitable[Program]]

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
    places = [discord.open(f"deck-{number}") for number in range(24)]
    people = [discord.person(f"sailor{number}") for number in range(5)]
    await open_nellie(discord)

    asked: list[Post] = []
    for number in range(mentions):
        place = places[number % len(places)]
        method = ("POST", "PATCH")[number // len(FAULTS) % 2]
        kind = FAULTS[number % len(FAULTS)]
        discord.fail(Fault(kind, rf"{method} /channels/{place.id}/messages"))
        text = f"{discord.bot.mention} question {number}"
        asked.append(discord.say(people[number % len(people)], place, text))
        if number % 8 == 7:
            getattr(discord.gateway, EVENTS[number // 8 % len(EVENTS)])()
            await discord.until(lambda: discord.gateway.connected)
    await discord.until(
        lambda: not _unfinished(discord, asked), seconds=PATIENCE if mentions > 100 else 60
    )

    shown = [post.text for place in places for post in discord.of_bot(place)]
    wanted = [f"You said: question {number}" for number in range(mentions)]
    assert sorted(text for text in shown if "question" in text) == sorted(wanted)


def _unfinished(discord: Discord, asked: list[Post]) -> list[Post]:
    """Answers that are not what they should be, or under which she still can be stopped."""
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
        dids = [
            discord.slash(person, discord.general, "ask", question=f"question {number}")
            for number, person in enumerate(people)
        ]
    await discord.until(lambda: all(did.shown for did in dids))

    assert all(did.acknowledged is not None and did.acknowledged < 3 for did in dids)
    assert [did.refused for did in dids] == [[]] * 50
    wanted = [f"You said: question {number}" for number in range(50)]
    await discord.until(lambda: [did.shown for did in dids] == wanted)
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


@pytest.fixture
async def model() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


@pytest.fixture
async def start(discord: Discord, model: OpenAIDouble, address: str) -> AsyncIterator[Start]:
    """Starts a real `nellie run` and waits until she listens."""
    async with AsyncExitStack() as stack:

        async def one() -> Program:
            before = discord.gateway.identified
            program = await stack.enter_async_context(
                running({
                    **discord.environ, "DATABASE_URL": address, "NELLIE_MODEL": "openai/double",
                    "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "key", "NELLIE_LEASE": "2",
                })
            )  # fmt: skip
            await discord.until(lambda: discord.gateway.identified > before or not program.runs)
            assert program.runs, program.words
            return program

        yield one


@pytest.mark.parametrize("ending", ["kill", pytest.param("stop", marks=pytest.mark.stress)])
async def test_a_restart_in_mid_answer_completes_the_same_message(
    start: Start, discord: Discord, model: OpenAIDouble, ending: str
) -> None:
    program = await start()
    model.play(Play(text="It was a dark and stormy night, and ", ending="stall"))
    model.always = Play(text="It was a dark and stormy night, and then the moon rose.")
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: [post for post in discord.answers(asked) if "stormy" in post.text])
    [begun] = discord.answers(asked)

    await getattr(program, ending)()
    await start()
    await discord.until(lambda: "moon" in begun.text)

    assert discord.answers(asked) == [begun]
    assert begun.text == model.always.text


async def test_a_deferred_command_outlives_a_crash_as_a_message(
    start: Start, discord: Discord, model: OpenAIDouble
) -> None:
    program = await start()
    await discord.until(lambda: discord.commands)
    model.play(Play(text="It was a dark and stormy night, and ", ending="stall"))
    model.always = Play(text="It was a dark and stormy night, and then the moon rose.")
    did = discord.slash(discord.ana, discord.general, "ask", question="a tale")
    await discord.until(lambda: "stormy" in did.shown)

    await program.kill()
    await start()
    await discord.until(lambda: "moon" in str(discord.visible(discord.general)))

    assert [text for text in discord.visible(discord.general) if "stormy" in text] == [
        model.always.text
    ]


async def test_a_deferred_command_that_waited_is_answered_in_its_place_after_a_crash(
    start: Start, discord: Discord, model: OpenAIDouble
) -> None:
    program = await start()
    await discord.until(lambda: discord.commands)
    model.play(Play(text="It was a dark and stormy night, and ", ending="stall"))
    discord.slash(discord.ana, discord.general, "ask", question="a tale")
    await discord.until(lambda: "stormy" in str(discord.visible(discord.general)))
    waiting = discord.slash(discord.ana, discord.general, "ask", question="another")
    await discord.until(lambda: waiting.thinking)

    await program.kill()
    model.always = Play(text="And then the moon rose.")
    await start()
    await discord.until(lambda: discord.visible(discord.general).count(model.always.text) == 2)

    stands = [post for post in discord.of_bot(discord.general) if post.command]
    assert [post.text for post in stands] == [model.always.text] * 2
    assert len(discord.visible(discord.general)) == 3  # she has introduced herself, too


async def test_told_to_stop_she_ends_the_answer_that_she_is_writing(
    start: Start, discord: Discord, model: OpenAIDouble
) -> None:
    program = await start()
    model.always = Play(text="It was a dark and stormy night, and then the moon rose.", delay=0.1)
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: [post for post in discord.answers(asked) if "stormy" in post.text])

    await program.stop()

    assert [post.text for post in discord.answers(asked)] == [model.always.text]
