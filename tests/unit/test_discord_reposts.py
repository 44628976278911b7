"""Proxies such as PluralKit: a question that is deleted and posted again goes on, once."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest
from doubles.discord_listener import Listener, to_channel
from doubles.discord_server import Discord
from doubles.discord_server.guild import Post, User

from adapters.discord import reposts

HOOK = str(max(reposts.PROXIES))


@pytest.fixture(autouse=True)
def hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reposts, "HOLD", 0.05)


@pytest.fixture
async def discord() -> Discord:
    return Discord()


@pytest.fixture
async def listener(discord: Discord) -> AsyncIterator[Listener]:
    listening = Listener(discord)
    yield listening
    await listening.connection.close()


def ask(discord: Discord, text: str = "where is the rope?") -> Post:
    return discord.say(discord.ana, discord.general, f"{discord.bot.mention} {text}")


def post_again(discord: Discord, text: str = "where is the rope?", *, call: bool = True) -> Post:
    hook = User("Ana (system)", bot=True, id=HOOK)
    text = f"{discord.bot.mention} {text}" if call else text
    return discord.say(hook, discord.general, text, webhook=True)


async def settled(listener: Listener) -> Listener:
    """Once nothing waits for its counterpart any more."""
    await listener.settled()
    await asyncio.sleep(0.1)
    await listener.settled()
    return listener


@pytest.mark.parametrize("deleted_first", [True, False])
async def test_a_question_that_is_posted_again_is_the_same_question(
    discord: Discord, listener: Listener, deleted_first: bool
) -> None:
    question = ask(discord)
    if deleted_first:
        discord.delete(question)
    copy = post_again(discord)
    if not deleted_first:
        discord.delete(question)

    inbox = (await settled(listener)).inbox

    assert [message.id for message in inbox.received] == [question.id]
    assert inbox.deletions == []
    [(former, message)] = inbox.reposts
    assert (former, message.id, message.text) == (question.id, copy.id, "where is the rope?")
    assert (message.author.id, message.author.name) == (discord.ana.id, "Ana")
    assert message.addressed
    assert not message.author.bot


async def test_what_chose_the_proxy_is_not_posted_again(
    discord: Discord, listener: Listener
) -> None:
    question = discord.say(discord.ana, discord.general, f"A[{discord.bot.mention} where is it?]")
    discord.delete(question)
    post_again(discord, "where is it?")

    [(former, message)] = (await settled(listener)).inbox.reposts

    assert (former, message.text) == (question.id, "where is it?")


async def test_what_the_proxy_adds_is_no_word_of_the_person(
    discord: Discord, listener: Listener
) -> None:
    question = ask(discord)
    hook = User("Ana (system)", bot=True, id=HOOK)
    reply = {"type": "rich", "description": "[Reply to:](https://x.example) the quay"}
    text = f"{discord.bot.mention} where is the rope?"
    discord.say(hook, discord.general, text, webhook=True, embeds=[reply])
    discord.delete(question)

    [(_, message)] = (await settled(listener)).inbox.reposts

    assert message.text == "where is the rope?"


async def test_a_question_that_is_deleted_for_good_is_forgotten_a_moment_later(
    discord: Discord, listener: Listener
) -> None:
    question = ask(discord)
    discord.delete(question)

    inbox = (await settled(listener)).inbox

    assert inbox.deletions == [(to_channel(discord.general), question.id)]
    assert inbox.reposts == []


async def test_a_copy_that_comes_too_late_is_handed_over_after_the_deletion(
    discord: Discord, listener: Listener
) -> None:
    question = ask(discord)
    discord.delete(question)
    await settled(listener)
    post_again(discord)

    inbox = (await settled(listener)).inbox

    assert [former for former, _ in inbox.reposts] == [question.id]
    assert len(inbox.deletions) == 1


async def test_what_asks_nothing_is_forgotten_at_once_and_its_copy_is_its_authors(
    discord: Discord, listener: Listener
) -> None:
    said = discord.say(discord.ana, discord.general, "the rope is long")
    discord.delete(said)
    assert (await listener.settled()).deletions == [(to_channel(discord.general), said.id)]

    post_again(discord, "the rope is long", call=False)

    [(former, message)] = (await listener.settled()).reposts
    assert (former, message.author.id, message.addressed) == (said.id, discord.ana.id, False)


@pytest.mark.parametrize("text", ["something else", "hm", "where is the rope? And the anchor?"])
async def test_another_text_is_no_copy(discord: Discord, listener: Listener, text: str) -> None:
    question = ask(discord)
    post_again(discord, text)
    discord.delete(question)

    inbox = (await settled(listener)).inbox

    assert inbox.reposts == []
    assert [id_ for _, id_ in inbox.deletions] == [question.id]


async def test_a_webhook_that_is_heard_is_a_copy_too(discord: Discord) -> None:
    listener = Listener(discord, int(HOOK))
    question = ask(discord)
    post_again(discord)
    discord.delete(question)

    inbox = (await settled(listener)).inbox

    assert [message.id for message in inbox.received] == [question.id]
    assert [former for former, _ in inbox.reposts] == [question.id]
    await listener.connection.close()


async def test_a_webhook_that_is_heard_may_say_the_same_for_itself(discord: Discord) -> None:
    listener = Listener(discord, int(HOOK))
    said = discord.say(discord.ana, discord.general, "the tide is low")
    copy = post_again(discord, "the tide is low", call=False)

    inbox = (await settled(listener)).inbox

    assert [message.id for message in inbox.received] == [said.id, copy.id]
    assert [message.author.bot for message in inbox.received] == [False, True]
    assert inbox.reposts == []
    await listener.connection.close()


async def test_files_alone_are_recognized_by_their_names(
    discord: Discord, listener: Listener
) -> None:
    discord.origin = "127.0.0.1:1"
    files = {"tides.png": b"\x89PNG"}
    said = discord.say(discord.ana, discord.general, "", files=files)
    discord.delete(said)
    hook = User("Ana (system)", bot=True, id=HOOK)
    discord.say(hook, discord.general, "", webhook=True, files=files)

    assert [former for former, _ in (await listener.settled()).reposts] == [said.id]


@pytest.mark.parametrize(
    "text", ["A: {}", "A:{}", "[{}]", "{} -a", "luna: {}", "Луна: {}", "a[{}]", "🌙 {}", "-{}-"]
)
async def test_a_tag_is_what_stands_before_or_after_it(
    discord: Discord, listener: Listener, text: str
) -> None:
    said = discord.say(discord.ana, discord.general, text.format("the rope is long"))
    post_again(discord, "the rope is long", call=False)
    discord.delete(said)

    assert [former for former, _ in (await settled(listener)).inbox.reposts] == [said.id]


@pytest.mark.parametrize(
    "text",
    [
        "please do not {}",
        "not {}",
        "not: {}",
        "don't {}",
        "{} - never",
        "{} or lose all",
        "no, {}",
        "we {}?",
        "I forbid: {}",
        "<@1> {}",
    ],
)
async def test_other_words_of_a_person_are_no_copy(
    discord: Discord, listener: Listener, text: str
) -> None:
    said = discord.say(discord.ana, discord.general, text.format("deploy now"))
    post_again(discord, "deploy now", call=False)
    discord.delete(said)

    inbox = (await settled(listener)).inbox
    assert inbox.reposts == []
    assert [id_ for _, id_ in inbox.deletions] == [said.id]


@pytest.mark.parametrize("text", ["A: deploy now", "[deploy now]", "deploy now -a"])
async def test_a_webhook_that_is_no_proxy_takes_no_tag_off(
    discord: Discord, listener: Listener, text: str
) -> None:
    said = discord.say(discord.ana, discord.general, text)
    hook = User("weather", bot=True, id="78")
    discord.say(hook, discord.general, "deploy now", webhook=True)
    discord.delete(said)

    assert (await settled(listener)).inbox.reposts == []


async def test_a_channels_messages_are_not_kept_for_longer_than_they_may_be_posted_again(
    discord: Discord, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reposts, "WITHIN", 0.05)
    for place in (discord.general, discord.random):
        discord.say(discord.ana, place, f"a pier in {place.name}")
    await settled(listener)

    discord.say(discord.ana, discord.general, "a pier elsewhere")
    await listener.settled()

    kept = [one.message for one in gc.get_objects() if isinstance(one, reposts.Original)]
    piers = [message.content for message in kept if "a pier" in message.content]
    assert piers == ["a pier elsewhere"]
