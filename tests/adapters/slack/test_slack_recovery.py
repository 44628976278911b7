"""After a crash: what stands is found, replaced in place, and what came late is taken back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from doubles.office import Office
from doubles.slack.chat import author

from adapters.slack.outgoing import metadata
from bot.conversation import Turn
from bot.errors import Fenced


class Record:
    """The record of a turn's posts; its lane can be lost."""

    doing = "thinking"
    before = None
    incomplete = False

    def __init__(self) -> None:
        self.added: list[str] = []
        self.fenced = False

    def allow(self) -> None:
        if self.fenced:
            raise Fenced(lane="thread:1")

    async def add(self, post_id: str) -> None:
        self.added.append(post_id)


async def saying(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def endless() -> AsyncIterator[str]:
    while True:
        yield "and so on "
        await asyncio.sleep(0.1)


async def answered(office: Office) -> Turn:
    """A turn that was answered, as another replica would find it after a crash."""
    ts = office.slack.say("U1", "C1", "@nellie hello")
    await office.quiet()
    [post] = office.slack.posts("C1", ts)
    turn = await office.engine.turn(post["metadata"]["event_payload"]["turn_id"])
    assert turn is not None
    return replace(turn, attempts=2, posted=(), text=None)


def stands(office: Office, turn: Turn, text: str, **more: Any) -> str:
    """A message of hers that the dead replica left in the thread; its ts."""
    room = office.slack.room("C1")
    said = {**author(), "text": text, "thread_ts": turn.trigger.id, **more}
    return str(office.slack.said(room, said)["ts"])


async def test_what_stands_is_found_by_its_turn(office: Office) -> None:
    turn = await answered(office)
    second = stands(office, turn, "more", metadata=metadata(turn.id, 1))
    stands(office, turn, "of another turn", metadata=metadata(turn.id + 1, 0))

    found = await office.adapter.posted(turn)

    [first, *_] = office.slack.posts("C1", turn.trigger.id)
    assert found == (first["ts"], second)


async def test_a_stream_that_was_never_ended_is_found_too(office: Office) -> None:
    turn = await answered(office)
    orphan = stands(office, turn, "half a stre")

    assert orphan in await office.adapter.posted(turn)


async def test_a_stream_of_this_process_is_found_though_its_note_was_lost(office: Office) -> None:
    turn = replace(await answered(office), attempts=1)
    office.slack.faults.fail("chat.stopStream", status=503, times=99)
    record = Record()
    delivering = asyncio.create_task(office.adapter.deliver(turn, endless(), record))
    await office.slack.until(lambda: record.added)

    delivering.cancel()
    await asyncio.wait({delivering})

    assert record.added[0] in await office.adapter.posted(turn)
    other = replace(turn, id=turn.id + 1)
    assert record.added[0] not in await office.adapter.posted(other)


async def test_what_stands_is_replaced_in_place_and_the_rest_taken_back(office: Office) -> None:
    turn = await answered(office)
    stands(office, turn, "a second page", metadata=metadata(turn.id, 1))
    turn = replace(turn, posted=await office.adapter.posted(turn))

    await office.adapter.deliver(turn, saying("better", " now"), Record())

    [only] = office.slack.posts("C1", turn.trigger.id)
    assert only["ts"] == turn.posted[0]
    assert office.slack.answers("C1", turn.trigger.id) == ["better now"]


async def test_an_answer_has_not_ended_before_a_late_double_is_taken_back(office: Office) -> None:
    turn = await answered(office)
    turn = replace(turn, posted=await office.adapter.posted(turn))
    delivering = asyncio.create_task(office.adapter.deliver(turn, saying("again"), Record()))
    await office.slack.until(lambda: office.slack.answers("C1", turn.trigger.id) == ["again"])

    stands(office, turn, "late", metadata=metadata(turn.id, 0))

    assert len(office.slack.posts("C1", turn.trigger.id)) == 2
    await delivering
    assert office.slack.answers("C1", turn.trigger.id) == ["again"]


async def test_what_a_person_deleted_is_said_again(office: Office) -> None:
    turn = await answered(office)
    turn = replace(turn, posted=await office.adapter.posted(turn))
    office.slack.delete("C1", turn.posted[0])

    await office.adapter.deliver(turn, saying("again"), Record())

    assert office.slack.answers("C1", turn.trigger.id) == ["again"]


async def test_a_fenced_replica_sends_nothing(office: Office) -> None:
    turn = replace(await answered(office), posted=())
    before = office.slack.answers("C1", turn.trigger.id)
    record = Record()
    record.fenced = True

    with pytest.raises(Fenced):
        await office.adapter.deliver(turn, saying("too late"), record)

    assert office.slack.answers("C1", turn.trigger.id) == before


async def test_a_digest_stands_in_the_channel_itself_and_is_found_again(office: Office) -> None:
    office.slack.say("U1", "C1", "the disk is red")
    await office.quiet()
    await office.rows(
        "INSERT INTO schedule SELECT id, 'daily 09:00 UTC', now(), now() - interval '1 hour'"
        " FROM channel WHERE external_id = 'C1' RETURNING 1"
    )

    await office.engine.post_digests()
    await office.quiet()

    [[turn_id]] = await office.rows("SELECT id FROM turn")
    turn = await office.engine.turn(turn_id)
    assert turn is not None
    told = [one for one in office.slack.answers("C1") if "the disk is red" in one]
    assert len(told) == 1
    assert await office.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted
