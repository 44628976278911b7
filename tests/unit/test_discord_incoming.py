"""What Discord reports becomes messages: by discord.py's own reading of Discord's own events."""

from collections.abc import AsyncIterator

import pytest
from doubles.discord_listener import Listener, to_channel
from doubles.discord_server import Discord
from doubles.discord_server.guild import NEWS_THREAD, User
from doubles.discord_server.guild import Channel as DiscordChannel

from adapters.discord.markup import render_markup

WEBHOOK, PINNED = "77", 6


@pytest.fixture
async def discord() -> Discord:
    return Discord()


@pytest.fixture
async def listener(discord: Discord) -> AsyncIterator[Listener]:
    listening = Listener(discord, int(WEBHOOK))
    yield listening
    await listening.connection.close()


async def test_a_message_is_remembered_with_who_where_when_and_its_link(
    discord: Discord, listener: Listener
) -> None:
    post = discord.say(discord.ana, discord.general, "The disk is in the red cupboard.")

    message = await listener.heard()

    assert (message.channel, message.channel.name) == (to_channel(discord.general), "general")
    assert (message.id, message.text, message.thread) == (
        post.id,
        "The disk is in the red cupboard.",
        "",
    )
    assert (message.author.id, message.author.name) == (discord.ana.id, "Ana")
    assert message.at.tzinfo is not None
    home = discord.general
    assert message.link == f"https://discord.com/channels/{home.guild}/{home.id}/{post.id}"
    assert not message.addressed
    assert not message.mentions


@pytest.mark.parametrize("call", ["<@{id}>", "<@!{id}>,", " <@{id}>:"])
async def test_a_mention_is_addressed_and_is_no_part_of_the_question(
    discord: Discord, listener: Listener, call: str
) -> None:
    discord.say(discord.ana, discord.general, f"{call.format(id=discord.bot.id)} where is it?")

    message = await listener.heard()

    assert (message.text, message.addressed, message.mentions) == ("where is it?", True, ())


async def test_a_mention_alone_or_within_a_text_keeps_the_name(
    discord: Discord, listener: Listener
) -> None:
    discord.say(discord.ana, discord.general, discord.bot.mention)
    assert (await listener.heard()).text == "@Nellie"

    discord.say(discord.ana, discord.general, f"what does {discord.bot.mention} know?")
    assert (await listener.heard()).text == "what does @Nellie know?"


async def test_people_channels_and_emoji_are_named_as_people_see_them(
    discord: Discord, listener: Listener
) -> None:
    text = f"{discord.bob.mention} look in <#{discord.random.id}> <:parrot:123> <@&9>"
    discord.say(discord.ana, discord.general, text)

    message = await listener.heard()

    assert message.text == "@Bob look in #random :parrot: @9"
    assert message.mentions == (discord.bob.id,)
    assert not message.addressed


async def test_a_reply_to_nellie_is_addressed(discord: Discord, listener: Listener) -> None:
    own = discord.say(discord.bot, discord.general, "It is in the cupboard.")
    discord.say(discord.ana, discord.general, "which one?", to=own, ping=False)

    message = await listener.heard()

    assert (message.addressed, message.reply_to, message.mentions) == (True, own.id, ())


async def test_a_reply_to_somebody_else_is_not_addressed(
    discord: Discord, listener: Listener
) -> None:
    bobs = discord.say(discord.bob, discord.general, "It is in the cupboard.")
    await listener.heard()
    discord.say(discord.ana, discord.general, "thanks", to=bobs, ping=False)

    message = await listener.heard()

    assert (message.addressed, message.reply_to, message.mentions) == (
        False,
        bobs.id,
        (discord.bob.id,),
    )


async def test_a_direct_message_is_a_channel_of_its_own_and_addressed(
    discord: Discord, listener: Listener
) -> None:
    post = discord.dm(discord.ana, "just between us")

    message = await listener.heard()

    assert message.channel == to_channel(post.channel)
    assert message.channel.direct
    assert message.addressed
    assert message.lane == "direct"


