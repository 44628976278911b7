"""What a task works on: named by a word, a time, a link or a menu, or typed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel
from bot.tasks.material import LONGEST, Material, Materials
from bot.testing import ANA, BOB, CARL, GENERAL, RunningNellie, new_message

OTHER = Channel("fake", "team", "C2", "other")
THEN = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
SITE = "https://team.chat.example/archives/C1"


async def read(
    nellie: RunningNellie, arguments: str = "", *, one: bool = False, **asked: Any
) -> Material:
    """As Ana asks for it, by a command for much or for one message."""
    messages = nellie.parts.stores.messages
    materials = Materials.for_one(messages) if one else Materials.for_all(messages)
    return await materials.read(
        Request(
            state=await nellie.channel_state(),
            person=ANA,
            privileged=False,
            arguments=arguments,
            **asked,
        )
    )


def texts(material: Material) -> list[str]:
    return list(material.texts)


async def test_a_thread_is_what_people_said_in_it(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "who has the key?", id="t1", at=THEN)
    await nellie.say(CARL, "I have it", thread="t1", at=THEN)
    await nellie.say(BOB, "the ship is late")

    material = await read(nellie, "Thread", thread="t1")

    assert texts(material) == ["who has the key?", "I have it"]
    assert material.what == "2 messages since 2026-03-01 09:05 UTC"


@pytest.mark.parametrize("thread", ["", "t9"])
async def test_what_is_no_thread_is_said_to_be_none(nellie: RunningNellie, thread: str) -> None:
    await nellie.say(BOB, "the ship is late")

    with pytest.raises(CommandError, match=r"no thread|nothing of this thread"):
        await read(nellie, "thread", thread=thread)


@pytest.mark.parametrize(
    ("when", "found"),
    [("2h", ["new"]), ("since yesterday", ["new"]), ("30d", ["old", "new"]), ("all", None)],
)
async def test_a_time_is_what_was_said_then(
    nellie: RunningNellie, when: str, found: list[str] | None
) -> None:
    now = datetime.now(UTC)
    await nellie.say(BOB, "ancient", at=THEN)
    await nellie.say(BOB, "old", at=now - timedelta(days=9))
    await nellie.say(CARL, "new", at=now)

    assert texts(await read(nellie, when)) == (found or ["ancient", "old", "new"])


async def test_a_time_in_which_nobody_spoke_holds_nothing(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "ancient", at=THEN)

    with pytest.raises(CommandError, match="Nobody said anything then"):
        await read(nellie, "2h")


@pytest.mark.parametrize(
    "text",
    ["today we sailed to Fåborg", "2h is too long to wait", "see https://example.com/a please"],
)
async def test_what_names_nothing_is_the_text_itself(nellie: RunningNellie, text: str) -> None:
    await nellie.say(BOB, "the ship is late")

    assert await read(nellie, text) == Material(text=text, what="your text", single=True)


async def test_a_text_is_taken_up_to_a_million_characters(nellie: RunningNellie) -> None:
    assert len((await read(nellie, "a" * LONGEST)).text) == LONGEST

    with pytest.raises(CommandError, match="1,000,001 characters; 1,000,000 are the most"):
        await read(nellie, "a" * (LONGEST + 1))


@pytest.mark.parametrize("link", [f"{SITE}/p2", f"<{SITE}/p2>", f"{SITE}/p2?thread_ts=1&cid=C1"])
async def test_a_link_is_the_message_that_it_leads_to(nellie: RunningNellie, link: str) -> None:
    await nellie.say(BOB, "the ship is late", link=f"{SITE}/p2?thread_ts=9", at=THEN)
    await nellie.say(BOB, "the mast is wet", link=f"{SITE}/p22")

    material = await read(nellie, link)

    assert texts(material) == ["the ship is late"]
    assert material.what == "what bob said 2026-03-01 09:05"


async def test_another_name_of_the_same_site_leads_there_too(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is late", link="https://discord.example/channels/1/2/3")

    found = await read(nellie, "https://ptb.discord.example/channels/1/2/3")

    assert texts(found) == ["the ship is late"]


async def test_a_message_of_a_thread_stands_for_all_of_it_where_much_is_asked_for(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "who has the key?", id="t1", thread="t1", link=f"{SITE}/p1")
    await nellie.say(CARL, "I have it", thread="t1", link=f"{SITE}/p2")

    assert len(texts(await read(nellie, f"{SITE}/p2"))) == 2
    assert texts(await read(nellie, f"{SITE}/p2", one=True)) == ["I have it"]


async def test_the_link_of_a_thread_is_all_of_it(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "who has the key?", thread="77", link="https://d.example/channels/1/77/5")
    await nellie.say(CARL, "I have it", thread="77", link="https://d.example/channels/1/77/6")
    await nellie.say(CARL, "elsewhere", link="https://d.example/channels/1/2/7")

    found = await read(nellie, "https://d.example/channels/1/77")

    assert texts(found) == ["who has the key?", "I have it"]


async def test_nothing_of_another_channel_is_found_by_its_link(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is late", link=f"{SITE}/p1")
    await nellie.say(BOB, "a secret", channel=OTHER, link=f"{SITE}/p2")

    with pytest.raises(CommandError, match="of another channel, was deleted") as refused:
        await read(nellie, f"{SITE}/p2")

    assert "secret" not in str(refused.value)


async def test_a_deleted_message_is_not_found_by_its_link(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is late", link=f"{SITE}/p1")
    await nellie.say(BOB, "a mistake", id="m9", link=f"{SITE}/p2")
    await nellie.parts.inbox.deleted(GENERAL, "m9")

    with pytest.raises(CommandError, match="was deleted"):
        await read(nellie, f"{SITE}/p2")


@pytest.mark.parametrize("address", ["https://example.org/terms.pdf", "https://example.org"])
async def test_no_page_is_opened(nellie: RunningNellie, address: str) -> None:
    await nellie.say(BOB, "the ship is late", link=f"{SITE}/p1")

    with pytest.raises(CommandError, match=f"no addresses here. .docs add {address} "):
        await read(nellie, address)


async def test_a_menu_is_the_message_as_it_is_remembered_now(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is later", id="m9")

    found = await read(nellie, about=new_message(BOB, "the ship is late", id="m9"))

    assert texts(found) == ["the ship is later"]


async def test_a_menu_on_what_is_not_remembered_is_what_the_person_sees(
    nellie: RunningNellie,
) -> None:
    robot = Author("B7", "robot", bot=True)

    found = await read(nellie, about=new_message(robot, "the build is red"), one=True)

    assert texts(found) == ["the build is red"]
    assert found.messages[0].seq == 0


async def test_a_menu_in_a_thread_is_the_thread_where_much_is_asked_for(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "who has the key?", id="t1")
    await nellie.say(CARL, "I have it", id="m2", thread="t1")
    about = new_message(CARL, "I have it", id="m2", thread="t1")

    assert len(texts(await read(nellie, about=about))) == 2
    assert texts(await read(nellie, about=about, one=True)) == ["I have it"]


@pytest.mark.parametrize("text", ["[picture: cat.png]", "[file: a.pdf]\n[picture: b.png: a cat]"])
async def test_a_picture_alone_has_no_text_to_work_on(nellie: RunningNellie, text: str) -> None:
    with pytest.raises(CommandError, match="no text in that message"):
        await read(nellie, about=new_message(BOB, text))


async def test_without_anything_it_is_what_was_said_last(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is late")
    await nellie.say(CARL, "la nave è in ritardo")
    await nellie.say(CARL, "[picture: ship.png]")
    await nellie.say(ANA, "what does he say?")
    await nellie.ask(ANA, "hello")

    assert texts(await read(nellie, one=True)) == ["la nave è in ritardo"]
    assert len(texts(await read(nellie))) == 4


async def test_in_a_thread_it_is_what_was_said_there(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "who has the key?", id="t1")
    await nellie.say(CARL, "ce l'ho io", thread="t1")
    await nellie.say(BOB, "the ship is late")

    assert texts(await read(nellie, thread="t1")) == ["who has the key?", "ce l'ho io"]
    assert texts(await read(nellie, thread="t1", one=True)) == ["ce l'ho io"]


@pytest.mark.parametrize("one", [True, False])
async def test_an_empty_channel_has_nothing(nellie: RunningNellie, one: bool) -> None:
    with pytest.raises(CommandError, match="Nothing was said here yet"):
        await read(nellie, one=one)


async def test_who_was_alone_here_is_told_so(nellie: RunningNellie) -> None:
    await nellie.say(ANA, "the ship is late")

    with pytest.raises(CommandError, match="Nobody but you said anything here"):
        await read(nellie, one=True)


@pytest.mark.parametrize("typed", ["2026-13-40", "since 2026-02-30"])
async def test_a_day_of_no_calendar_is_no_text(nellie: RunningNellie, typed: str) -> None:
    day = typed.removeprefix("since ")
    with pytest.raises(CommandError, match=f"There is no day {day}"):
        await read(nellie, typed)


async def test_nothing_of_a_person_who_opted_out_is_found(nellie: RunningNellie) -> None:
    await nellie.say(CARL, "the ship is late")
    await nellie.run_command("memory optout", BOB)
    await nellie.say(BOB, "my secret")

    assert texts(await read(nellie, one=True)) == ["the ship is late"]


async def test_it_stands_until_something_of_it_changes(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the ship is late", id="m1")
    await nellie.say(BOB, "the mast is wet", id="m2")
    material, materials = await read(nellie), Materials.for_all(nellie.parts.stores.messages)
    state = await nellie.channel_state()
    await materials.require_standing(state, material)
    await materials.require_standing(state, Material(text="typed", what="your text"))
    await materials.require_standing(state, Material((new_message(BOB, "not remembered"),)))

    await nellie.parts.inbox.edited(GENERAL, "m2", "the mast is dry")

    assert not await materials.stands(state, material)
    with pytest.raises(CommandError, match="has changed meanwhile"):
        await materials.require_standing(state, material)


async def test_a_menu_at_what_begins_a_thread_is_the_thread(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "who has the key?", id="t1")
    await nellie.say(CARL, "I have it", thread="t1")
    about = new_message(BOB, "who has the key?", id="t1")

    assert texts(await read(nellie, about=about)) == ["who has the key?", "I have it"]
    assert texts(await read(nellie, about=about, one=True)) == ["who has the key?"]
