"""What a question from a message's menu is about, on Discord: whose it is, and what is left."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.discord_server import Discord, Interaction
from doubles.discord_server.guild import Post, User
from doubles.nellie_on_discord import NellieOnDiscord
from sqlalchemy import text

from bot.testing import ScriptedModel, repeats_prompt

Open = Callable[..., Awaitable[NellieOnDiscord]]

SECRET = "the mizzen is canary7731"
QUESTION = "what is a mizzen?"


async def open_menu(nellie: NellieOnDiscord, post: Post, user: User | None = None) -> Interaction:
    """Ana chooses the entry of a message's menu, and a modal opens."""
    discord = nellie.discord
    menu = discord.menu(user or discord.ana, "Ask Nellie about this", post)
    await discord.until(lambda: menu.modal)
    return menu


async def submit(nellie: NellieOnDiscord, menu: Interaction) -> str:
    """She types a question there; what she is shown."""
    assert menu.modal
    field = menu.modal["components"][0]["components"][0]["custom_id"]
    interaction = nellie.discord.submit(menu, **{field: QUESTION})
    await nellie.discord.until(lambda: interaction.shown and not interaction.thinking)
    await nellie.parts.lanes.idle()
    return interaction.shown


async def ask_about(nellie: NellieOnDiscord, post: Post) -> str:
    return await submit(nellie, await open_menu(nellie, post))


async def until_heard(nellie: NellieOnDiscord, post: Post) -> None:
    """Until Nellie has taken in that a message was changed."""
    pending = nellie.connection.client.services.questions.pending
    await nellie.discord.until(lambda: int(post.id) in pending._changed)
    await nellie.connection.event_queue.put(int(post.channel.id), nothing)


async def nothing() -> None:
    """What comes after all that was queued before."""


async def traces(nellie: NellieOnDiscord) -> list[str]:
    """The texts of messages and turns in which the secret stands."""
    query = text(
        "SELECT text FROM message WHERE text LIKE '%canary7731%'"
        " UNION ALL SELECT question FROM turn WHERE question LIKE '%canary7731%'"
        " UNION ALL SELECT text FROM turn WHERE text LIKE '%canary7731%'"
        " UNION ALL SELECT term FROM posting WHERE term LIKE '%canary7731%'"
    )
    async with nellie.database.autocommit() as connection:
        return list((await connection.execute(query)).scalars())


@pytest.fixture
async def nellie(open_nellie: Open, discord: Discord) -> NellieOnDiscord:
    return await open_nellie(discord, model=ScriptedModel(*[repeats_prompt] * 3))


async def test_the_message_is_its_authors_and_the_question_only_refers_to_it(
    open_nellie: Open, discord: Discord
) -> None:
    post = discord.say(discord.bob, discord.general, SECRET)  # before she reads anything
    nellie = await open_nellie(discord, model=ScriptedModel(repeats_prompt), backfill_days=0)

    shown = await ask_about(nellie, post)

    assert f"] Bob: {SECRET}" in shown
    async with nellie.database.autocommit() as connection:
        rows = await connection.execute(
            text(
                "SELECT external_id, author_id, text, reply_to FROM message WHERE NOT deleted"
                " ORDER BY seq LIMIT 2"
            )
        )
        quoted, question = map(tuple, rows)
    assert quoted == (post.id, discord.bob.id, SECRET, "")
    assert question[1:] == (discord.ana.id, QUESTION, post.id)


async def test_deleting_the_original_leaves_nothing_of_it(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, SECRET)
    assert SECRET in await ask_about(nellie, post)

    discord.delete(post)
    await until_heard(nellie, post)

    assert await traces(nellie) == []
    assert await nellie.texts() == [QUESTION]


@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_words_of_who_opted_out_are_shown_and_not_remembered(
    nellie: NellieOnDiscord, where: str
) -> None:
    discord = nellie.discord
    await nellie.slash(discord.bob, discord.general, "memory optout")
    channel = discord.thread(discord.ana, discord.general) if where == "thread" else discord.general
    post = discord.say(discord.bob, channel, SECRET)

    assert SECRET in await ask_about(nellie, post)

    assert await traces(nellie) == []
    assert await nellie.texts() == [QUESTION]


async def test_words_of_a_bot_that_is_not_heard_are_shown_and_not_remembered(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    robot = discord.person("robot", bot=True)
    post = discord.say(robot, discord.general, SECRET)

    assert f"] Robot (a bot): {SECRET}" in await ask_about(nellie, post)

    assert await traces(nellie) == []


async def test_what_was_deleted_while_the_question_was_typed_is_not_shown(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    await nellie.slash(discord.bob, discord.general, "memory optout")
    post = discord.say(discord.bob, discord.general, SECRET)
    menu = await open_menu(nellie, post)
    discord.delete(post)
    await until_heard(nellie, post)

    shown = await submit(nellie, menu)

    assert "canary7731" not in shown
    assert await traces(nellie) == []


async def test_what_was_rewritten_while_the_question_was_typed_is_shown_as_it_is_now(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    post = discord.say(discord.bob, discord.general, SECRET)
    menu = await open_menu(nellie, post)
    discord.edit(post, "the mizzen is a mast")
    await until_heard(nellie, post)

    shown = await submit(nellie, menu)

    assert "Bob: the mizzen is a mast" in shown
    assert "canary7731" not in shown
    assert await traces(nellie) == []