async def test_a_public_thread_belongs_to_its_channel(discord: Discord, listener: Listener) -> None:
    thread = discord.thread(discord.ana, discord.general)
    discord.say(discord.ana, thread, "in here")

    message = await listener.heard()

    assert (message.channel, message.channel.name) == (to_channel(discord.general), "general")
    assert (message.thread, message.lane) == (thread.id, f"thread:{thread.id}")
    assert f"/{thread.id}/" in message.link


async def test_a_public_thread_of_an_announcement_channel_belongs_to_it_too(
    discord: Discord, listener: Listener
) -> None:
    thread = DiscordChannel(
        "news", discord.general.guild, NEWS_THREAD, discord.general, discord.ana
    )
    discord.messages.threaded(thread)
    discord.say(discord.ana, thread, "news!")

    assert (await listener.heard()).thread == thread.id


async def test_a_private_thread_is_a_channel_of_its_own(
    discord: Discord, listener: Listener
) -> None:
    thread = discord.private_thread(discord.ana, discord.general)
    discord.say(discord.ana, thread, "secretly")

    message = await listener.heard()

    assert (message.channel, message.channel.name, message.thread) == (
        to_channel(thread),
        "in private",
        "",
    )


async def test_bots_webhooks_nellie_and_system_messages_are_not_heard(
    discord: Discord, listener: Listener
) -> None:
    robot, hook = discord.person("robot", bot=True), discord.person("hook")
    discord.say(robot, discord.general, f"{discord.bot.mention} beep")
    discord.say(hook, discord.general, f"{discord.bot.mention} beep", webhook=True)
    discord.say(discord.bot, discord.general, f"{discord.bot.mention} hello me")
    discord.say(discord.ana, discord.general, "", kind=PINNED)

    assert (await listener.settled()).received == []


async def test_bots_and_webhooks_that_are_allowed_are_heard(discord: Discord) -> None:
    robot = discord.person("robot", bot=True)
    hook = User("hook", bot=True, id=WEBHOOK)
    listener = Listener(discord, int(robot.id), int(WEBHOOK))
    discord.say(robot, discord.general, "build 7 is green")
    discord.say(hook, discord.general, "deployed", webhook=True)

    texts = [message.text for message in (await listener.settled()).received]

    assert texts == ["build 7 is green", "deployed"]


async def test_files_are_named_and_not_fetched(discord: Discord, listener: Listener) -> None:
    discord.origin = "127.0.0.1:1"
    files = {"cat.png": b"\x89PNG", "plan.pdf": b"%PDF"}
    post = discord.say(discord.ana, discord.general, "look", files=files)

    message = await listener.heard()

    assert message.text == "look\n[picture: cat.png]\n[file: plan.pdf]"
    picture, document = message.files
    assert (picture.name, picture.media_type, picture.size) == ("cat.png", "image/png", 4)
    assert document.id == post.attachments[1]["id"]
    assert document.address == f"{post.attachments[1]['url']}#{discord.general.id}"


async def test_the_words_for_those_who_do_not_see_a_picture_are_its_text(
    discord: Discord, listener: Listener
) -> None:
    discord.origin = "127.0.0.1:1"
    file = discord._file("plan.png", b"\x89PNG") | {"description": "the quay\nfrom above"}
    discord.say(discord.ana, discord.general, "", attachments=[file])

    message = await listener.heard()

    assert message.text == "[picture: plan.png: the quay from above]"
    assert message.files[0].alt == "the quay\nfrom above"


async def test_a_file_in_a_thread_is_known_by_its_thread(
    discord: Discord, listener: Listener
) -> None:
    discord.origin = "127.0.0.1:1"
    thread = discord.thread(discord.ana, discord.general)
    await listener.settled()
    discord.say(discord.ana, thread, "", files={"plan.pdf": b"%PDF"})

    [file] = (await listener.heard()).files

    assert file.address.endswith(f"#{thread.id}")


