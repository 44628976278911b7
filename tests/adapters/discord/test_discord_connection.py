"""Connections to Discord that fail, and what she makes of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog
from doubles.discord import Discord, Fault
from doubles.discord.gateway import CONTENT
from doubles.discord.house import Nellie

from adapters.discord.adapter import Discord as Adapter
from adapters.discord.arriving import keep_up
from adapters.discord.commands import TOO_LATE
from bot.errors import SettingsError

Open = Callable[..., Awaitable[Nellie]]


@pytest.mark.parametrize("token", ["MTIz.wrong.token", "nonsense"])
async def test_a_wrong_token_is_one_sentence_that_names_the_setting(
    discord: Discord, token: str
) -> None:
    adapter = Adapter.configured({**discord.environ, "DISCORD_TOKEN": token})
    assert adapter

    with pytest.raises(SettingsError, match=r"^DISCORD_TOKEN: Discord does not accept") as raised:
        await adapter.run(None)  # type: ignore[arg-type]  # it never gets as far as the door

    assert token not in str(raised.value)


async def test_without_the_intent_mentions_and_commands_are_heard_and_she_says_what_is_missing(
    open_nellie: Open,
) -> None:
    async with Discord(withheld_intents=CONTENT) as discord:
        with structlog.testing.capture_logs() as logs:
            nellie = await open_nellie(discord)
            discord.say(discord.bob, discord.general, "not for her")

            answer = await nellie.ask(discord.ana, discord.general, "do you hear me?")
            did = await nellie.slash(discord.ana, discord.general, "ask", question="and now?")

        assert answer == "You said: do you hear me?"
        assert did.shown == "You said: and now?"
        said = [entry for entry in logs if "Message Content Intent" in entry["event"]]
        assert len(said) == 1
        assert discord.violations() == []
        await nellie.leave()


@pytest.mark.parametrize("happens", ["drop", "close", "reconnect", "invalidate", "forget"])
async def test_after_a_lost_connection_she_is_back_and_answers_once(
    nellie: Nellie, happens: str
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "before?")

    getattr(discord.gateway, happens)()
    await discord.until(lambda: discord.gateway.resumed or discord.gateway.identified > 1)

    assert await nellie.ask(discord.ana, discord.general, "after?") == "You said: after?"
    answers = [text for text in discord.visible(discord.general) if text.startswith("You said")]
    assert len(answers) == 2


@pytest.mark.parametrize(
    "frame", ["{no json", "[]", "7", '{"op": 10, "d": null}', '{"op": 0}', "{}"]
)
async def test_a_garbled_frame_is_one_line_and_she_goes_on(nellie: Nellie, frame: str) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.random, "before?")

    discord.gateway.raw(frame)

    # She may be away for this one: then history brings it back.
    assert await nellie.ask(discord.ana, discord.random, "after?") == "You said: after?"


async def test_she_waits_for_a_discord_that_is_away(open_nellie: Open, discord: Discord) -> None:
    discord.fail(Fault("503", "GET /users/@me", times=2))

    nellie = await open_nellie(discord)

    assert await nellie.ask(discord.ana, discord.general, "there?") == "You said: there?"


async def test_what_an_overflowing_inbox_dropped_comes_back_by_history(
    nellie: Nellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord = nellie.discord
    monkeypatch.setattr("adapters.discord.inbox.MOST", 0)
    asked = discord.say(discord.bob, discord.general, f"{discord.bot.mention} lost?")
    client = nellie.adapter._client
    assert client
    await discord.until(lambda: client.inbox._dropped)
    monkeypatch.setattr("adapters.discord.inbox.MOST", 100)

    discord.say(discord.bob, discord.general, "kept")

    await discord.until(lambda: discord.answers(asked))
    assert {"lost?", "kept"} <= {text.split("> ")[-1] for text in await nellie.texts()}


async def test_a_deletion_is_kept_though_discord_fails_for_a_moment(nellie: Nellie) -> None:
    discord = nellie.discord
    said = discord.dm(discord.ana, "secret")
    await discord.until(lambda: discord.answers(said))
    await nellie.engine.lanes.idle()
    fault = Fault("503", rf"GET /channels/{said.place.id}$")
    discord.fail(fault)

    discord.delete(said)
    discord.say(discord.bob, discord.general, "and then")

    client = nellie.adapter._client
    assert client
    await discord.until(lambda: not fault.times)
    await client.inbox.idle()
    assert await nellie.texts() == ["and then"]


@pytest.mark.parametrize("replicas", [1, 2])
async def test_a_command_is_not_refused_that_another_replica_may_have_kept(
    nellie: Nellie, monkeypatch: pytest.MonkeyPatch, replicas: int
) -> None:
    monkeypatch.setattr("adapters.discord.inbox.MOST", 0)
    monkeypatch.setattr("bot.engine.Engine.replicas", replicas)

    did = nellie.discord.slash(nellie.discord.ana, nellie.discord.general, "ask", question="?")

    await nellie.discord.until(lambda: did.thinking if replicas > 1 else did.shown)
    await asyncio.sleep(0.2)
    assert did.shown == ("" if replicas > 1 else TOO_LATE)


async def test_an_answer_waits_for_a_client_that_is_good_for_requests(nellie: Nellie) -> None:
    former = nellie.adapter._client
    assert former
    await former.close()  # as discord.py does when Discord refuses to go on

    assert not (await nellie.adapter._reached()).is_closed()


async def test_she_can_be_told_to_end_at_the_moment_in_which_something_was_missed(
    nellie: Nellie,
) -> None:
    client = nellie.adapter._client
    assert client
    client.arrived.clear()
    keeping = asyncio.create_task(keep_up(client))
    await asyncio.sleep(0.05)

    client.arrived.set()
    keeping.cancel()
    await asyncio.wait({keeping}, timeout=5)

    assert keeping.cancelled()
