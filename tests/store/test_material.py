"""What an answer is made from, in one statement: what the statements of each kind read."""

from collections.abc import Sequence
from dataclasses import replace

from doubles.sample_messages import ANA, BOB, NELLIE, ROOM, ids, sample_new_message

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.material import Material, Place, Read
from bot.store.message_edits import MessageEdits
from bot.store.message_inserts import NewMessage
from bot.store.messages import Messages
from bot.store.search import Search

HALL = replace(ROOM, id="C2", name="hall")
NOWHERE = Place()
TALK = [
    sample_new_message("m1", "the printer broke", ANA),
    sample_new_message("m2", "which printer?", BOB, reply_to="m1", thread="m1"),
    sample_new_message("m3", "the one on the second floor", ANA, reply_to="m2", thread="m1"),
    sample_new_message("m4", "lunch is at noon", BOB),
    sample_new_message("m5", "I have a printer too", NELLIE, reply_to="m3", thread="m1"),
    sample_new_message("m6", "a secret printer", BOB, thread="m1"),
]


async def _talk(database: Database, room: int, told: Sequence[NewMessage] = TALK) -> None:
    """Messages, of which the last is taken back."""
    await Messages(database).add(room, told)
    await MessageEdits(database).forget_id(room, told[-1])


async def _read(
    database: Database,
    room: int,
    place: Place = NOWHERE,
    *,
    after: int = 0,
    seqs: Sequence[int] = (),
    terms: Sequence[str] = (),
) -> Read:
    return await Material(database).read(
        room, place, after=after, most_new=99, seqs=seqs, terms=terms, most_hits=99
    )


async def test_where_nothing_is_asked_for_it_is_the_state_alone(
    database: Database, channels: Channels, room: int
) -> None:
    await _talk(database, room)

    read = await _read(database, room, after=6)

    assert read.state == await channels.state(room)
    assert (read.new, read.conversation, read.wanted, read.hits) == ([], [], [], [])


async def test_everything_at_once_is_what_each_read_alone_gives(
    database: Database, messages: Messages, channels: Channels, room: int
) -> None:
    await _talk(database, room)
    search, terms = Search(database), ["printer", "floor"]

    read = await _read(
        database,
        room,
        Place(thread="m1", before=5, most=9),
        after=3,
        seqs=[6, 4, 1, 99],
        terms=terms,
    )

    state, new = await messages.read_window(room, after=3, limit=99)
    assert (read.state, read.new) == (state, new)
    assert read.conversation == await messages.thread(ROOM, room, "m1", before=5, limit=9)
    assert ids(read.conversation) == ["m1", "m2", "m3"]
    assert read.wanted == await messages.rows(room, [1, 4])
    assert read.hits == await search.hits(room, terms, limit=99, without=5)
    assert {hit.seq for hit in read.hits} == {1, 2, 3}


async def test_a_chain_of_replies_is_read_where_there_is_no_thread(
    database: Database, room: int
) -> None:
    await _talk(database, room)

    read = await _read(database, room, Place(reply_to="m5", before=9, most=3))

    assert ids(read.conversation) == ["m2", "m3", "m5"]


async def test_what_was_said_by_number_is_read_by_number_and_a_thread_by_time(
    database: Database, room: int
) -> None:
    late = [TALK[number] for number in (2, 0, 1, 3)]
    await _talk(database, room, late)

    read = await _read(
        database, room, Place(thread="m1", before=9, most=9), after=0, seqs=[1, 2, 3, 4]
    )

    assert ids(read.new) == ids(read.wanted) == ["m3", "m1", "m2"]
    assert ids(read.conversation) == ["m1", "m2", "m3"]


async def test_nothing_crosses_channels(database: Database, channels: Channels, room: int) -> None:
    hall = await channels.id(HALL)
    await _talk(database, room)
    await Messages(database).add(hall, [sample_new_message("m1", "public", room=HALL, thread="m1")])

    in_thread = await _read(
        database, hall, Place(thread="m1", before=9, most=9), seqs=[1, 2, 3], terms=["printer"]
    )
    replies = await _read(database, hall, Place(reply_to="m1", most=9))

    for found in (in_thread.new, in_thread.conversation, in_thread.wanted, replies.conversation):
        assert [one.text for one in found] == ["public"]
    assert in_thread.state.channel == HALL
    assert in_thread.hits == []
