"""Consent on Discord: buttons below the question, pressed by the right person and by others."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.discord_server import Discord
from doubles.fake_toolbox import QUERY, FakeToolbox
from doubles.nellie_on_discord import NellieOnDiscord

from bot.domain.tools import Tool, ToolCall
from bot.testing import ScriptedModel, calls, says

Open = Callable[..., Awaitable[NellieOnDiscord]]
SEND = Tool("mail-send", "Sends a mail.", QUERY, changes=True, server="mail")


async def ask(
    open_nellie: Open, discord: Discord, *queries: str
) -> tuple[NellieOnDiscord, FakeToolbox]:
    """Somebody asks for these mails."""
    box = FakeToolbox(SEND)
    asked = [
        ToolCall(f"c{n}", SEND.name, f'{{"query": "{query}"}}') for n, query in enumerate(queries)
    ]
    model = ScriptedModel(calls(*asked), says("All is said."))
    nellie = await open_nellie(discord, model=model, toolbox=box)
    discord.say(discord.ana, discord.general, f"{discord.bot.mention} mail it")
    await discord.until(lambda: bool(asking(discord)))
    await nellie.parts.lanes.idle()
    return nellie, box


def asking(discord: Discord) -> list[Any]:
    """The messages with buttons that decide something."""
    return [post for post in discord.of_bot(discord.general) if verdicts(post)]


def verdicts(post: Any) -> list[str]:
    return [label for label, id_ in post.buttons.items() if ":consent:" in id_]


async def test_what_the_asker_allows_is_done_once_and_answered(
    open_nellie: Open, discord: Discord
) -> None:
    nellie, box = await ask(open_nellie, discord, "the rent is 900")
    [post] = asking(discord)
    assert "the rent is 900" in "".join(discord.visible(discord.general))
    assert verdicts(post) == ["Allow", "Deny"]
    assert box.called == []

    discord.press(discord.ana, post, "Allow")
    await discord.until(lambda: "All is said." in discord.visible(discord.general))
    await nellie.parts.lanes.idle()

    assert box.called == [("mail-send", {"query": "the rent is 900"})]
    await discord.until(lambda: not verdicts(post))
    await discord.until(lambda: "Allowed by" in "".join(discord.visible(discord.general)))


async def test_a_stranger_decides_nothing_and_is_told_so_alone(
    open_nellie: Open, discord: Discord
) -> None:
    nellie, box = await ask(open_nellie, discord, "hello")
    [post] = asking(discord)

    pressed = discord.press(discord.bob, post, "Allow")
    await discord.until(lambda: bool(pressed.followups))
    await nellie.parts.lanes.idle()

    assert box.called == []
    assert pressed.followups[0].ephemeral
    assert verdicts(post) == ["Allow", "Deny"]
    discord.press(discord.ana, post, "Deny")
    await discord.until(lambda: not verdicts(post))
    await nellie.parts.lanes.idle()
    assert box.called == []


async def test_of_several_questions_the_other_buttons_stay(
    open_nellie: Open, discord: Discord
) -> None:
    nellie, box = await ask(open_nellie, discord, "one", "two", "three")
    [post] = asking(discord)
    assert verdicts(post) == ["Allow 1", "Deny 1", "Allow 2", "Deny 2", "Allow 3", "Deny 3"]

    for label in ("Allow 2", "Deny 1", "Allow 3"):
        left = [one for one in verdicts(post) if one[-1] != label[-1]]
        discord.press(discord.ana, post, label)
        await discord.until(lambda left=left: verdicts(post) == left)  # type: ignore[misc]
    await discord.until(lambda: "All is said." in discord.visible(discord.general))
    await nellie.parts.lanes.idle()

    assert {arguments["query"] for _, arguments in box.called} == {"two", "three"}


async def test_a_late_press_is_told_and_its_buttons_go(open_nellie: Open, discord: Discord) -> None:
    nellie, box = await ask(open_nellie, discord, "hello")
    [post] = asking(discord)
    async with nellie.parts.database.autocommit() as connection:
        late = "UPDATE consent SET until = now() - interval '1 minute'"
        await connection.execute(sa.text(late))

    discord.press(discord.ana, post, "Allow")
    await discord.until(lambda: not verdicts(post))
    await nellie.parts.lanes.idle()

    assert box.called == []


async def test_a_second_press_changes_nothing(open_nellie: Open, discord: Discord) -> None:
    nellie, box = await ask(open_nellie, discord, "hello")
    [post] = asking(discord)

    discord.press(discord.ana, post, "Allow")
    discord.press(discord.ana, post, "Allow")
    await discord.until(lambda: not verdicts(post))
    await discord.until(lambda: "All is said." in discord.visible(discord.general))
    await nellie.parts.lanes.idle()

    assert len(box.called) == 1


@pytest.mark.parametrize(
    "words", ["x" * 9_000, "```\\n@everyone <@&1> <@2>", "https://evil.example/leak?a=1"]
)
async def test_whatever_the_arguments_are_they_are_shown_and_ping_nobody(
    open_nellie: Open, discord: Discord, words: str
) -> None:
    await ask(open_nellie, discord, words)

    posts = discord.of_bot(discord.general)
    assert sum(len(verdicts(post)) for post in posts) == 2
    assert verdicts(posts[-1])
    assert "@everyone" not in "".join(str(post.text) for post in posts)


async def test_a_private_question_is_decided_and_answered_in_private(
    open_nellie: Open, discord: Discord
) -> None:
    box = FakeToolbox(SEND)
    asked = ToolCall("c1", SEND.name, '{"query": "hello"}')
    model = ScriptedModel(calls(asked), says("All is said."))
    nellie = await open_nellie(discord, model=model, toolbox=box)
    before = len(discord.visible(discord.general))
    command = discord.slash(discord.ana, discord.general, "ask", question="mail it", private=True)
    await discord.until(lambda: "May I" in (command.shown or ""))
    await nellie.parts.lanes.idle()
    post = (command.followups or [command.original])[-1]

    pressed = discord.press(discord.ana, post, "Allow")
    await discord.until(lambda: bool(box.called))
    await nellie.parts.lanes.idle()

    assert len(discord.visible(discord.general)) == before
    assert all(one.ephemeral for one in pressed.followups)
