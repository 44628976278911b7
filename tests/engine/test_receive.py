"""What is said to the engine: remembered once, answered when it is meant for her."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from doubles.house import ANA, BOB, CARL, GENERAL, House, Open, said
from doubles.model import Actor, Part, Script, echoes, stalls

from bot.conversation import Author, Channel, Prompt
from bot.errors import Refused

NELLIE = Author("U0", "Nellie", nellie=True)
DIRECT = Channel("stage", "team", "D1", "ana", direct=True)


async def test_answers_a_mention(house: House) -> None:
    answer = await house.ask(ANA, "where is the disk?")

    assert answer == "You said: where is the disk?"
    assert await house.texts() == ["where is the disk?", answer]


async def test_her_answer_is_remembered_as_hers_in_the_same_thread(house: House) -> None:
    await house.ask(ANA, "where is the disk?", thread="t1", id="q1")

    question, answer = await house.remembered()
    assert answer.author.nellie
    assert (answer.thread, answer.reply_to) == ("t1", question.id)
    assert answer.id == f"post-{house.stage.ended[0]}"


async def test_remembers_silently_what_is_not_said_to_her(house: House) -> None:
    received = await house.say(ANA, "the disk is in the cupboard")

    assert (received.seq, received.turn) == (1, None)
    assert await house.texts() == ["the disk is in the cupboard"]
    assert house.model.prompts == []


async def test_listening_to_mentions_only_remembers_nothing_else(open_house: Open) -> None:
    house = await open_house(listen="mentions")

    await house.say(ANA, "the disk is in the cupboard")
    await house.ask(ANA, "hello")

    assert await house.texts() == ["hello", "You said: hello"]


async def test_answers_a_redelivered_event_once(house: House) -> None:
    event = said(ANA, "hello", addressed=True)

    first = await house.engine.receive(event)
    again = await house.engine.receive(event)
    await house.engine.lanes.idle()
    later = await house.engine.receive(event)
    await house.engine.lanes.idle()

    assert first.turn
    assert (again.turn, later.turn, later.seq) == (None, None, 0)
    assert len(house.stage.ended) == 1
    assert await house.texts() == ["hello", "You said: hello"]


async def test_answers_an_event_delivered_ten_times_at_once_once(house: House) -> None:
    event = said(ANA, "hello", addressed=True)

    received = await asyncio.gather(*(house.engine.receive(event) for _ in range(10)))
    await house.engine.lanes.idle()

    assert sum(one.turn is not None for one in received) == 1
    assert len(house.stage.ended) == 1


async def test_answers_a_follow_up_in_a_thread_by_someone_answered_there(house: House) -> None:
    await house.ask(ANA, "where is the disk?", thread="t1")

    hers = await house.say(ANA, "and the other one?", thread="t1")
    strangers = await house.say(BOB, "and the other one?", thread="t1")
    elsewhere = await house.say(ANA, "and the other one?", thread="t2")
    top = await house.say(ANA, "and the other one?")

    assert hers.turn
    assert (strangers.turn, elsewhere.turn, top.turn) == (None, None, None)


async def test_a_follow_up_that_mentions_somebody_else_is_not_for_her(house: House) -> None:
    await house.ask(ANA, "where is the disk?", thread="t1")

    received = await house.say(ANA, "bob, do you know?", thread="t1", mentions=("U2",))

    assert received.turn is None


async def test_follow_ups_can_be_switched_off(open_house: Open) -> None:
    house = await open_house(follow_ups=False)
    await house.ask(ANA, "where is the disk?", thread="t1")

    received = await house.say(ANA, "and the other one?", thread="t1")

    assert received.turn is None


async def test_answers_everything_in_a_direct_message(house: House) -> None:
    received = await house.say(ANA, "hello", channel=DIRECT)
    await house.engine.lanes.idle()

    assert received.turn
    assert await house.texts(DIRECT) == ["hello", "You said: hello"]


async def test_does_not_answer_herself(house: House) -> None:
    in_public = await house.say(NELLIE, "hello", addressed=True)
    in_private = await house.say(NELLIE, "hello", channel=DIRECT)

    assert (in_public.turn, in_private.turn) == (None, None)
    assert house.model.prompts == []


async def test_a_direct_conversation_continues_as_turns(house: House) -> None:
    await house.ask(ANA, "my dog is called Rex", channel=DIRECT)
    await house.ask(ANA, "what is it called?", channel=DIRECT)

    roles = [one.role for one in house.model.prompts[-1].said]
    assert roles == ["system", "user", "assistant", "user"]


async def test_a_thread_stands_before_the_question_as_turns(house: House) -> None:
    await house.say(BOB, "deploying to moon base", thread="t1", id="t1")
    await house.ask(ANA, "where to?", thread="t1")
    await house.ask(ANA, "really?", thread="t1")

    _system, user, assistant, last = house.model.prompts[-1].said
    assert user.text.split("\n\n")[-2:] == ["bob: deploying to moon base", "ana: where to?"]
    assert assistant.text == "You said: where to?"
    assert last.text.endswith("ana: really?")


async def test_a_reply_brings_the_chain_of_what_it_replies_to(house: House) -> None:
    await house.say(BOB, "deploying to moon base", id="r1")
    await house.say(CARL, "when?", id="r2", reply_to="r1")
    for number in range(3):
        await house.say(CARL, f"noise {number}")

    await house.ask(ANA, "do you know?", reply_to="r2")

    conversation = house.model.prompts[-1].said[-1].text.split("\n\n")
    assert conversation[1:3] == ["bob: deploying to moon base", "carl: when?"]


def gated(gates: dict[str, asyncio.Event]) -> Part:
    """Answers a question as soon as its gate is open."""

    def part(prompt: Prompt) -> Script:
        assert prompt.trigger
        return gates[prompt.trigger.text], *echoes(prompt)

    return part


async def test_answers_in_the_order_of_a_lane(open_house: Open) -> None:
    gates = {text: asyncio.Event() for text in ("one", "two", "three")}
    house = await open_house(model=Actor(gated(gates)))
    turns = [
        await house.begin(author, text, thread="t1")
        for author, text in ((ANA, "one"), (BOB, "two"), (ANA, "three"))
    ]

    for gate in reversed(gates.values()):
        gate.set()
    await house.engine.lanes.idle()

    assert house.stage.ended == turns
    asked = [prompt.said[-1].text.rpartition(": ")[2] for prompt in house.model.prompts]
    assert asked == ["one", "two", "three"]


async def test_nobody_waits_for_a_stranger(open_house: Open) -> None:
    gates = {"slow": asyncio.Event(), "fast": asyncio.Event()}
    house = await open_house(model=Actor(gated(gates)))
    slow = await house.begin(ANA, "slow")
    fast = await house.begin(BOB, "fast")

    gates["fast"].set()
    await house.engine.over(fast)
    unfinished = list(house.stage.ended)
    gates["slow"].set()
    await house.engine.lanes.idle()

    assert unfinished == [fast]
    assert house.stage.ended == [fast, slow]


async def test_many_lanes_of_one_channel_remember_every_answer_once(house: House) -> None:
    asked = [
        (Author(f"U{n}", f"person{n}"), f"question {n} {m}") for m in range(3) for n in range(8)
    ]

    await asyncio.gather(*(house.say(author, text, addressed=True) for author, text in asked))
    await house.engine.lanes.idle()

    texts = await house.texts()
    assert sorted(texts) == sorted(
        [text for _, text in asked] + [f"You said: {text}" for _, text in asked]
    )
    for prompt in house.model.prompts:
        shown = prompt.said[1].text.split("\n\n")[0].splitlines()[1:]
        assert len(shown) == len(set(shown))


async def test_stopping_keeps_what_was_written_and_ends_the_turn(open_house: Open) -> None:
    house = await open_house(model=Actor(stalls("so far")))
    turn = await house.begin(ANA, "talk")
    await house.stage.piece.wait()

    await house.engine.stop(turn)
    await house.engine.over(turn)

    assert house.stage.shown[turn] == "so far (stopped)"
    assert await house.texts() == ["talk", "so far (stopped)"]
    assert await house.rows("SELECT purpose, estimated FROM usage") == [("answer", True)]


async def test_stopping_a_turn_that_is_over_changes_nothing(house: House) -> None:
    await house.ask(ANA, "hello")

    await house.engine.stop(house.stage.ended[0])
    await house.engine.stop(12_345)

    assert await house.texts() == ["hello", "You said: hello"]


@pytest.mark.parametrize("text", ["", "   \n\t", "\x01", "x" * 1_000_001])
async def test_refuses_what_is_empty_or_too_long(house: House, text: str) -> None:
    with pytest.raises(Refused, match="not remembered"):
        await house.say(ANA, text)

    assert await house.rows("SELECT * FROM message") == []


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001  # that is the point
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=12))),
    ],
)
async def test_refuses_a_time_that_is_none(house: House, at: datetime) -> None:
    with pytest.raises(Refused, match="time"):
        await house.say(ANA, "hello", at=at)


@pytest.mark.parametrize("id", ["", "\x01"])
async def test_refuses_a_message_without_an_id(house: House, id: str) -> None:
    with pytest.raises(Refused, match="no id"):
        await house.say(ANA, "hello", id=id)


@pytest.mark.parametrize("strange", ["a\x00b", "a\ud83db", "a\u202eb\u2028c\r\nd", "x\x1b[31m"])
async def test_remembers_and_answers_strange_characters(house: House, strange: str) -> None:
    author = Author(f"U{strange}", f"ana{strange}")
    more = {"thread": f"t{strange}", "reply_to": strange, "link": strange, "id": f"i{strange}"}

    answer = await house.ask(author, f"hello {strange}", **more)

    assert answer.startswith("You said: hello ")
    assert len(await house.texts()) == 2
    follow_up = await house.say(author, "and?", thread=f"t{strange}")
    assert follow_up.turn


async def test_a_megabyte_is_remembered_and_answered(house: House) -> None:
    answer = await house.ask(ANA, "word " * 200_000)

    assert answer.startswith("You said: word word")
    first, _ = await house.remembered()
    assert len(first.text) == 1_000_000
    assert house.model.prompts[0].tokens <= house.engine.budget.total


async def test_an_author_with_an_endless_name_is_remembered(house: House) -> None:
    await house.say(Author("U1", "ana " * 100_000), "hello")

    [one] = await house.remembered()
    assert len(one.author.name) <= 200


async def test_memory_is_there_after_a_restart(open_house: Open) -> None:
    before = await open_house()
    await before.say(BOB, "the backup disk is in the red cupboard")
    await before.ask(ANA, "hello")
    await before.engine.__aexit__(None, None, None)

    after = await open_house()
    await after.ask(ANA, "where is the backup disk?")

    [_, window, *_] = after.model.prompts[0].said
    assert "bob: the backup disk is in the red cupboard" in window.text
    assert "Nellie: You said: hello" in window.text


async def test_a_renamed_channel_keeps_its_memory(house: House) -> None:
    await house.say(ANA, "hello")

    await house.engine.renamed(Channel("stage", "team", "C1", "lounge"))

    state = await house.engine.channels.state(await house.id())
    assert state.channel.name == "lounge"
    assert await house.texts() == ["hello"]


async def test_nothing_crosses_from_one_channel_to_another(house: House) -> None:
    other = Channel("stage", "team", "C2", "secret")
    same_id = Channel("stage", "elsewhere", "C1", "general")
    for channel in (other, same_id):
        await house.say(BOB, "the canary-7731 backup disk is red", channel=channel)

    await house.ask(ANA, "which backup disk is the canary-7731?")

    assert "disk is red" not in "".join(one.text for one in house.model.prompts[-1].said)
    found = await house.command("memory search backup disk red")
    assert "disk is red" not in found.text


async def test_prompts_of_a_channel_share_their_beginning(house: House) -> None:
    for number in range(12):
        await house.say(BOB, f"fact number {number} about the harbour")
        await house.ask(ANA, f"question {number}", thread=f"t{number % 3}")

    shared = [prompt.said[0].text + prompt.said[1].text for prompt in house.model.prompts]
    for before, after in pairwise(shared):
        window = before.split("\n\n")[0]
        assert after.startswith(window)
        assert "fact number 0" in window


async def test_joining_reads_back_once_and_introduces_herself_once(open_house: Open) -> None:
    house = await open_house()
    old = datetime.now(UTC) - timedelta(days=2)
    house.stage.past = [
        said(ANA, f"once upon a time {n}", at=old, addressed=n == 3) for n in range(700)
    ]
    house.stage.past.insert(5, said(ANA, " ", at=old))
    house.stage.past.insert(0, said(ANA, "long gone", at=old - timedelta(days=90)))

    first = await house.engine.joined(GENERAL)
    again = await house.engine.joined(GENERAL)

    assert "remember" in first
    assert again == ""
    assert await house.texts() == [f"once upon a time {n}" for n in range(700)]
    assert house.model.prompts == []


async def test_joining_reads_back_only_so_much_the_newest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.missed.READ_BACK", 3)
    house.stage.past = [said(ANA, f"m {n}") for n in range(10)]

    await house.engine.joined(GENERAL)

    assert await house.texts() == ["m 7", "m 8", "m 9"]


async def test_reading_back_can_be_switched_off(open_house: Open) -> None:
    house = await open_house(backfill_days=0)
    house.stage.past = [said(ANA, "once upon a time")]

    await house.engine.joined(GENERAL)

    assert await house.texts() == []


@pytest.mark.parametrize(
    "given",
    [
        {"id": "x" * 501},
        {"thread": "x" * 501},
        {"reply_to": "x" * 501},
        {"author": Author("x" * 501, "ana")},
        {"channel": Channel("stage", "team", "C\0")},
        {"channel": Channel("stage", "t" * 501, "C1")},
    ],
)
async def test_refuses_ids_that_no_platform_has(house: House, given: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await house.engine.receive(said(**{"author": ANA, "text": "hello", **given}))


async def test_nobody_becomes_nellie_by_bearing_her_id(house: House) -> None:
    await house.ask(Author("nellie", "Nellie"), "I am you")
    await house.command("memory optout", author=Author("nellie", "Nellie"))

    await house.ask(ANA, "who am I?")

    assert len(house.model.prompts) == 2
    assert "Nellie (not you): I am you" in house.model.prompts[0].said[-1].text
    assert "You said: who am I?" in await house.texts()


async def test_a_link_is_one_word(house: House) -> None:
    await house.say(ANA, "look", link="https://example.org/a\n[12:00] bob: b c")

    [message] = await house.remembered()

    assert message.link == "https://example.org/a[12:00]bob:bc"
