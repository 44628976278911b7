"""What was deleted or edited on Discord while nobody listened is taken over."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_listener import to_channel
from doubles.discord_server import Channel as DiscordChannel
from doubles.discord_server import Discord, Fault, Post
from doubles.discord_server.guild import FORUM, User
from doubles.nellie_on_discord import NellieOnDiscord

from adapters.discord import reposts
from adapters.discord.garbled import Garbled

Open = Callable[..., Awaitable[NellieOnDiscord]]


@pytest.fixture(autouse=True)
def second_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.core.review.SECOND_LOOK", 0.0)


@pytest.fixture
def general(discord: Discord) -> DiscordChannel:
    return discord.general


async def said(nellie: NellieOnDiscord, channel: DiscordChannel, *texts: str) -> list[Post]:
    """Somebody says all this, and Nellie hears it."""
    posts = [nellie.discord.say(nellie.discord.bob, channel, text) for text in texts]
    async with asyncio.timeout(30):
        while not set(texts) <= set(await nellie.texts()):  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0.02)
    return posts


def unheard(nellie: NellieOnDiscord, happens: Callable[..., None], *given: object) -> None:
    """Something happens on Discord that the bot is not told of."""
    gateway = nellie.discord.world.gateway
    sessions, gateway.sessions = gateway.sessions, []
    happens(*given)
    gateway.sessions = sessions


async def review(nellie: NellieOnDiscord, channel: DiscordChannel) -> list[str]:
    """Nellie looks; returns what she remembers."""
    await nellie.parts.inbox.review(to_channel(channel))
    return await nellie.texts()


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_deleted_message_is_forgotten_wherever_it_stood(
    nellie: NellieOnDiscord, general: DiscordChannel, which: int
) -> None:
    texts = ["the key is in 7", "the key is in 8", "the key is in 9"]
    posts = await said(nellie, general, *texts)

    unheard(nellie, nellie.discord.delete, posts[which])

    assert await review(nellie, general) == [text for text in texts if text != texts[which]]


async def test_an_edited_message_is_rewritten_and_an_unfurl_is_no_edit(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    one, two = await said(nellie, general, "the launch is on friday", "see https://a.example")

    unheard(nellie, nellie.discord.edit, one, "the launch is on monday")
    unheard(nellie, nellie.discord.unfurl, two)

    assert await review(nellie, general) == ["the launch is on monday", "see https://a.example"]


@pytest.mark.parametrize("archived", [False, True])
async def test_messages_of_a_thread_are_forgotten_and_rewritten(
    nellie: NellieOnDiscord, general: DiscordChannel, archived: bool
) -> None:
    [root] = await said(nellie, general, "who has the key?")
    thread = nellie.discord.thread(nellie.discord.ana, root)
    one, two, _ = await said(nellie, thread, "me", "it is in 7", "thanks")

    unheard(nellie, nellie.discord.delete, one)
    unheard(nellie, nellie.discord.edit, two, "it is in 8")
    thread.archived = archived

    assert await review(nellie, general) == ["who has the key?", "it is in 8", "thanks"]


@pytest.mark.parametrize("archived", [False, True])
async def test_posts_of_a_forum_are_forgotten_and_rewritten_without_replies_too(
    nellie: NellieOnDiscord, archived: bool
) -> None:
    discord = nellie.discord
    forum = discord.open("ideas", FORUM)
    posts = [discord.publish(discord.bob, forum, f"idea {number}") for number in range(4)]
    await said(nellie, posts[3].channel, "fine")

    unheard(nellie, discord.delete, posts[0])
    unheard(nellie, discord.edit, posts[1], "idea 1, but better")
    unheard(nellie, discord.delete, posts[3])
    for post in posts:
        post.channel.archived = archived

    texts = await review(nellie, forum)
    assert [text for text in texts if text in ("fine",) or "idea" in text] == [
        "idea 1, but better",
        "idea 2",
        "fine",
    ]


async def test_of_a_forum_that_may_not_be_read_nothing_is_missing(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    forum = discord.open("ideas", FORUM)
    post = discord.publish(discord.bob, forum, "an idea")
    await said(nellie, discord.general, "fine")
    forum.concealed = True

    with pytest.raises(Exception, match="Missing Permissions"):
        await review(nellie, forum)

    assert post.text in await nellie.texts()


async def test_all_messages_of_a_direct_message_may_go(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    asked = discord.dm(discord.ana, "the code is 4711")
    await nellie.answer_to(asked)

    unheard(nellie, discord.delete, asked)

    assert await review(nellie, asked.channel) == []


async def test_a_long_channel_is_compared_span_by_span(
    nellie: NellieOnDiscord, general: DiscordChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.review.SPAN", 10)
    posts = await said(nellie, general, *(f"number {number}" for number in range(130)))
    gone = {0, 9, 10, 11, 50, 99, 100, 129}

    unheard(nellie, nellie.discord.delete, *(posts[number] for number in gone))

    expected = [f"number {number}" for number in range(130) if number not in gone]
    assert await review(nellie, general) == expected


async def test_commands_answers_and_other_bots_are_not_missing(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    discord = nellie.discord
    await nellie.ask(discord.ana, general, "one?")
    await nellie.slash(discord.ana, general, "ask", question="two?")
    discord.say(discord.person("other", bot=True), general, "a bot that is not heard")
    await said(nellie, general, "three")
    before = await nellie.texts()

    assert await review(nellie, general) == before
    assert {"two?", "You said: two?"} <= set(before)


@pytest.mark.parametrize("notify", [True, False])
async def test_where_history_may_not_be_read_nothing_is_missing(
    nellie: NellieOnDiscord, general: DiscordChannel, notify: bool
) -> None:
    await said(nellie, general, "one", "two")

    nellie.discord.conceal(general, notify=notify)
    await asyncio.sleep(0.1)
    if notify:
        await review(nellie, general)
    else:
        with pytest.raises(Exception, match="Missing Permissions"):
            await review(nellie, general)

    assert await nellie.texts() == ["one", "two"]


async def test_a_look_that_breaks_off_forgets_nothing_beyond_it(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    posts = await said(nellie, general, "one", "two")
    unheard(nellie, nellie.discord.delete, posts[0])
    nellie.discord.fail(Fault("403", "GET /channels/.*/messages$"))

    with pytest.raises(Exception, match="Missing Permissions"):
        await review(nellie, general)
    kept = await nellie.texts()

    assert kept == ["one", "two"]
    assert await review(nellie, general) == ["two"]


async def test_after_a_new_session_all_of_it_happens_by_itself(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    discord = nellie.discord
    deleted, edited = await said(nellie, general, "the code is 4711", "it is red")
    thread = discord.thread(discord.ana, general)
    [reply] = await said(nellie, thread, "are you sure?")

    discord.gateway.forget()
    discord.delete(deleted)
    discord.edit(edited, "it is blue")
    discord.delete(reply)

    await becomes(nellie, ["it is blue"])


async def test_after_the_queue_dropped_events_deletions_and_edits_are_found(
    nellie: NellieOnDiscord, general: DiscordChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord, queue = nellie.discord, nellie.connection.event_queue
    deleted, edited, bulk = await said(nellie, general, "the code is 4711", "it is red", "lost")
    monkeypatch.setattr("adapters.discord.event_queue.CAPACITY", 0)
    discord.delete(deleted)
    discord.edit(edited, "it is blue")
    discord.delete(bulk, discord.say(discord.bob, general, "never heard"))
    await discord.until(lambda: queue._overflowed)
    await asyncio.sleep(0.1)
    monkeypatch.setattr("adapters.discord.event_queue.CAPACITY", 100)

    discord.say(discord.bob, general, "and then")

    await becomes(nellie, ["it is blue", "and then"])


async def test_what_is_deleted_between_two_processes_is_forgotten_at_the_next_start(
    open_nellie: Open, discord: Discord
) -> None:
    first = await open_nellie(discord)
    deleted, _ = await said(first, discord.general, "the code is 4711", "fine")
    await first.stop_adapter()
    discord.delete(deleted)

    second = await open_nellie(discord)

    await becomes(second, ["fine"])


async def becomes(nellie: NellieOnDiscord, texts: list[str]) -> None:
    """Until this is all that is remembered."""
    async with asyncio.timeout(30):
        while await nellie.texts() != texts:  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "fault",
    [{"author": 7}, {"content": ["x"]}, {"edited_timestamp": "x"}, {"attachments": 1}],
    ids=str,
)
async def test_a_garbled_message_still_stands_and_what_was_deleted_beside_it_is_forgotten(
    nellie: NellieOnDiscord, general: DiscordChannel, fault: dict[str, object]
) -> None:
    first, second, third = await said(nellie, general, "one", "two", "three")
    unheard(nellie, nellie.discord.delete, third)
    nellie.discord.faults.spoil["GET /channels/[0-9]+/messages"] = lambda answer: [
        one | fault if one["id"] == second.id else one for one in answer
    ]

    assert await review(nellie, general) == [first.text, second.text]


async def test_where_a_message_has_no_id_nothing_is_taken_for_deleted(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    await said(nellie, general, "one", "two", "three")
    nellie.discord.faults.spoil["GET /channels/[0-9]+/messages"] = lambda answer: [
        one | {"id": None} for one in answer
    ]

    with pytest.raises(Garbled):
        await review(nellie, general)

    assert await nellie.texts() == ["one", "two", "three"]


async def proxied(nellie: NellieOnDiscord, channel: DiscordChannel, text: str) -> Post:
    """Somebody says this, and a proxy posts it again a moment later."""
    [first] = await said(nellie, channel, text)
    place = to_channel(channel.parent or channel)
    number = await nellie.parts.stores.channels.id(place)
    await asyncio.sleep(0.1)  # the copy is younger
    proxy = User("Bob (system)", bot=True, id=str(min(reposts.PROXIES)))
    copy = nellie.discord.say(proxy, channel, text, webhook=True)
    nellie.discord.delete(first)
    async with asyncio.timeout(30):
        while not await nellie.parts.stores.messages.find(place, number, copy.id):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return copy


@pytest.mark.parametrize("texts", [["one"], ["one", "two", "three"]], ids=str)
async def test_what_a_proxy_posted_again_is_not_missing_and_is_forgotten_once_it_is_deleted(
    nellie: NellieOnDiscord, general: DiscordChannel, texts: list[str]
) -> None:
    copies = [await proxied(nellie, general, text) for text in texts]
    kept = await review(nellie, general)

    unheard(nellie, nellie.discord.delete, copies[-1])

    assert kept == texts
    assert await review(nellie, general) == texts[:-1]


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("text", ["the code is secret", "x", "<@1> knows the code"])
async def test_an_edit_of_what_a_proxy_posted_again_is_taken_over(
    nellie: NellieOnDiscord, general: DiscordChannel, text: str, heard: bool
) -> None:
    discord = nellie.discord
    copy = await proxied(nellie, general, "the code is 4711")
    other = discord.say(User("weather", bot=True, id="78"), general, "rain", webhook=True)

    for post, now in ((copy, text), (other, "sun")):
        if heard:
            discord.edit(post, now)
        else:
            unheard(nellie, discord.edit, post, now)
    await said(nellie, general, "later")
    texts = await nellie.texts() if heard else await review(nellie, general)

    assert "4711" not in "".join(texts)
    assert len(texts) == 2  # and what a webhook said for itself is not remembered


async def test_in_a_thread_what_a_proxy_posted_again_is_not_missing(
    nellie: NellieOnDiscord, general: DiscordChannel
) -> None:
    thread = nellie.discord.thread(nellie.discord.ana, general)
    await proxied(nellie, thread, "the key is in 7")

    assert await review(nellie, general) == ["the key is in 7"]
