"""What people see on Discord when they speak to Nellie."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord, Fault
from doubles.nellie_on_discord import NellieOnDiscord

from bot.testing import ScriptedModel, says, stalls

Open = Callable[..., Awaitable[NellieOnDiscord]]

POSTS = r"POST /channels/\d+/messages$"
EDITS = r"PATCH /channels/\d+/messages/"
LINES = [f"line {number} of a long tale about the harbour and its ships" for number in range(110)]
LONG = "\n".join(LINES)


async def test_answers_a_mention_by_a_reply_with_one_request(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    before = len(discord.requests())

    answer = await nellie.ask(discord.ana, discord.general, "where is the key?")

    assert answer == "You said: where is the key?"
    after = [line for line in discord.requests()[before:] if "/channels/" in line]
    assert after == [f"POST /channels/{discord.general.id}/messages 200"]
    assert not discord.typed(discord.general)


async def test_remembers_a_message_that_is_not_addressed_and_does_not_answer_it(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord

    discord.say(discord.bob, discord.general, "The key is under the mat.")
    await nellie.ask(discord.ana, discord.general, "and?")

    assert await nellie.texts() == ["The key is under the mat.", "and?", "You said: and?"]
    assert "You said: and?" in discord.visible(discord.general)


async def test_answers_a_direct_message_and_follows_up_in_a_thread(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord

    assert await nellie.answer_to(discord.dm(discord.ana, "hello?")) == "You said: hello?"

    thread = discord.thread(discord.ana, discord.general)
    await nellie.ask(discord.ana, thread, "first?")
    follow_up = discord.say(discord.ana, thread, "second?")
    assert await nellie.answer_to(follow_up) == "You said: second?"


async def test_nothing_that_a_model_writes_pings_or_unfurls(
    open_nellie: Open, discord: Discord
) -> None:
    text = f"@everyone <@{discord.ana.id}> <@&1> see https://example.org"
    nellie = await open_nellie(discord, model=ScriptedModel(says(text)))

    await nellie.ask(discord.ana, discord.general, "well?")

    asked = discord.find("POST /channels")[-1]
    assert asked.body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert asked.body["flags"] == 4
    assert discord.pinging() == []


async def test_a_long_answer_comes_in_parts_each_a_reply_to_the_last(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(says(LONG)))

    await nellie.ask(discord.ana, discord.general, "a tale")

    posts = [post for post in discord.of_bot(discord.general) if post.text.startswith("line")]
    assert "\n".join(post.text for post in posts).split("\n") == LINES
    assert max(len(post.text) for post in posts) < 2_000
    assert [post.reply_to for post in posts[1:]] == posts[:-1]
    assert [bool(post.buttons) for post in posts] == [False] * (len(posts) - 1) + [True]


async def test_an_answer_is_shown_early_and_nellie_is_shown_typing_before_that(
    open_nellie: Open, discord: Discord
) -> None:
    wait, end = asyncio.Event(), asyncio.Event()
    part = says("Let me tell you what I know about this harbour.", " That is all.")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (wait, first, end, *rest)

    nellie = await open_nellie(discord, model=ScriptedModel(slowly))  # type: ignore[arg-type]
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} well?")
    await discord.until(lambda: discord.typed(discord.general))
    wait.set()
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)
    assert (post.text, list(post.buttons)) == (
        "Let me tell you what I know about this harbour.",
        ["Stop"],
    )

    end.set()

    whole = "Let me tell you what I know about this harbour. That is all."
    await discord.until(lambda: post.text == whole)
    assert "Stop" not in post.buttons
    await nellie.parts.lanes.idle()


@pytest.mark.parametrize("pattern", [POSTS, EDITS])
@pytest.mark.parametrize("kind", ["503", "500", "429", "cut", "lost"])
async def test_a_failing_request_is_repeated_and_the_answer_stands_once(
    open_nellie: Open, discord: Discord, kind: str, pattern: str
) -> None:
    nellie = await open_nellie(discord, model=ScriptedModel(says(LONG)))
    discord.fail(Fault(kind, pattern))  # type: ignore[arg-type]

    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: LINES[-1] in "".join(discord.visible(discord.general)))
    await nellie.parts.lanes.idle()

    assert discord.answers(asked)
    shown = [text for text in discord.visible(discord.general) if text.startswith("line")]
    assert "\n".join(shown).split("\n") == LINES


async def test_a_forbidden_channel_is_tried_once_and_again_when_permissions_change(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    discord.forbid(discord.general, notify=False)
    before = len(discord.find("POST /channels"))
    for number in range(3):
        discord.say(discord.ana, discord.general, f"{discord.bot.mention} {number}?")
        await discord.until(lambda: len(discord.find("POST /channels")) > before)
        await discord.until(lambda n=number: len(nellie.model.prompts_for("answer")) > n or n)  # type: ignore[misc]
        await nellie.parts.lanes.idle()
    assert len(discord.find("POST /channels")) == before + 1

    discord.permit(discord.general)

    assert await nellie.ask(discord.ana, discord.general, "now?") == "You said: now?"


async def test_a_question_deleted_in_mid_answer_stops_the_answer(
    open_nellie: Open, discord: Discord
) -> None:
    model = ScriptedModel(
        stalls("A story that never comes to its end, for it goes on"), says("Still here.")
    )
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.random, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    discord.delete(asked)
    await nellie.parts.lanes.idle()

    assert await nellie.ask(discord.ana, discord.general, "you?") == "Still here."


async def test_a_channel_deleted_in_mid_answer_ends_the_answer_and_the_next_one_is_given(
    open_nellie: Open, discord: Discord
) -> None:
    more = asyncio.Event()
    part = says("A story that is about to be interrupted by others", " and goes on")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (first, more, *rest)

    model = ScriptedModel(slowly, says("Still here."))  # type: ignore[arg-type]
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.random, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    discord.remove(discord.random)
    more.set()
    await nellie.parts.lanes.idle()

    assert await nellie.ask(discord.ana, discord.general, "you?") == "Still here."
