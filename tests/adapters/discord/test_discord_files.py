"""Files on Discord: named at once, stored with their message, and opened when they are read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from doubles.discord_listener import to_channel
from doubles.discord_server import Discord
from doubles.discord_server.faults import Fault
from doubles.discord_server.guild import FORUM, PRIVATE_THREAD, Channel, Post
from doubles.nellie_on_discord import NellieOnDiscord
from doubles.pictures import png

from adapters.discord.files import is_discords_own
from adapters.discord.incoming import Location
from bot.core import asked_files, supervision
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.model import Message

PDF = b"%PDF-1.7 " + b"thirty days' notice " * 20_000


@pytest.fixture(autouse=True)
def nobody_waits_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody reads a file, its question would have all the seconds that answers have."""
    monkeypatch.setattr(supervision, "ENDING", 0.1)


async def heard(nellie: NellieOnDiscord, post: Post) -> Message:
    """A message as events and history are read."""
    client, where = nellie.connection.client, post.channel
    home = where.parent if where.parent and where.kind != PRIVATE_THREAD else where
    location = Location(to_channel(home), where.id if home is not where else "")
    source = client.get_partial_messageable(int(where.id))
    message = await client.read_message(client.to_message(source, post.json()), location)
    assert message
    return message


async def read(nellie: NellieOnDiscord, message: Message, *, small: bool = False) -> bytes:
    """The content of a message's first file."""
    opened = nellie.adapter.open_file(message.channel, message.id, message.files[0], small=small)
    return b"".join([piece async for piece in opened])


async def with_pdf(nellie: NellieOnDiscord, where: Channel | None = None) -> tuple[Post, Message]:
    discord = nellie.discord
    post = discord.say(discord.ana, where or discord.general, "see", files={"terms.pdf": PDF})
    return post, await heard(nellie, post)


async def test_a_file_is_stored_with_its_message_and_not_fetched_for_it(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_files, "WITHIN", 0.1)  # nobody reads it here
    discord = nellie.discord
    files = {"terms.pdf": PDF, "cat.png": b"\x89PNG"}
    asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} see", files=files)
    discord.fail(Fault("404", "/files/", times=100))
    await nellie.answer_to(asked)

    assert (await nellie.texts())[0] == "see\n[file: terms.pdf]\n[picture: cat.png]"
    async with nellie.database.autocommit() as connection:
        rows = await connection.execute(
            sa.text("SELECT name, external_id FROM posted_file ORDER BY external_id")
        )
        assert [tuple(row) for row in rows] == [
            (file["filename"], file["id"]) for file in asked.attachments
        ]


def in_a_channel(discord: Discord) -> Channel:
    return discord.general


def in_a_thread(discord: Discord) -> Channel:
    return discord.thread(discord.ana, discord.general)


def in_a_private_thread(discord: Discord) -> Channel:
    return discord.private_thread(discord.ana, discord.general)


def in_direct_messages(discord: Discord) -> Channel:
    return discord.world.direct(discord.ana)


@pytest.mark.parametrize(
    "where", [in_a_channel, in_a_thread, in_a_private_thread, in_direct_messages]
)
@pytest.mark.parametrize("expired", [False, True])
async def test_a_file_is_opened_wherever_it_was_posted_also_once_its_address_has_expired(
    nellie: NellieOnDiscord, where: Callable[[Discord], Channel], expired: bool
) -> None:
    post, message = await with_pdf(nellie, where(nellie.discord))
    if expired:
        nellie.discord.expire_files()

    assert await read(nellie, message) == PDF

    asked = nellie.discord.find(f"GET /channels/{post.channel.id}/messages/{post.id}")
    assert len(asked) == expired


