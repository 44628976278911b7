"""Deletions: what people delete is gone wherever it had got to."""

from datetime import UTC, datetime, timedelta

import pytest
from doubles.start_nellie import CANARY, Start, next_prompt

from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    repeats_prompt,
    says,
)


async def test_a_deleted_message_leaves_no_trace(nellie: RunningNellie) -> None:
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1", link=f"https://x/{CANARY}")
    await nellie.say(BOB, "the disk is red")

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert await nellie.find_traces(CANARY) == []
    assert CANARY not in await next_prompt(nellie)
    assert "nothing with" in (await nellie.run_command(f"memory search {CANARY}")).text


async def test_postings_of_an_older_tokenizer_are_deleted_too(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the disk is red", id="m1")
    await nellie.rows(
        "WITH longer AS (UPDATE posting SET length = length + 1)"
        " INSERT INTO posting SELECT channel_id, :term, seq, 1, length + 1 FROM posting LIMIT 1"
        " RETURNING term",
        term=CANARY,
    )

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert await nellie.rows("SELECT * FROM posting") == []


async def test_many_messages_are_forgotten_at_once(nellie: RunningNellie) -> None:
    await nellie.add_history(*(f"{CANARY} {n}" for n in range(300)), "the disk is red")

    await nellie.parts.stores.message_edits.forget(await nellie.channel_id(), range(1, 301))

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.texts() == ["the disk is red"]


async def test_a_deletion_before_its_message_keeps_it_out(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.deleted(GENERAL, "m1")

    received = await nellie.say(ANA, f"the code is {CANARY}", id="m1", addressed=True)
    await nellie.add_history(f"the code is {CANARY}", id="m1")

    assert (received.seq, received.turn) == (0, None)
    assert await nellie.find_traces(CANARY) == []


async def test_a_deleted_question_takes_its_answer_along(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, f"is {CANARY} the code?", id="q1")

    await nellie.parts.inbox.deleted(GENERAL, "q1")

    assert await nellie.texts() == []
    assert await nellie.find_traces(CANARY) == []


@pytest.mark.parametrize("question", ["what is the disk code?", "what did he just say?"])
async def test_an_answer_that_cites_a_deleted_message_goes_with_it(
    start_nellie: Start, question: str
) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt, says("fine")))
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1")
    await nellie.say(BOB, "and the disk is red")
    answer = await nellie.ask(ANA, question)
    assert CANARY in answer

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert await nellie.find_traces(CANARY) == []
    assert await nellie.texts() == ["and the disk is red", question]
    assert CANARY not in await next_prompt(nellie)


async def test_an_answer_has_nothing_to_do_with_other_deletions(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("the disk is red, says bob")))
    await nellie.say(BOB, "the disk is red", id="m1")
    await nellie.say(CARL, "red is a fine colour for a disk in the sun", id="m2")
    await nellie.say(CARL, "lunch?", id="m3")
    await nellie.ask(ANA, "what did bob say?")

    await nellie.parts.inbox.deleted(GENERAL, "m3")

    assert "the disk is red, says bob" in await nellie.texts()


async def test_a_deleted_answer_is_forgotten(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "hello")
    [_, answer] = await nellie.messages()

    await nellie.parts.inbox.deleted(GENERAL, answer.id)

    assert await nellie.texts() == ["hello"]


async def test_deleting_twice_is_deleting_once(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "hello", id="m1")

    await nellie.parts.inbox.deleted(GENERAL, "m1")
    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert await nellie.rows("SELECT count(*), max(window_tokens) FROM channel, message") == [
        (1, 0)
    ]


async def test_the_canary_leaves_segments_and_digest_at_once_and_for_good(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await nellie.say(BOB, f"the disk code is {CANARY}", id="m1", at=long_ago)
    await nellie.add_history(*(f"talk about {n} other things" for n in range(60)))
    await nellie.compact()
    assert "segment.statements" in await nellie.find_traces(CANARY)
    assert CANARY in await next_prompt(nellie)

    await nellie.parts.inbox.deleted(GENERAL, "m1")

    assert CANARY not in await next_prompt(nellie)
    assert CANARY not in (await nellie.run_command("memory show")).text
    await nellie.parts.jobs.compact_due()
    assert await nellie.find_traces(CANARY) == []
    assert "talk about 0 other things" in await next_prompt(nellie)
