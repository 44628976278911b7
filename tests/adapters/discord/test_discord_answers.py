"""What people see on Discord when they speak to her."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from doubles.discord import Discord, Fault
from doubles.discord.house import Nellie
from doubles.model import Actor, says, stalls

Open = Callable[..., Awaitable[Nellie]]

POSTS = r"POST /channels/\d+/messages$"
EDITS = r"PATCH /channels/\d+/messages/"
LINES = [f"line {number} of a long tale about the harbour and its ships" for number in range(110)]
LONG = "\n".join(LINES)


async def test_answers_a_mention_by_a_reply_with_one_request(nellie: Nellie) -> None:
    discord = nellie.discord
    before = len(discord.requests())

    answer = await nellie.ask(discord.ana, discord.general, "where is the key?")

    assert answer == "You said: where is the key?"
    after = [line for line in discord.requests()[before:] if "/channels/" in line]
    assert after == [f"POST /channels/{discord.general.id}/messages 200"]
    assert not discord.typed(discord.general)


async def test_remembers_what_is_not_said_to_her_and_keeps_quiet(nellie: Nellie) -> None:
    discord = nellie.discord

    discord.say(discord.bob, discord.general, "The key is under the mat.")
    await nellie.ask(discord.ana, discord.general, "and?")

    assert await nellie.texts() == ["The key is under the mat.", "and?", "You said: and?"]
    assert "You said: and?" in discord.visible(discord.general)


async def test_answers_a_direct_message_and_follows_up_in_a_thread(nellie: Nellie) -> None:
    discord = nellie.discord

    assert await nellie.answered(discord.dm(discord.ana, "hello?")) == "You said: hello?"

    thread = discord.thread(discord.ana, discord.general)
    await nellie.ask(discord.ana, thread, "first?")
    follow_up = discord.say(discord.ana, thread, "second?")
    assert await nellie.answered(follow_up) == "You said: second?"


async def test_nothing_that_a_model_writes_pings_or_unfurls(
    open_nellie: Open, discord: Discord
) -> None:
    text = f"@everyone <@{discord.ana.id}> <@&1> see https://example.org"
    nellie = await open_nellie(discord, model=Actor(says(text)))

    await nellie.ask(discord.ana, discord.general, "well?")

    asked = discord.find("POST /channels")[-1]
    assert asked.body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert asked.body["flags"] == 4
    assert discord.pinging() == []


async def test_a_long_answer_comes_in_parts_each_a_reply_to_the_last(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(discord, model=Actor(says(LONG)))

    await nellie.ask(discord.ana, discord.general, "a tale")

    posts = [post for post in discord.of_bot(discord.general) if post.text.startswith("line")]
    assert "\n".join(post.text for post in posts).split("\n") == LINES
    assert max(len(post.text) for post in posts) < 2_000
    assert [post.reply_to for post in posts[1:]] == posts[:-1]
    assert [bool(post.buttons) for post in posts] == [False] * (len(posts) - 1) + [True]


async def test_shows_early_what_it_has_and_types_before_that(
    open_nellie: Open, discord: Discord
) -> None:
    wait, end = asyncio.Event(), asyncio.Event()
    part = says("Let me tell you what I know about this harbour.", " That is all.")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (wait, first, end, *rest)

    nellie = await open_nellie(discord, model=Actor(slowly))  # type: ignore[arg-type]
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} well?")
    await discord.until(lambda: discord.typed(discord.general))
    wait.set()
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)
    assert (post.text, list(post.buttons)) == (
        "Let me tell you what I know about this harbour.", ["Stop"],
    )  # fmt: skip

    end.set()

    whole = "Let me tell you what I know about this harbour. That is all."
    await discord.until(lambda: post.text == whole)
    assert "Stop" not in post.buttons
    await nellie.engine.lanes.idle()


async def test_stop_ends_it_for_who_asked_and_for_nobody_else(
    open_nellie: Open, discord: Discord
) -> None:
    nellie = await open_nellie(
        discord, model=Actor(stalls("A story that never comes to its end, for it goes on and on"))
    )
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)

    refused = discord.press(discord.bob, post, "Stop")
    await discord.until(lambda: refused.shown)
    assert refused.ephemeral
    assert "Only who asked" in refused.shown
    discord.press(discord.ana, post, "Stop")

    await discord.until(lambda: "(stopped)" in post.text)
    await nellie.engine.lanes.idle()
    assert "Stop" not in post.buttons


async def test_what_was_stopped_is_answered_again_in_its_place(
    open_nellie: Open, discord: Discord
) -> None:
    model = Actor(stalls("A story that never comes to its end, for it goes on"), says("The end."))
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    [post] = discord.answers(asked)
    discord.press(discord.ana, post, "Stop")
    await discord.until(lambda: "(stopped)" in post.text)
    await nellie.engine.lanes.idle()

    discord.press(discord.ana, post, "Try again")

    await discord.until(lambda: post.text == "The end.")
    assert discord.answers(asked) == [post]


async def test_an_answer_can_be_rated_also_after_a_restart(
    open_nellie: Open, discord: Discord, database: object
) -> None:
    nellie = await open_nellie(discord)
    await nellie.ask(discord.ana, discord.general, "well?")
    [post] = [post for post in discord.of_bot(discord.general) if post.buttons]
    await nellie.leave()
    await open_nellie(discord)

    did = discord.press(discord.bob, post, "👎")

    await discord.until(lambda: did.shown)
    assert did.ephemeral
    assert did.shown == "Thank you, noted."


@pytest.mark.parametrize("pattern", [POSTS, EDITS])
@pytest.mark.parametrize("kind", ["503", "500", "429", "cut", "lost"])
async def test_a_failing_request_is_repeated_and_the_answer_stands_once(
    open_nellie: Open, discord: Discord, kind: str, pattern: str
) -> None:
    nellie = await open_nellie(discord, model=Actor(says(LONG)))
    discord.fail(Fault(kind, pattern))  # type: ignore[arg-type]

    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} a tale")
    await discord.until(lambda: LINES[-1] in "".join(discord.visible(discord.general)))
    await nellie.engine.lanes.idle()

    assert discord.answers(asked)
    shown = [text for text in discord.visible(discord.general) if text.startswith("line")]
    assert "\n".join(shown).split("\n") == LINES


async def test_a_forbidden_channel_is_tried_once_and_again_when_permissions_change(
    nellie: Nellie,
) -> None:
    discord = nellie.discord
    discord.forbid(discord.general, told=False)
    before = len(discord.find("POST /channels"))
    for number in range(3):
        discord.say(discord.ana, discord.general, f"{discord.bot.mention} {number}?")
        await discord.until(lambda: len(discord.find("POST /channels")) > before)
        await discord.until(lambda n=number: len(nellie.model.asked("answer")) > n or n)  # type: ignore[misc]
        await nellie.engine.lanes.idle()
    assert len(discord.find("POST /channels")) == before + 1

    discord.permit(discord.general)

    assert await nellie.ask(discord.ana, discord.general, "now?") == "You said: now?"


async def test_a_question_deleted_in_mid_answer_is_answered_no_further(
    open_nellie: Open, discord: Discord
) -> None:
    model = Actor(
        stalls("A story that never comes to its end, for it goes on"), says("Still here.")
    )
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.random, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    discord.delete(asked)
    await nellie.engine.lanes.idle()

    assert await nellie.ask(discord.ana, discord.general, "you?") == "Still here."


async def test_a_channel_deleted_in_mid_answer_ends_it_and_she_goes_on(
    open_nellie: Open, discord: Discord
) -> None:
    more = asyncio.Event()
    part = says("A story that is about to be interrupted by others", " and goes on")

    def slowly(prompt: object) -> tuple[object, ...]:
        first, *rest = part(prompt)  # type: ignore[arg-type]
        return (first, more, *rest)

    model = Actor(slowly, says("Still here."))  # type: ignore[arg-type]
    nellie = await open_nellie(discord, model=model)
    asked = discord.say(discord.ana, discord.random, f"{discord.bot.mention} a story")
    await discord.until(lambda: discord.answers(asked))
    discord.remove(discord.random)
    more.set()
    await nellie.engine.lanes.idle()

    assert await nellie.ask(discord.ana, discord.general, "you?") == "Still here."


async def test_reads_back_a_channel_with_its_threads_in_order(nellie: Nellie) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    thread = discord.thread(discord.ana, discord.general)
    for number in range(120):
        place = thread if number % 2 else discord.general
        discord.say(discord.bob, place, f"number {number}")
    thread.archived = True
    [state] = [
        one for one in await nellie.engine.channels.all() if one.channel.id == discord.general.id
    ]
    long_ago = datetime.now(UTC) - timedelta(days=1)

    found = [said async for said in nellie.adapter.history(state.channel, long_ago)]

    assert [said.text for said in found] == ["one", *(f"number {n}" for n in range(120))]
    assert {said.thread for said in found} == {"", thread.id}
    assert found[0].addressed


async def test_reads_nothing_where_nothing_is_new(nellie: Nellie) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, discord.general, "one")
    [state] = [
        one for one in await nellie.engine.channels.all() if one.channel.id == discord.general.id
    ]
    before = len(discord.find("GET /channels"))

    later = datetime.now(UTC) + timedelta(minutes=1)

    assert [said async for said in nellie.adapter.history(state.channel, later)] == []
    assert len(discord.find("GET /channels")) == before
