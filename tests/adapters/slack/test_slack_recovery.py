"""After a crash: posts are found, replaced in place, and late doubles deleted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack
from doubles.slack_server.chat import author

from adapters.slack.outgoing import metadata
from bot.domain.errors import Fenced
from bot.domain.model import NELLIE, Turn


class RecordedPosts:
    """A delivery log that only records; its lease can be lost."""

    status = "thinking"
    calling = ""
    questions_ahead = None
    incomplete = False
    can_go_on = False
    consents = ()
    pings = ()

    def __init__(self) -> None:
        self.added: list[str] = []
        self.fenced = False

    def require_lease(self) -> None:
        if self.fenced:
            raise Fenced(lane="thread:1")

    async def add(self, post_id: str) -> None:
        self.added.append(post_id)


async def text_of(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def endless() -> AsyncIterator[str]:
    while True:
        yield "and so on "
        await asyncio.sleep(0.1)


async def answered_turn(nellie: NellieOnSlack) -> Turn:
    """A turn that was answered, as another replica would find it after a crash."""
    ts = nellie.slack.say("U1", "C1", "@nellie hello")
    await nellie.wait_until_idle()
    [post] = nellie.slack.posts("C1", ts)
    turn = await nellie.parts.turns.get(post["metadata"]["event_payload"]["turn_id"])
    assert turn is not None
    return replace(turn, attempts=2, posted=(), text=None)


def post_of_dead_replica(nellie: NellieOnSlack, turn: Turn, text: str, **more: Any) -> str:
    """A message that the dead replica has posted in the thread; its ts."""
    room = nellie.slack.room("C1")
    fields = {**author(), "text": text, "thread_ts": turn.trigger.id, **more}
    return str(nellie.slack.post(room, fields)["ts"])


async def test_the_posts_of_a_turn_are_found_by_their_metadata(nellie: NellieOnSlack) -> None:
    turn = await answered_turn(nellie)
    second = post_of_dead_replica(nellie, turn, "more", metadata=metadata(turn.id, 1))
    post_of_dead_replica(nellie, turn, "of another turn", metadata=metadata(turn.id + 1, 0))

    found = await nellie.adapter.posted(turn)

    [first, *_] = nellie.slack.posts("C1", turn.trigger.id)
    assert found == (first["ts"], second)


async def test_a_stream_that_was_never_ended_is_found_too(nellie: NellieOnSlack) -> None:
    turn = await answered_turn(nellie)
    orphan = post_of_dead_replica(nellie, turn, "half a stre")

    assert orphan in await nellie.adapter.posted(turn)


async def test_a_stream_of_this_process_is_found_when_its_id_was_not_stored(
    nellie: NellieOnSlack,
) -> None:
    turn = replace(await answered_turn(nellie), attempts=1)
    nellie.slack.faults.fail("chat.stopStream", status=503, times=99)
    log = RecordedPosts()
    delivering = asyncio.create_task(nellie.adapter.deliver(turn, endless(), log))
    await nellie.slack.until(lambda: log.added)

    delivering.cancel()
    await asyncio.wait({delivering})

    assert log.added[0] in await nellie.adapter.posted(turn)
    other = replace(turn, id=turn.id + 1)
    assert log.added[0] not in await nellie.adapter.posted(other)


async def test_posts_are_replaced_in_place_and_surplus_ones_deleted(
    nellie: NellieOnSlack,
) -> None:
    turn = await answered_turn(nellie)
    post_of_dead_replica(nellie, turn, "a second page", metadata=metadata(turn.id, 1))
    turn = replace(turn, posted=await nellie.adapter.posted(turn))

    await nellie.adapter.deliver(turn, text_of("better", " now"), RecordedPosts())

    [only] = nellie.slack.posts("C1", turn.trigger.id)
    assert only["ts"] == turn.posted[0]
    assert nellie.slack.answers("C1", turn.trigger.id) == ["better now"]


async def test_an_answer_has_not_ended_before_a_late_double_is_deleted(
    nellie: NellieOnSlack,
) -> None:
    turn = await answered_turn(nellie)
    turn = replace(turn, posted=await nellie.adapter.posted(turn))
    delivering = asyncio.create_task(
        nellie.adapter.deliver(turn, text_of("again"), RecordedPosts())
    )
    await nellie.slack.until(lambda: nellie.slack.answers("C1", turn.trigger.id) == ["again"])

    post_of_dead_replica(nellie, turn, "late", metadata=metadata(turn.id, 0))

    assert len(nellie.slack.posts("C1", turn.trigger.id)) == 2
    await delivering
    assert nellie.slack.answers("C1", turn.trigger.id) == ["again"]


async def test_a_post_that_a_person_deleted_is_posted_again(nellie: NellieOnSlack) -> None:
    turn = await answered_turn(nellie)
    turn = replace(turn, posted=await nellie.adapter.posted(turn))
    nellie.slack.delete("C1", turn.posted[0])

    await nellie.adapter.deliver(turn, text_of("again"), RecordedPosts())

    assert nellie.slack.answers("C1", turn.trigger.id) == ["again"]


async def test_a_fenced_replica_sends_nothing(nellie: NellieOnSlack) -> None:
    turn = replace(await answered_turn(nellie), posted=())
    before = nellie.slack.answers("C1", turn.trigger.id)
    log = RecordedPosts()
    log.fenced = True

    with pytest.raises(Fenced):
        await nellie.adapter.deliver(turn, text_of("too late"), log)

    assert nellie.slack.answers("C1", turn.trigger.id) == before


async def digest_turn(nellie: NellieOnSlack) -> Turn:
    """A digest of #general whose time has come, as another replica would find it after a crash."""
    turn = await answered_turn(nellie)
    trigger = replace(turn.trigger, id="digest:1", author=NELLIE, thread="")
    return replace(turn, id=turn.id + 1_000, trigger=trigger)


