"""Turns: opened with the message, answered in the order of their lane, and closed once."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.read_documents import pretend_to_read
from doubles.replica import Replica
from doubles.sample_messages import (
    ANA,
    BOB,
    ROOM,
    find_contradictions,
    rows,
    sample_answer,
    sample_message,
)

from bot.domain.documents import PostedFile
from bot.domain.errors import Fenced
from bot.domain.model import Turn, Usage
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.file_edits import FileEdits
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.parameters import numbered
from bot.store.quota_counters import QuotaCounters
from bot.store.sql_files import load
from bot.store.turn_actions import TurnActions
from bot.store.turn_outcome import Outcome
from bot.store.turns import Accepted

LANES = "SELECT owner, epoch FROM lane"
STATES = "SELECT state FROM turn ORDER BY id"
FILLED = (
    "INSERT INTO message (channel_id, seq, external_id, author_id, author_name, text, said_at,"
    " thread, reply_to, link, nellie, deleted, addressed, tokens)"
    " SELECT id, number, 'old' || number, 'U2', 'Bob', 'words', now() - interval '1 hour',"
    " '', '', '', false, false, false, 3 FROM channel, generate_series(10, 2000) number",
    "UPDATE channel SET seq = 2000",
    "INSERT INTO turn (channel_id, lane, trigger_seq, state, finished_at)"
    " SELECT channel_id, 'thread:' || number, number, 'done', now()"
    " FROM turn, generate_series(10, 2000) number",
    "INSERT INTO usage (channel_id, purpose, turn_id, attempt, model, input, output, estimated)"
    " SELECT channel_id, 'answer', id, 1, 'big', 1, 1, false FROM turn WHERE trigger_seq >= 10",
    "INSERT INTO lane (channel_id, lane, epoch, until)"
    " SELECT channel_id, lane, nextval('lane_epoch'), now() FROM turn WHERE trigger_seq >= 10",
    "INSERT INTO reservation (turn_id, channel_id, tokens, cost, until)"
    " SELECT id, channel_id, 1, 1, now() FROM turn WHERE trigger_seq >= 10",
)


def _with_file(id: str, file: str) -> NewMessage:
    return NewMessage(
        replace(sample_message(id), files=(PostedFile(id=file, name="contract.pdf"),))
    )


async def test_an_idle_lane_is_claimed_with_the_message(one: Replica) -> None:
    done = await one.accept("m1")

    assert done.lease
    assert await rows(one.database, LANES) == [(one.owner, done.lease.epoch)]
    assert (done.lease.channel_id, done.lease.lane) == (one.channel_id, "author:U1")
    assert await rows(one.database, "SELECT state, attempts FROM turn") == [("running", 1)]


async def test_what_is_not_asked_of_her_opens_no_turn(one: Replica) -> None:
    done = await one.accept("m1", opens_turn=False)

    assert done == Accepted(1)
    assert await rows(one.database, LANES) == []


async def test_the_same_message_again_changes_nothing(one: Replica, two: Replica) -> None:
    lease, _ = await one.ask("m1")

    assert await two.accept("m1") == Accepted()
    assert await rows(one.database, STATES) == ["running"]
    assert await rows(one.database, LANES) == [(one.owner, lease.epoch)]


@pytest.mark.parametrize("stranger", [False, True])
async def test_a_busy_lane_queues(one: Replica, two: Replica, stranger: bool) -> None:
    await one.accept("m1")

    done = await (two if stranger else one).accept("m2")

    assert done.lease is None
    assert done.turn
    assert await rows(one.database, STATES) == ["running", "waiting"]


async def test_another_lane_does_not_wait(one: Replica, two: Replica) -> None:
    await one.accept("m1")

    leases = [
        (await two.accept("m2", author=BOB)).lease,
        (await two.accept("m3", thread="m3")).lease,
    ]

    assert [lease and lease.lane for lease in leases] == ["author:U2", "thread:m3"]


async def test_closing_stores_the_answer_and_takes_the_next_in_order(one: Replica) -> None:
    lease, turn = await one.ask("m1", text="first?")
    for name in ("m2", "m3"):
        await one.accept(name, text=f"{name}?")

    second = await one.finish(lease, turn)
    assert second
    third = await one.finish(lease, second)
    assert third
    end = await one.finish(lease, third)

    assert [second.trigger.text, third.trigger.text, end] == ["m2?", "m3?", None]
    assert (second.attempts, second.lane) == (1, lease.lane)
    assert await one.read_answers() == ["to m1", "to m2", "to m3"]
    assert await rows(one.database, LANES) == []  # a person's lane bears their id
    assert await find_contradictions(one.database) == []


@pytest.mark.parametrize("thread", ["", "t1"])
async def test_a_freed_lane_is_claimed_anew(one: Replica, two: Replica, thread: str) -> None:
    lease, turn = await one.ask("m1", thread=thread)
    await one.finish(lease, turn)

    done = await two.accept("m2", thread=thread)

    assert done.lease
    assert (done.lease.lane, done.lease.owner) == (lease.lane, two.owner)
    assert done.lease.epoch > lease.epoch


@pytest.mark.parametrize("lane", [{}, {"thread": "t1"}, {"author": BOB}])
async def test_no_lease_is_given_twice(one: Replica, lane: dict[str, Any]) -> None:
    given = []
    for number in range(3):
        lease, turn = await one.ask(f"m{number}", **lane)
        await one.finish(lease, turn)
        await one.accept(f"n{number}", opens_turn=False, **lane)
        given.append(lease)

    assert len(set(given)) == 3
    for lease in given:
        with pytest.raises(Fenced):
            await one.turns.close(lease, turn, Outcome("done"))


async def test_what_the_models_cost_is_kept_with_the_turn(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    calls = (Usage("a", 10, 1), Usage("b", 20, 2, 5))

    await one.turns.close(lease, replace(turn, attempts=3), Outcome("failed", usage=calls))

    kept = "SELECT purpose, turn_id, attempt, model, input FROM usage ORDER BY id"
    assert await rows(one.database, kept) == [
        ("answer", turn.id, 3, "a", 10),
        ("answer", turn.id, 3, "b", 20),
    ]


async def test_a_failed_turn_keeps_its_error_and_frees_the_lane(one: Replica) -> None:
    lease, turn = await one.ask("m1")

    await one.turns.close(lease, turn, Outcome("failed", error="it was too hard"))

    assert await rows(one.database, "SELECT state, error FROM turn") == [
        ("failed", "it was too hard")
    ]
    assert await one.turns.has_ended(turn.id)
    assert await find_contradictions(one.database) == []


async def test_a_turn_is_over_when_it_ended(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    waiting = await one.accept("m2")
    assert waiting.turn

    before = [await one.turns.has_ended(id) for id in (turn.id, waiting.turn)]
    await one.finish(lease, turn)

    assert before == [False, False]
    assert await one.turns.has_ended(turn.id)
    assert not await one.turns.has_ended(waiting.turn)


async def test_who_was_answered_in_a_lane_is_known_there(one: Replica) -> None:
    lease, turn = await one.ask("m1", thread="t1")
    before = await one.turns.answered_before(one.channel_id, lease.lane, ANA.id)
    await one.finish(lease, turn)

    assert not before
    assert await one.turns.answered_before(one.channel_id, lease.lane, ANA.id)
    assert not await one.turns.answered_before(one.channel_id, lease.lane, BOB.id)
    assert not await one.turns.answered_before(one.channel_id, "thread:t2", ANA.id)


async def test_who_opted_out_is_answered_without_being_remembered(one: Replica) -> None:
    await Channels(one.database).set_opt_out(one.channel_id, ANA.id, out=True)

    first, second = await one.accept("m1", text="secret?"), await one.accept("m2", text="more?")
    assert first.lease
    assert first.turn
    turn = Turn(
        first.turn, ROOM, first.lease.lane, sample_message("m1"), remembered=first.remembered
    )
    following = await one.turns.close(first.lease, turn, Outcome("done"))

    assert following
    assert (first.remembered, second.remembered, following.remembered) == (False, False, False)
    assert following.trigger.text == "more?"
    assert await rows(one.database, "SELECT question FROM turn ORDER BY id") == [None, "more?"]
    assert await Messages(one.database).count(one.channel_id) == 0


async def test_a_cancelled_turn_leaves_no_answer_and_the_next_goes_on(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await one.accept("m3")
    await MessageEdits(one.database).forget(one.channel_id, [1, 2])

    following = await one.finish(lease, turn)

    assert following
    assert following.trigger.id == "m3"
    assert await rows(one.database, STATES) == ["cancelled", "cancelled", "running"]
    assert await one.read_answers() == []
    assert await find_contradictions(one.database) == []


async def test_the_whole_text_of_a_cancelled_turn_is_not_kept(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await MessageEdits(one.database).forget(one.channel_id, [1])

    await one.turns.keep_text(lease, turn, "your secret was this")

    assert await rows(one.database, "SELECT text FROM turn") == [None]


async def test_closing_again_what_was_closed_goes_on_where_it_was(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    await one.accept("m3")
    await one.finish(lease, turn)  # committed, but let the answer to it be lost

    following = await one.finish(lease, turn)

    assert following
    assert following.trigger.id == "m2"
    assert await one.read_answers() == ["to m1"]
    assert await rows(one.database, STATES) == ["done", "running", "waiting"]


async def test_an_answer_that_the_platform_echoed_is_remembered_once(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await Messages(one.database).add(one.channel_id, [sample_answer(turn)])

    await one.finish(lease, turn)

    assert await one.read_answers() == ["to m1"]
    assert await rows(one.database, STATES) == ["done"]


@pytest.mark.parametrize("gone", [False, True])
async def test_an_answer_from_a_document_that_is_gone_by_its_end_is_not_remembered(
    one: Replica, gone: bool
) -> None:
    lease, turn = await one.ask("m1")
    await Messages(one.database).add(one.channel_id, [_with_file("m2", "F1")])
    document = await pretend_to_read(one.database, one.channel_id, "F1", "aa")
    if gone:
        await FileEdits(one.database).forget(one.channel_id, [2], "F1")

    await one.turns.close(lease, turn, Outcome("done", sample_answer(turn, -document)))

    assert await one.read_answers() == ([] if gone else ["to m1"])


@pytest.mark.parametrize("forgotten", ["before", "after", "never"])
async def test_an_answer_from_a_message_that_is_forgotten_before_or_after_the_window_was_read(
    one: Replica, forgotten: str
) -> None:
    await one.accept("m0", opens_turn=False)
    lease, turn = await one.ask("m1")
    edits = MessageEdits(one.database)
    if forgotten == "before":
        await edits.forget(one.channel_id, [1])
    shown = await one.see()
    if forgotten == "after":
        await edits.forget(one.channel_id, [1])

    await one.turns.close(lease, turn, Outcome("done", sample_answer(turn, 1), shown=shown))

    assert await one.read_answers() == (["to m1"] if forgotten == "never" else [])
    assert await rows(one.database, "SELECT count(*) FROM message WHERE nellie") == [1]
    assert await rows(one.database, STATES) == ["done"]


@pytest.mark.parametrize("others", [(), ("another",)])
async def test_what_else_was_posted_takes_its_place(one: Replica, others: tuple[str, ...]) -> None:
    lease, turn = await one.ask("m1")
    answer = sample_answer(turn)
    turn = replace(turn, posted=(answer.message.id, *others))

    await one.turns.close(lease, turn, Outcome("done", answer, shown=await one.see()))

    kept = "SELECT external_id, deleted FROM message WHERE nellie ORDER BY seq"
    places = [(other, True) for other in others]
    assert await rows(one.database, kept) == [(answer.message.id, False), *places]


async def test_of_an_answer_with_a_file_the_file_is_read(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    made = PostedFile(id="F1", name="contract.pdf")
    answer = sample_answer(turn)
    answer = replace(answer, message=replace(answer.message, files=(made,)))

    await one.turns.close(lease, turn, Outcome("done", answer, shown=await one.see()))

    assert await rows(one.database, "SELECT external_id FROM posted_file") == ["F1"]


@pytest.mark.parametrize(
    "name", ["lock_lane", "keep_posted", "keep_text", "close", "close_undisturbed", "take_next"]
)
async def test_a_lane_is_found_by_its_key_also_by_a_plan_that_was_made_while_none_was_busy(
    one: Replica, name: str
) -> None:
    """By then, indexes of busy lanes and open turns hold nothing; the plan serves on for hours."""
    for number in range(3):
        await one.finish(*await one.ask(f"m{number}", thread=f"t{number}"))
    plan = await _explained(one.database, name)

    assert any("pk_lane" in line for line in plan)
    assert not any("ix_lane_owner" in line for line in plan)
    for line, following in pairwise(plan):
        assert "ix_turn_open" not in line or "Index Cond" in following


@pytest.mark.parametrize("name", ["close", "close_undisturbed"])
async def test_how_many_were_before_a_question_is_counted_in_its_lane(
    one: Replica, name: str
) -> None:
    """Not in all that was ever asked in its channel."""
    await one.finish(*await one.ask("m"))
    async with one.database.begin() as connection:
        await connection.execute(
            sa.text(
                "INSERT INTO turn (channel_id, lane, trigger_seq, state)"
                " SELECT channel_id, 'thread:' || number % 100, number, 'done'"
                " FROM turn, generate_series(100, 2000) number"
            )
        )

    plan = await _explained(one.database, name)

    assert any("ix_turn_lane" in line for line in plan)


@pytest.mark.parametrize("undisturbed", [True, False])
async def test_a_turns_end_reads_no_whole_table(one: Replica, undisturbed: bool) -> None:
    """Nor all of a channel. Of tables that were empty, any index of the channel seems as good."""
    await _end(one, "first", undisturbed=undisturbed)
    async with one.database.begin() as connection:
        for fill in FILLED:
            await connection.execute(sa.text(fill))
        # As autovacuum does within a minute: then connections plan anew.
        await connection.execute(sa.text("ANALYZE message, turn, usage, lane, reservation"))
    await _end(one, "second", undisturbed=undisturbed)
    before = await _rows_read(one.database)

    await _end(one, "third", undisturbed=undisturbed)

    read = {table: n - before[table] for table, n in (await _rows_read(one.database)).items()}
    assert read["turn"] > 0
    assert {table: n for table, n in read.items() if n > 200} == {}


async def _end(one: Replica, question: str, *, undisturbed: bool) -> None:
    """Ask, and end the turn in one of its two ways."""
    lease, turn = await one.ask(question, thread="r")
    shown = await one.see() if undisturbed else None
    usage = (Usage("big", 10, 5),)
    await one.turns.close(lease, turn, Outcome("done", sample_answer(turn), "", usage, shown))


async def _rows_read(database: Database) -> dict[str, int]:
    """How many rows of each table have been read, by whichever way."""
    await database.fetch(sa.text("SELECT pg_stat_force_next_flush()"), {})
    read = sa.text(
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " FROM pg_stat_user_tables"
    )
    return {table: int(number) for table, number in await database.fetch(read, {})}


async def _explained(database: Database, name: str) -> list[str]:
    """How a statement is run by a connection that keeps one plan for all that it is given."""
    text, names = numbered(getattr(load("turns"), name))
    nothing = ", ".join("NULL" for _ in names)
    async with database.autocommit() as connection:
        for upkeep in (
            "VACUUM ANALYZE lane, turn",
            "SET plan_cache_mode = force_generic_plan",
            "SET enable_seqscan = off",
        ):
            await connection.execute(sa.text(upkeep))
        await connection.exec_driver_sql(f"PREPARE explained AS {text}")
        plan = await connection.execute(sa.text(f"EXPLAIN EXECUTE explained({nothing})"))
        return list(plan.scalars())


async def test_closing_again_bills_nothing_twice(one: Replica) -> None:
    lease, turn = await one.ask("m1")
    await one.accept("m2")
    outcome = Outcome("done", sample_answer(turn), usage=(Usage("big", 10, 5),))

    await one.turns.close(lease, turn, outcome)
    await one.turns.close(lease, turn, outcome)  # the answer to the first commit was lost

    assert await rows(one.database, "SELECT turn_id, input FROM usage") == [(turn.id, 10)]


async def test_an_answer_made_again_takes_no_later_one_along(one: Replica) -> None:
    lease, first = await one.ask("m1", thread="r")
    await one.turns.close(lease, first, Outcome("done", sample_answer(first), "Stopped"))
    [made] = await rows(one.database, "SELECT seq FROM message WHERE nellie")
    lease, second = await one.ask("m2", thread="r")
    await one.turns.close(lease, second, Outcome("done", sample_answer(second, made)))
    posted = "UPDATE turn SET posted = ARRAY['answer-' || id] RETURNING 1"
    await rows(one.database, posted)

    assert await TurnActions(one.database, lease=15).retry(first.id, owner=one.owner)

    assert await one.read_answers() == ["to m2"]
    assert await find_contradictions(one.database) == []


@pytest.mark.parametrize(
    ("first", "ahead"),
    [
        (Outcome("done"), [1, 2, 3]),
        (Outcome("failed", error="LimitReached"), [0, 1, 2]),
        (Outcome("failed", error="ModelError"), [1, 2, 3]),
    ],
)
async def test_a_turn_that_waited_knows_how_many_were_ahead_of_it_as_the_counter_does(
    one: Replica, first: Outcome, ahead: list[int]
) -> None:
    lease, turn = await one.ask("m1")
    for id in ("m2", "m3", "m4"):
        await one.accept(id)
    counters, known, counted = QuotaCounters(one.database), list[int | None](), list[int]()

    following = await one.turns.close(lease, turn, first)
    while following:
        known.append(following.ahead)
        counted.append(await counters.questions_ahead(following))
        following = await one.finish(lease, following)

    assert known == counted == ahead


async def test_of_a_turn_that_is_resumed_nobody_has_counted_what_was_ahead(one: Replica) -> None:
    lease, _ = await one.ask("m1")

    resumed = await one.turns.resume(lease)

    assert resumed
    assert resumed.ahead is None
