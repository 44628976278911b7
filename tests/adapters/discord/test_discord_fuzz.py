"""Events and pages such as no Discord sends: they do no harm, and fill no log."""

import gc
import json
import random

import pytest
import sqlalchemy as sa
from doubles.discord_server.guild import JSON
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.spoiling import is_unforeseen, spoiled
from structlog.testing import capture_logs

SEED, SMALL, LARGE, AT_ONCE = 20_261_129, 300, 4_000, 50
LONG = (pytest.mark.stress, pytest.mark.timeout(3_600))


@pytest.mark.parametrize("cases", [SMALL, pytest.param(LARGE, marks=LONG)])
async def test_malformed_events_do_no_harm(
    nellie: NellieOnDiscord, caplog: pytest.LogCaptureFixture, cases: int
) -> None:
    discord, dice = nellie.discord, random.Random(SEED)
    samples = await _samples(nellie)

    with capture_logs() as logs:
        for first in range(0, cases, AT_ONCE):
            for number in range(first, first + AT_ONCE):
                name, data = samples[number % len(samples)]
                event = {"op": 0, "t": name, "s": number, "d": spoiled(data, dice)}
                discord.gateway.raw(json.dumps(event))
            asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} {first}?")
            await discord.until(lambda asked=asked: discord.answers(asked))  # type: ignore[misc]

    assert not nellie.running.done()
    assert discord.gateway.identified == 1
    assert [post.text for post in discord.answers(asked)] == [f"You said: {first}?"]
    assert not [one for one in logs if one["log_level"] != "debug" and one.get("exc_info")]
    assert not [one for one in logs if is_unforeseen(one)]
    gc.collect()  # a task whose error nobody took is told of when it goes
    left = [one.getMessage() for one in caplog.records if one.name == "asyncio"]
    assert not [one for one in left if "discord-ui" not in one]  # those tasks are the library's


async def test_a_malformed_welcome_does_no_harm(nellie: NellieOnDiscord) -> None:
    discord, dice = nellie.discord, random.Random(SEED)
    [guild] = [one for one in discord.gateway.sessions[0].sent if one["t"] == "GUILD_CREATE"]

    for _ in range(100):
        event = {"op": 0, "t": "GUILD_CREATE", "s": 1, "d": spoiled(guild["d"], dice)}
        discord.gateway.raw(json.dumps(event))
    discord.gateway.forget()
    await discord.until(lambda: discord.gateway.identified > 1)

    assert await nellie.ask(discord.ana, discord.general, "still here?") == "You said: still here?"


@pytest.mark.parametrize("cases", [20, pytest.param(400, marks=LONG)])
async def test_a_malformed_history_does_no_harm(nellie: NellieOnDiscord, cases: int) -> None:
    discord, dice = nellie.discord, random.Random(SEED)
    await _samples(nellie)
    discord.faults.spoil["GET /channels"] = lambda answer: spoiled(answer, dice)

    with capture_logs() as logs:
        for _ in range(cases):
            async with nellie.database.autocommit() as connection:
                past = "UPDATE channel SET read_until = now() - interval '1 hour'"
                await connection.execute(sa.text(past))
            nellie.connection.backfill.request()
            await nellie.connection.backfill.caught_up.wait()
    discord.faults.spoil.clear()

    assert not [one for one in logs if is_unforeseen(one)]
    assert not nellie.running.done()
    assert await nellie.ask(discord.ana, discord.general, "still here?") == "You said: still here?"


async def _samples(nellie: NellieOnDiscord) -> list[tuple[str, JSON]]:
    """An event of each kind, as a Discord in order sends them."""
    discord = nellie.discord
    channel = discord.open("target")
    talk = [discord.say(discord.bob, channel, f"talk {number}") for number in range(4)]
    discord.say(discord.bob, channel, "a file", files={"a.txt": b"text"}, to=talk[0])
    discord.edit(talk[0], "talk, changed")
    discord.delete(talk[1])
    discord.delete(talk[2], talk[3])
    thread, private = (
        discord.thread(discord.bob, talk[0]),
        discord.private_thread(discord.bob, channel),
    )
    discord.say(discord.bob, thread, "in a thread")
    discord.rename(channel, "aim")
    discord.rename(private, "whisper")
    asked = discord.say(discord.bob, channel, f"{discord.bot.mention} hello")
    await nellie.answer_to(asked)
    await nellie.slash(discord.bob, channel, "memory show")
    discord.slash(discord.bob, channel, "ask", question="why?")
    discord.menu(discord.bob, "Ask Nellie about this", asked)
    discord.complete(discord.bob, channel, "catchup", since="to")
    discord.press(discord.bob, discord.answers(asked)[0], "👍")
    discord.remove(thread)
    discord.remove(channel)
    sent = discord.gateway.sessions[0].sent
    return [
        (one["t"], one["d"]) for one in sent if one["t"] not in ("READY", "GUILD_CREATE", "RESUMED")
    ]