@pytest.mark.parametrize("posted", [False, True])
async def test_a_digest_s_recovery_adopts_only_its_own_post(
    nellie: NellieOnSlack, posted: bool
) -> None:
    turn, slack = await digest_turn(nellie), nellie.slack
    room = slack.room("C1")
    others = [
        slack.post(room, {**author(), "text": "Hi, I am Nellie: an introduction."}),
        slack.post(room, {**author(), "text": "The reply to a command."}),
        slack.post(
            room, {**author(), "text": "Another one.", "metadata": metadata(turn.id + 1, 0)}
        ),
        slack.post(room, {**author(), "text": "Broken.", "metadata": {"event_type": "other"}}),
    ]
    own = {**author(), "text": "What was sa", "metadata": metadata(turn.id, 0)}
    half = [str(slack.post(room, own)["ts"])] if posted else []
    before = {one["ts"]: one["text"] for one in others}

    found = await nellie.adapter.posted(turn)
    await nellie.adapter.deliver(
        replace(turn, posted=found), text_of("What was ", "said."), RecordedPosts()
    )

    assert list(found) == half
    assert before == {ts: room.messages[ts]["text"] for ts in before}
    [digest] = [one for one in slack.posts("C1") if "What was said." in one["text"]]
    assert digest["ts"] in (half or [digest["ts"]])


async def test_a_scheduled_digest_is_posted_in_the_channel_itself_and_found_again(
    nellie: NellieOnSlack,
) -> None:
    nellie.slack.say("U1", "C1", "the disk is red")
    await nellie.wait_until_idle()
    await nellie.query(
        "INSERT INTO schedule SELECT id, 'daily 09:00 UTC', now(), now() - interval '1 hour'"
        " FROM channel WHERE external_id = 'C1' RETURNING 1"
    )

    await nellie.parts.scheduled_digests.open_due()
    await nellie.wait_until_idle()

    [*_, [turn_id]] = await nellie.query("SELECT id FROM turn ORDER BY id")
    turn = await nellie.parts.turns.get(turn_id)
    assert turn is not None
    digests = [text for text in nellie.slack.answers("C1") if "the disk is red" in text]
    assert len(digests) == 1
    assert await nellie.adapter.posted(replace(turn, posted=(), attempts=2)) == turn.posted