async def test_a_file_in_a_forums_post_is_opened(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.publish(discord.ana, discord.open("help", FORUM), "how?")
    post.attachments = [discord._file("terms.pdf", PDF)]
    message = await heard(nellie, post)
    discord.expire_files()

    assert await read(nellie, message) == PDF


async def test_a_file_that_was_forwarded_is_opened(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    snapshot = {
        "type": 0,
        "content": "",
        "embeds": [],
        "attachments": [discord._file("terms.pdf", PDF)],
        "timestamp": "2026-03-01T12:00:00+00:00",
        "edited_timestamp": None,
    }
    thread = discord.thread(discord.ana, discord.random)
    post = discord.say(discord.ana, thread, "", message_snapshots=[{"message": snapshot}])
    message = await heard(nellie, post)
    discord.expire_files()

    assert await read(nellie, message) == PDF


async def test_an_address_that_says_that_it_has_expired_is_not_tried(
    nellie: NellieOnDiscord,
) -> None:
    _, message = await with_pdf(nellie)
    file = message.files[0]
    message = replace(
        message, files=(replace(file, address=file.address.replace("ex=ffffffff", "ex=65f0")),)
    )

    assert await read(nellie, message) == PDF
    [asked] = nellie.discord.file_requests
    assert "ex=ffffffff" in asked


@pytest.mark.parametrize(
    ("size", "shown"), [((4_000, 1_000), "1024x256"), ((1, 9_000), "1x1024"), ((1_024, 3), "")]
)
async def test_a_large_picture_is_had_in_a_smaller_size(
    nellie: NellieOnDiscord, size: tuple[int, int], shown: str
) -> None:
    discord = nellie.discord
    picture = discord._file("plan.png", b"\x89PNG whole")
    post = discord.say(discord.ana, discord.general, "see")
    post.attachments = [picture | {"width": size[0], "height": size[1]}]
    message = await heard(nellie, post)

    assert await read(nellie, message, small=True) == (shown.encode() or b"\x89PNG whole")
    assert await read(nellie, message) == b"\x89PNG whole"


async def test_a_picture_that_cannot_be_made_smaller_is_had_whole(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.ana, discord.general, "see")
    post.attachments = [
        discord._file("plan.png", b"\x89PNG whole") | {"width": 4_000, "height": 4_000}
    ]
    message = await heard(nellie, post)
    discord.fail(Fault("403", "/files/"))

    assert await read(nellie, message, small=True) == b"\x89PNG whole"


async def test_what_is_no_picture_has_no_smaller_size(nellie: NellieOnDiscord) -> None:
    _, message = await with_pdf(nellie)

    assert await read(nellie, message, small=True) == PDF


async def reason(nellie: NellieOnDiscord, message: Message) -> tuple[str, bool]:
    with pytest.raises(NotReadable) as error:
        await read(nellie, message)
    return str(error.value), error.value.mendable


async def test_a_file_whose_message_is_gone_is_not_readable(nellie: NellieOnDiscord) -> None:
    post, message = await with_pdf(nellie)
    nellie.discord.delete(post)
    nellie.discord.expire_files()

    assert await reason(nellie, message) == (
        "the message that it was posted with is gone",
        False,
    )


async def test_a_file_that_was_taken_from_its_message_is_not_readable(
    nellie: NellieOnDiscord,
) -> None:
    post, message = await with_pdf(nellie)
    nellie.discord.expire_files()
    nellie.discord.edit(post, "see", without="terms.pdf")

    assert await reason(nellie, message) == ("it was taken from its message", False)


async def test_a_file_that_discord_has_not_any_more_is_not_readable(
    nellie: NellieOnDiscord,
) -> None:
    _, message = await with_pdf(nellie)
    nellie.discord.fail(Fault("404", "/files/", times=2))

    assert await reason(nellie, message) == ("Discord no longer has it", False)


async def test_without_the_right_to_read_history_it_names_the_right(
    nellie: NellieOnDiscord,
) -> None:
    _, message = await with_pdf(nellie)
    nellie.discord.conceal(nellie.discord.general, notify=False)
    nellie.discord.expire_files()

    said, mendable = await reason(nellie, message)

    assert "Read Message History" in said
    assert mendable


async def test_without_the_intent_it_names_the_intent(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, message = await with_pdf(nellie)
    nellie.discord.expire_files()
    post.attachments, post.text = [], ""  # as Discord then shows it
    monkeypatch.setattr(nellie.connection.client._connection._intents, "message_content", False)

    said, mendable = await reason(nellie, message)

    assert "Message Content Intent" in said
    assert mendable


@pytest.mark.parametrize("kind", ["429", "500", "503", "lost"])
async def test_what_may_pass_is_raised_and_the_file_is_had_later(
    nellie: NellieOnDiscord, kind: Any
) -> None:
    _, message = await with_pdf(nellie)
    nellie.discord.fail(Fault(kind, "/files/", times=2 if kind == "lost" else 1))

    with pytest.raises((aiohttp.ClientError, OSError)):
        await read(nellie, message)
    assert await read(nellie, message) == PDF


async def test_a_page_in_place_of_the_file_is_no_file(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    post = discord.say(discord.ana, discord.general, "", files={"login.html": b"<p>Log in"})
    message = await heard(nellie, post)
    other = replace(message.files[0], name="terms.pdf", media_type="application/pdf")

    assert await read(nellie, message) == b"<p>Log in"
    with pytest.raises(OSError, match="a web page came"):
        await read(nellie, replace(message, files=(other,)))


async def test_a_huge_file_is_handed_over_in_pieces_and_no_further_than_it_is_read(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    post = discord.say(discord.ana, discord.general, "", files={"huge.bin": bytes(50_000_000)})
    message = await heard(nellie, post)

    opened = nellie.adapter.open_file(message.channel, message.id, message.files[0])
    piece = await anext(opened)
    await opened.aclose()  # type: ignore[attr-defined]  # a generator is what it is

    assert len(piece) <= 65_536
    assert discord.served < 20_000_000


@pytest.mark.parametrize("message_id", ["", "x", "9" * 40, "0"])
async def test_what_is_no_message_of_discords_has_no_file(
    nellie: NellieOnDiscord, message_id: str
) -> None:
    _, message = await with_pdf(nellie)
    file = PostedFile(id="5", name="terms.pdf")

    said = await reason(nellie, replace(message, id=message_id, files=(file,)))

    assert said == ("the message that it was posted with is gone", False)


ELSEWHERE = [
    "",
    "http://cdn.discordapp.com/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com.evil.example/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com@evil.example/a.pdf",
    "https://user@cdn.discordapp.com/a.pdf",
    "https://cdn.discordapp.com:444/a.pdf",
    "https://evil.example/cdn.discordapp.com/a.pdf",
    "https://CDN.discordapp.com\\@evil.example/a.pdf",
    "file:///etc/passwd",
    "http://127.0.0.1:1/files/1/a.pdf",
    "http://[",
    "//cdn.discordapp.com/a.pdf",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_is_fetched_from_elsewhere(url: str) -> None:
    assert not is_discords_own(url)
    assert not is_discords_own(url, "http://127.0.0.1:2/api/v10")


def test_files_are_fetched_from_where_discord_keeps_them() -> None:
    assert is_discords_own("https://cdn.discordapp.com/attachments/1/2/a.pdf?ex=1")
    assert is_discords_own("https://media.discordapp.net/attachments/1/2/a.png?width=3")
    assert is_discords_own("http://127.0.0.1:2/files/1/a.png", "http://127.0.0.1:2/api/v10")


async def test_a_file_that_comes_with_a_command_is_the_questions(
    nellie: NellieOnDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_files, "WITHIN", 0.1)  # nobody reads it here
    discord = nellie.discord

    for private in (False, True):
        await nellie.slash(
            discord.ana,
            discord.general,
            "ask",
            question="what is it?",
            private=private,
            file=("terms.pdf", PDF),
        )

    assert (await nellie.texts())[0] == "what is it?\n[file: terms.pdf]"
    asked = "\n".join(str(one) for one in nellie.model.prompts)
    assert asked.count("[file: terms.pdf]") >= 2
    async with nellie.database.autocommit() as connection:
        rows = await connection.execute(sa.text("SELECT external_id, address FROM posted_file"))
        [(id_, address)] = [tuple(row) for row in rows]
    file = PostedFile(id=id_, name="terms.pdf", address=address)
    opened = nellie.adapter.open_file(to_channel(discord.general), "1", file)
    assert b"".join([piece async for piece in opened]) == PDF


async def test_a_file_of_a_command_that_has_expired_is_not_looked_for(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    address = f"http://{discord.origin}/ephemeral-attachments/7/terms.pdf?hm=0"
    file = PostedFile(id="7", name="terms.pdf", address=address)
    before = len(discord.find("/messages/"))

    with pytest.raises(NotReadable, match="Discord no longer has it"):
        async for _ in nellie.adapter.open_file(to_channel(discord.general), "1", file):
            pass

    assert len(discord.find("/messages/")) == before


async def test_a_question_with_a_screenshot_reaches_the_model_byte_for_byte(
    nellie: NellieOnDiscord,
) -> None:
    discord, shot = nellie.discord, png(7, padding=200_000)

    asked = discord.say(
        discord.ana,
        discord.general,
        f"{discord.bot.mention} what is wrong?",
        files={"it.png": shot},
    )
    discord.expire_files()
    answer = await nellie.answer_to(asked)

    [image] = nellie.model.prompts[-1].messages[-1].images
    assert (image.data, image.name) == (shot, "it.png")
    assert answer == "You said: what is wrong?\n[picture: it.png]"


async def test_a_screenshot_that_was_deleted_before_the_answer_is_told(
    nellie: NellieOnDiscord,
) -> None:
    discord = nellie.discord
    discord.fail(Fault("404", "/files/", times=100))

    answer = await nellie.ask(discord.ana, discord.general, "look", files={"it.png": png()})

    assert answer.endswith("(I have not seen `it.png`: Discord no longer has it.)")


async def test_a_reply_to_a_screenshot_shows_it(nellie: NellieOnDiscord) -> None:
    discord = nellie.discord
    shown = discord.say(discord.ana, discord.general, "see", files={"it.png": png(3)})

    await nellie.ask(discord.bob, discord.general, "what is it?", to=shown)

    assert [one.data for one in nellie.model.prompts[-1].messages[-1].images] == [png(3)]