@pytest.mark.parametrize(
    "garbled",
    [{"filename": 7}, {"size": "5"}, {"url": ["x"]}, {"content_type": {}}, {"description": 3}],
    ids=str,
)
async def test_a_garbled_part_of_a_file_says_nothing(
    discord: Discord, listener: Listener, garbled: dict[str, object]
) -> None:
    discord.origin = "127.0.0.1:1"
    file = discord._file("plan.png", b"\x89PNG") | {"description": "the quay"} | garbled
    discord.say(discord.ana, discord.general, "look", attachments=[file])

    message = await listener.heard()

    assert message.text.startswith("look\n[picture: " if "url" in garbled else "look\n[")
    assert len(message.files) == 1


async def test_an_edit_tells_which_files_are_left(discord: Discord, listener: Listener) -> None:
    discord.origin = "127.0.0.1:1"
    files = {"cat.png": b"\x89PNG", "plan.pdf": b"%PDF"}
    post = discord.say(discord.ana, discord.general, "look", files=files)
    await listener.heard()

    discord.edit(post, "look", without="plan.pdf")
    inbox = await listener.settled()

    assert [text for _, _, text in inbox.edits] == ["look\n[picture: cat.png]"]
    assert [file.name for file in inbox.edited_files[post.id]] == ["cat.png"]


async def test_a_message_that_loses_its_only_file_says_nothing_any_more(
    discord: Discord, listener: Listener
) -> None:
    discord.origin = "127.0.0.1:1"
    post = discord.say(discord.ana, discord.general, "", files={"plan.pdf": b"%PDF"})
    await listener.heard()

    discord.edit(post, "", without="plan.pdf")
    inbox = await listener.settled()

    assert [text for _, _, text in inbox.edits] == [""]
    assert inbox.edited_files[post.id] == ()


POLL = {
    "question": {"text": "Which day do we sail?"},
    "answers": [
        {"answer_id": 1, "poll_media": {"text": "Thursday"}},
        {"answer_id": 2, "poll_media": {"text": "Friday", "emoji": {"name": "\u2693"}}},
    ],
    "expiry": "2026-03-03T12:00:00+00:00",
    "allow_multiselect": False,
    "layout_type": 1,
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "[poll] Which day do we sail?\n- Thursday\n- Friday"),
        ("vote!", "vote!\n[poll] Which day do we sail?\n- Thursday\n- Friday"),
        ("{call} when?", "when?\n[poll] Which day do we sail?\n- Thursday\n- Friday"),
    ],
)
async def test_a_poll_is_its_question_and_its_answers(
    discord: Discord, listener: Listener, text: str, shown: str
) -> None:
    discord.say(discord.ana, discord.general, text.format(call=discord.bot.mention), poll=POLL)

    assert (await listener.heard()).text == shown


FISH = {"id": "5", "name": "fish"}


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ([{"emoji": {"name": "👍"}}, {"emoji": {"name": "👎"}}], ["👍", "👎"]),
        ([{"text": "", "emoji": FISH}, {"text": "meat"}], [":fish:", "meat"]),
        ([{"text": None, "emoji": {"id": None, "name": "⚓"}}, {"text": "no"}], ["⚓", "no"]),
    ],
)
@pytest.mark.parametrize("expiry", ["2026-03-03T12:00:00+00:00", None, ""])
async def test_a_poll_of_emoji_and_one_without_an_end_are_read(
    discord: Discord,
    listener: Listener,
    answers: list[dict[str, object]],
    shown: list[str],
    expiry: str | None,
) -> None:
    media = [{"answer_id": n, "poll_media": one} for n, one in enumerate(answers, 1)]
    discord.say(discord.ana, discord.general, "", poll={**POLL, "answers": media, "expiry": expiry})

    lines = "\n".join(f"- {one}" for one in shown)
    assert (await listener.heard()).text == f"[poll] Which day do we sail?\n{lines}"


async def test_a_reply_to_a_poll_without_an_end_is_read(
    discord: Discord, listener: Listener
) -> None:
    asked = discord.say(discord.ana, discord.general, "", poll={**POLL, "expiry": None})
    await listener.heard()

    discord.say(discord.bob, discord.general, "Friday", to=asked)

    assert (await listener.heard()).text == "Friday"


