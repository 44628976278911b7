"""Connections to Discord that fail."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog
from doubles.discord_server import Discord, Fault
from doubles.discord_server.gateway import CONTENT
from doubles.nellie_on_discord import NellieOnDiscord

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.interactions import NOT_STORED
from adapters.kit.backfill_loop import BackfillLoop
from bot.domain.errors import SettingsError

Open = Callable[..., Awaitable[NellieOnDiscord]]

INVALID_INTENTS = 4013


@pytest.mark.parametrize("token", ["MTIz.wrong.token", "nonsense"])
async def test_a_wrong_token_is_one_sentence_that_names_the_setting(
    discord: Discord, token: str
) -> None:
    adapter = DiscordAdapter.configured({**discord.environ, "DISCORD_TOKEN": token})
    assert adapter

    with pytest.raises(SettingsError, match=r"^DISCORD_TOKEN: Discord does not accept") as raised:
        await adapter.run(None, None, None)  # type: ignore[arg-type]  # it is not called

    assert token not in str(raised.value)


async def test_without_the_intent_mentions_and_commands_are_heard_and_the_log_says_what_is_missing(
    open_nellie: Open,
) -> None:
    async with Discord(withheld_intents=CONTENT) as discord:
        with structlog.testing.capture_logs() as logs:
            nellie = await open_nellie(discord)
            discord.say(discord.bob, discord.general, "not for Nellie")

            answer = await nellie.ask(discord.ana, discord.general, "do you hear me?")
            interaction = await nellie.slash(
                discord.ana, discord.general, "ask", question="and now?"
            )

        assert answer == "You said: do you hear me?"
        assert interaction.shown == "You said: and now?"
        [withheld] = [entry for entry in logs if entry["event"] == "message_content_withheld"]
        assert "Message Content Intent" in withheld["fix"]
        assert discord.violations() == []
        await nellie.stop_adapter()


async def test_without_the_intent_a_discord_that_is_away_is_not_asked_again_and_again(
    open_nellie: Open,
) -> None:
    async with Discord(withheld_intents=CONTENT) as discord:
        nellie = await open_nellie(discord)
        discord.fail(Fault("503", "GET /users/@me", times=1_000))

        discord.gateway.close(INVALID_INTENTS)  # discord.py gives this client up
        logins = len(discord.find("GET /users/@me"))
        await discord.until(lambda: len(discord.find("GET /users/@me")) > logins)
        await asyncio.sleep(0.5)

        assert len(discord.find("GET /users/@me")) <= logins + 2
        await nellie.stop_adapter()


@pytest.mark.parametrize("happens", ["drop", "close", "reconnect", "invalidate", "forget"])
async def test_after_a_lost_connection_each_question_is_answered_once(
    nellie: NellieOnDiscord, happens: str
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
async def test_after_a_garbled_frame_the_next_question_is_answered(
    nellie: NellieOnDiscord, frame: str
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.random, "before?")

    discord.gateway.raw(frame)

    # She may be away for this one: then history brings it back.
    assert await nellie.ask(discord.ana, discord.random, "after?") == "You said: after?"


async def test_the_adapter_waits_for_a_discord_that_is_away(
    open_nellie: Open, discord: Discord
) -> None:
    discord.fail(Fault("503", "GET /users/@me", times=2))

    nellie = await open_nellie(discord)

    assert await nellie.ask(discord.ana, discord.general, "there?") == "You said: there?"


async def test_events_that_an_overflowing_queue_dropped_are_read_from_history(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord = nellie.discord
    monkeypatch.setattr("adapters.discord.event_queue.CAPACITY", 0)
    asked = discord.say(discord.bob, discord.general, f"{discord.bot.mention} lost?")
    await discord.until(lambda: nellie.connection.event_queue._overflowed)
    monkeypatch.setattr("adapters.discord.event_queue.CAPACITY", 100)

    discord.say(discord.bob, discord.general, "kept")

    await discord.until(lambda: discord.answers(asked))
    assert {"lost?", "kept"} <= {text.split("> ")[-1] for text in await nellie.texts()}


async def test_a_deletion_is_not_lost_when_discord_fails_for_a_moment(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    said = discord.dm(discord.ana, "secret")
    await discord.until(lambda: discord.answers(said))
    await nellie.parts.lanes.idle()
    fault = Fault("503", rf"GET /channels/{said.channel.id}$")
    discord.fail(fault)

    discord.delete(said)
    discord.say(discord.bob, discord.general, "and then")

    await discord.until(lambda: not fault.times)
    await nellie.connection.event_queue.idle()
    assert await nellie.texts() == ["and then"]


@pytest.mark.parametrize("replicas", [1, 2])
async def test_a_question_that_another_replica_may_have_stored_is_not_refused(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch, replicas: int
) -> None:
    monkeypatch.setattr("adapters.discord.event_queue.CAPACITY", 0)
    monkeypatch.setattr("bot.core.turn_control.TurnControl.replicas", replicas)

    interaction = nellie.discord.slash(
        nellie.discord.ana, nellie.discord.general, "ask", question="?"
    )

    await nellie.discord.until(lambda: interaction.thinking if replicas > 1 else interaction.shown)
    await asyncio.sleep(0.2)
    assert interaction.shown == ("" if replicas > 1 else NOT_STORED)


async def test_an_answer_waits_for_a_client_that_is_open(
    nellie: NellieOnDiscord,
) -> None:
    await nellie.connection.client.close()  # as discord.py does when Discord refuses to go on

    connection = await nellie.adapter._wait_for_connection()
    assert not connection.client.is_closed()


async def test_the_backfill_loop_can_be_cancelled_at_the_moment_of_a_request(
    nellie: NellieOnDiscord,
) -> None:
    backfill = BackfillLoop("discord")
    running = asyncio.create_task(backfill.run(nellie.connection.history_reader))
    await asyncio.sleep(0.05)

    backfill.request()
    running.cancel()
    await asyncio.wait({running}, timeout=5)

    assert running.cancelled()
