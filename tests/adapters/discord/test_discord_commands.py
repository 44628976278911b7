"""Slash commands, the menu of a message, and what she says to them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from doubles.discord import Discord
from doubles.discord.house import Nellie
from doubles.model import Actor, says

from bot.conversation import Command, Reply
from bot.engine import Engine

Open = Callable[..., Awaitable[Nellie]]

DEFERRED, MESSAGE = 5, 4
LONG = "\n".join(
    f"line {number} of a long tale about the harbour and its ships" for number in range(60)
)


def _without_introduction(discord: Discord) -> list[str]:
    return [text for text in discord.visible(discord.general) if not text.startswith("Hi, I am")]


async def test_a_question_by_command_is_remembered_and_its_answer_too(nellie: Nellie) -> None:
    discord = nellie.discord

    did = await nellie.slash(discord.ana, discord.general, "ask", question="where is it?")

    assert (did.shown, did.response, did.ephemeral) == ("You said: where is it?", DEFERRED, False)
    assert await nellie.texts() == ["where is it?", "You said: where is it?"]


async def test_a_private_one_is_for_the_asker_alone_and_not_remembered(nellie: Nellie) -> None:
    discord = nellie.discord

    did = await nellie.slash(discord.ana, discord.general, "ask", question="who?", private=True)

    assert did.shown == "You said: who?"
    assert did.ephemeral
    assert _without_introduction(discord) == []
    assert await nellie.texts() == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_long_answer_goes_on_behind_the_reply(
    open_nellie: Open, discord: Discord, private: bool
) -> None:
    nellie = await open_nellie(discord, model=Actor(says(LONG)))

    await nellie.slash(discord.ana, discord.general, "ask", question="a tale", private=private)

    shown = [post for post in discord.of_bot(discord.general) if "line" in post.text]
    assert "\n".join(post.text for post in shown) == LONG
    assert [post.ephemeral for post in shown] == [private] * len(shown)


async def test_an_answer_that_outlasts_its_token_goes_on_in_the_channel(
    open_nellie: Open,
) -> None:
    more = asyncio.Event()
    part = says("The beginning of an answer that takes a long time", " and its end.")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (first, more, *rest)

    async with Discord(life=2.0) as discord:
        nellie = await open_nellie(discord, model=Actor(slowly))  # type: ignore[arg-type]
        did = discord.slash(discord.ana, discord.general, "ask", question="well?")
        await discord.until(lambda: did.shown.startswith("The beginning"))
        await asyncio.sleep(2.1)  # the token dies; she has been told otherwise
        more.set()
        await nellie.engine.lanes.idle()

        whole = "The beginning of an answer that takes a long time and its end."
        assert whole in discord.visible(discord.general)
        assert len(_without_introduction(discord)) == 1
        assert discord.violations() == []
        await nellie.leave()


async def test_an_answer_that_begins_behind_its_token_is_a_normal_message(
    open_nellie: Open, discord: Discord
) -> None:
    wait = asyncio.Event()
    part = says("At last.")
    nellie = await open_nellie(discord, model=Actor(lambda prompt: (wait, *part(prompt))))
    did = discord.slash(discord.ana, discord.general, "ask", question="well?")
    await discord.until(lambda: did.acknowledged)
    ask = nellie.adapter._client.asks.get(did.id)  # type: ignore[union-attr]
    assert ask
    ask.life = timedelta(0)
    wait.set()

    await discord.until(lambda: "At last." in discord.visible(discord.general))
    await nellie.engine.lanes.idle()
    assert discord.find(f"POST /channels/{discord.general.id}/messages")


async def test_help_and_memory_are_shown_to_who_asks(nellie: Nellie) -> None:
    discord = nellie.discord
    await nellie.ask(discord.bob, discord.general, "the key is under the mat")

    help_ = await nellie.slash(discord.ana, discord.general, "help")
    show = await nellie.slash(discord.ana, discord.general, "memory show")
    found = await nellie.slash(discord.ana, discord.general, "memory search", words="key mat")

    assert "/memory search" in help_.shown
    assert show.shown.startswith("I remember 2 messages here")
    assert "under the mat" in found.shown
    assert f"https://discord.com/channels/{discord.general.guild}" in found.shown
    assert all(did.ephemeral for did in (help_, show, found))


async def test_forgetting_asks_first_by_a_button_that_outlives_a_restart(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord)
    await nellie.ask(discord.ana, discord.general, "my secret")
    did = await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    assert did.original
    assert "Sure?" in did.shown
    assert "my secret" in await nellie.texts()
    await nellie.leave()
    nellie = await open_nellie(discord)

    pressed = discord.press(discord.ana, did.original, "Yes, do it")

    await discord.until(lambda: pressed.shown)
    assert pressed.shown.startswith("Forgotten: 1 message")
    assert "my secret" not in await nellie.texts()


async def test_of_several_replicas_one_carries_a_command_out(
    open_nellie: Open, discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    carry_out = Engine.command

    async def noted(engine: Engine, command: Command) -> Reply:
        done.append(command.arguments)
        return await carry_out(engine, command)

    monkeypatch.setattr(Engine, "command", noted)
    nellie = await open_nellie(discord, lease=1)
    await nellie.ask(discord.ana, discord.general, "my secret")
    await open_nellie(discord, lease=1)
    await discord.until(lambda: nellie.engine.replicas == 2)
    did = await nellie.slash(discord.ana, discord.general, "memory forget", what="me")
    assert did.original

    pressed = discord.press(discord.ana, did.original, "Yes, do it")

    await discord.until(lambda: pressed.shown and not pressed.thinking)
    assert pressed.shown.startswith("Forgotten: 1 message")
    await discord.until(lambda: len(discord.requests("/callback")) == 4)
    await asyncio.sleep(0.1)  # whatever the one that came too late would do
    assert len(done) == 2


async def test_rights_are_those_of_discord_and_checked_again(nellie: Nellie) -> None:
    discord = nellie.discord
    by_name = {command["name"]: command for command in discord.commands}
    assert (
        by_name["persona"]["default_member_permissions"]
        == by_name["model"]["default_member_permissions"]
    )

    refused = await nellie.slash(discord.ana, discord.general, "memory export")
    done = await nellie.slash(discord.mona, discord.general, "persona set", text="A pirate.")

    assert refused.shown.startswith("Only people with rights over this channel")
    assert done.shown == "That is who I am here now."
    assert not done.ephemeral


async def test_an_export_is_a_file(nellie: Nellie) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "the key is under the mat")

    did = await nellie.slash(discord.mona, discord.general, "memory export")

    assert did.original
    [file] = did.original.attachments
    assert file["filename"] == "nellie.jsonl"
    assert file["text"].count("\n") == 2


async def test_completes_times_and_models(open_nellie: Open, discord: Discord) -> None:
    await open_nellie(discord, models=("actor", "other"))

    times = discord.complete(discord.ana, discord.general, "catchup", since="yes")
    models = discord.complete(discord.mona, discord.general, "model set", model="")

    await discord.until(lambda: times.choices is not None and models.choices is not None)
    assert times.choices == ["yesterday"]
    assert models.choices == ["actor", "other"]


async def test_asks_about_a_message_from_its_menu(nellie: Nellie) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")
    menu = discord.menu(discord.ana, "Ask Nellie about this", post)
    await discord.until(lambda: menu.modal)
    field = menu.modal["components"][0]["components"][0]["custom_id"]  # type: ignore[index]

    did = discord.submit(menu, **{field: "what is a mizzen?"})

    await discord.until(lambda: did.shown and not did.thinking)
    await nellie.engine.lanes.idle()
    assert did.shown.startswith("You said: what is a mizzen?")
    assert "> The mizzen is adrift." in did.shown


async def test_catches_up_from_a_message(nellie: Nellie) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, "The mizzen is adrift.")
    await nellie.ask(discord.ana, discord.general, "aye?")

    did = discord.menu(discord.ana, "Catch me up from here", post)

    await discord.until(lambda: did.shown and not did.thinking)
    assert did.shown.startswith("2 messages since")
    assert "- Bob: The mizzen is adrift. (" in did.shown


async def test_commands_are_registered_only_when_they_have_changed(
    open_nellie: Open, discord: Discord
) -> None:
    for _ in range(2):
        nellie = await open_nellie(discord)
        await nellie.leave()
    assert discord.interactions.synced == 1

    discord.commands[0]["description"] = "something else"
    before = discord.interactions.synced
    nellie = await open_nellie(discord)

    await discord.until(lambda: discord.interactions.synced > before)


async def test_commands_work_in_direct_messages_with_all_rights(nellie: Nellie) -> None:
    discord = nellie.discord
    place = discord.dm(discord.ana, "hello").place
    await discord.until(lambda: discord.visible(place))

    did = await nellie.slash(discord.ana, place, "memory export")

    assert did.original
    assert did.original.attachments