def text_display(text: str) -> dict[str, object]:
    return {"type": 10, "content": text}


THUMBNAIL = {"type": 11, "media": {"url": "https://x.example/a.png"}, "description": "a map"}
BUTTON = {"type": 2, "style": 1, "label": "Press me", "custom_id": "x"}


@pytest.mark.parametrize(
    ("component", "shown"),
    [
        (text_display("# Tides"), "# Tides"),
        (
            {
                "type": 9,
                "components": [text_display("low"), text_display("tide")],
                "accessory": BUTTON,
            },
            "low\ntide",
        ),
        (
            {"type": 9, "components": [text_display("quay")], "accessory": THUMBNAIL},
            "quay\n[image: a map]",
        ),
        (
            {"type": 17, "components": [text_display("in"), {"type": 14}, text_display("side")]},
            "in\nside",
        ),
        (
            {
                "type": 12,
                "items": [{"media": {"url": "https://x.example"}, "description": "ships"}],
            },
            "[image: ships]",
        ),
    ],
)
async def test_components_are_read(
    discord: Discord, component: dict[str, object], shown: str
) -> None:
    robot = discord.person("robot", bot=True)
    listener = Listener(discord, int(robot.id))
    row = {"type": 1, "components": [BUTTON]}
    discord.say(robot, discord.general, "", flags=1 << 15, components=[component, row])

    message = await listener.heard()

    assert (message.text, message.author.bot) == (shown, True)
    await listener.connection.close()


async def test_what_is_forwarded_is_read_with_its_files(
    discord: Discord, listener: Listener
) -> None:
    discord.origin = "127.0.0.1:1"
    snapshot = {
        "type": 0,
        "content": f"ask {discord.bob.mention}",
        "embeds": [
            {"type": "rich", "title": "Pump 3", "fields": [{"name": "State", "value": "dry"}]}
        ],
        "attachments": [discord._file("cat.png", b"\x89PNG")],
        "timestamp": "2026-03-01T12:00:00+00:00",
        "edited_timestamp": None,
    }
    discord.say(discord.ana, discord.general, "", message_snapshots=[{"message": snapshot}])

    assert (await listener.heard()).text == (
        f"[forwarded] ask @{discord.bob.id}\nPump 3\nState: dry\n[picture: cat.png]"
    )


async def test_a_channel_that_not_everybody_sees_is_named_by_its_number(
    discord: Discord, listener: Listener
) -> None:
    secret = discord.open("secret")
    secret.hidden = True
    discord.permit(secret)
    private = discord.private_thread(discord.ana, discord.general, "hush")
    public = discord.thread(discord.ana, discord.general, "open talk")
    await listener.settled()
    links = " ".join(f"<#{one.id}>" for one in (secret, private, public, discord.random))

    discord.say(discord.ana, discord.general, f"see {links}")
    assert (await listener.heard()).text == f"see #{secret.id} #{private.id} #open talk #random"

    discord.say(discord.ana, secret, f"here in <#{secret.id}>")
    assert (await listener.heard()).text == "here in #secret"


def test_markup_of_unknown_people_roles_and_channels_keeps_the_number() -> None:
    assert render_markup("<@1> <@&2> <#3> <a:dance:4> <@x> <@>") == "@1 @2 #3 :dance: <@x> <@>"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<t:1772452800>", "2026-03-02 12:00 UTC"),
        ("<t:1772452800:R>", "2026-03-02 12:00 UTC"),
        ("<t:1772452800:F>", "2026-03-02 12:00 UTC"),
        ("<t:1772452800:t>", "12:00 UTC"),
        ("<t:1772452800:D>", "2026-03-02"),
        ("<t:-86400:d>", "1969-12-31"),
        ("<t:9999999999999:R>", "<t:9999999999999:R>"),
        ("</memory search:123>", "/memory search"),
        ("<id:customize>", "Channels & Roles"),
        ("<id:nonsense>", "<id:nonsense>"),
    ],
)
def test_times_commands_and_places_are_words(markup: str, shown: str) -> None:
    assert render_markup(f"see {markup}!") == f"see {shown}!"
