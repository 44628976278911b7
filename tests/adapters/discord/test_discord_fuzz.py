"""Two thousand events such as no Discord sends: they do no harm, and fill no log."""

import copy
import gc
import json
import random
from typing import Any

import pytest
from doubles.discord_server.guild import JSON
from doubles.nellie_on_discord import NellieOnDiscord
from structlog.testing import capture_logs

SEED, CASES, AT_ONCE = 20_261_122, 2_000, 50
NONSENSE: tuple[Any, ...] = (
    None,
    "",
    "x",
    "0",
    "-1",
    "99999999999999999999999999",
    0,
    -1,
    2**70,
    1.5,
    True,
    [],
    {},
    [None],
    [[]],
    {"id": None},
    [{}],
    "2026-13-45T99:99:99",
    "\ud800",
    "\0",
    "<@1>" * 600,
    "é" * 9_000,
)


async def test_two_thousand_malformed_events_do_no_harm(
    nellie: NellieOnDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    discord, dice = nellie.discord, random.Random(SEED)
    samples = await _samples(nellie)

    with capture_logs() as logs:
        for first in range(0, CASES, AT_ONCE):
            for number in range(first, first + AT_ONCE):
                name, data = samples[number % len(samples)]
                event = {"op": 0, "t": name, "s": number, "d": _spoiled(data, dice)}
                discord.gateway.raw(json.dumps(event))
            asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} {first}?")
            await discord.until(lambda asked=asked: discord.answers(asked))  # type: ignore[misc]

    assert not nellie.running.done()
    assert discord.gateway.identified == 1
    assert [post.text for post in discord.answers(asked)] == [f"You said: {first}?"]
    assert not [one for one in logs if one["log_level"] != "debug" and one.get("exc_info")]
    gc.collect()  # a task whose error nobody took is told of when it goes
    left = [one.getMessage() for one in caplog.records if one.name == "asyncio"]
    assert not [one for one in left if "discord-ui" not in one]  # those tasks are the library's


async def test_a_malformed_welcome_does_no_harm(nellie: NellieOnDiscord) -> None:
    discord, dice = nellie.discord, random.Random(SEED)
    [guild] = [one for one in discord.gateway.sessions[0].sent if one["t"] == "GUILD_CREATE"]

    for _ in range(100):
        event = {"op": 0, "t": "GUILD_CREATE", "s": 1, "d": _spoiled(guild["d"], dice)}
        discord.gateway.raw(json.dumps(event))
    discord.gateway.forget()
    await discord.until(lambda: discord.gateway.identified > 1)

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


def _spoiled(data: JSON, dice: random.Random) -> Any:
    """The same with some of its parts left out, of another type, or doubled."""
    spoiled = copy.deepcopy(data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        holder, key = dice.choice(_parts(spoiled))
        how = dice.random()
        if how < 0.3:
            del holder[key]
        elif how < 0.8:
            holder[key] = copy.deepcopy(dice.choice(NONSENSE))
        else:
            holder[key] = [copy.deepcopy(holder[key])] * 2
        if not _parts(spoiled):
            break
    return spoiled if dice.random() < 0.97 else dice.choice(NONSENSE)


def _parts(data: Any) -> list[tuple[Any, Any]]:
    """Every channel in it that holds something."""
    keys = (
        list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    )
    found: list[tuple[Any, Any]] = []
    for key in keys:
        found += [(data, key), *_parts(data[key])]
    return found
