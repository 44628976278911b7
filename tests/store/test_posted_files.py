"""Files are stored with their message, and go with the last message that they were posted with."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from doubles.read_documents import pretend_to_read
from doubles.sample_messages import ANA, NELLIE, ROOM, rows, sample_new_message
from store.one_channel import Store

from bot.core.message_checks import MOST_FILES, checked_files
from bot.domain.documents import NotReadable, PostedFile, name_files
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.file_edits import FileEdits
from bot.store.message_inserts import NewMessage
from bot.store.posted_files import PostedFiles

CONTRACT = PostedFile(id="F1", name="contract.pdf", media_type="application/pdf", size=3)
PLAN = PostedFile(id="F2", name="plan.png", media_type="image/png", alt="the new plan")


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


def _with_files(id: str, *files: PostedFile) -> NewMessage:
    new = sample_new_message(id, f"see {id}")
    return replace(new, message=replace(new.message, files=files))


async def _files(store: Store) -> list[tuple[int, str, str]]:
    async with store.database.autocommit() as connection:
        rows = await connection.execute(
            sa.text("SELECT seq, external_id, state FROM posted_file ORDER BY seq, external_id")
        )
        return [(row.seq, row.external_id, row.state) for row in rows]


async def _read(store: Store, file: str, sha256: str) -> int:
    return await pretend_to_read(store.database, store.id, file, sha256)


async def _left(store: Store) -> list[int]:
    async with store.database.autocommit() as connection:
        return [
            await connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("document", "passage", "passage_posting")
        ]


async def test_files_are_stored_with_their_message_and_pictures_are_not_to_be_read(
    store: Store,
) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT, PLAN), _with_files("m2")])

    assert await _files(store) == [(1, "F1", "waiting"), (1, "F2", "picture")]


async def test_the_same_delivery_again_adds_no_file(store: Store) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])

    assert await _files(store) == [(1, "F1", "waiting")]


async def test_nothing_is_kept_of_the_files_of_a_person_who_opted_out(store: Store) -> None:
    async with store.database.begin() as connection:
        await connection.execute(
            sa.text("INSERT INTO optout VALUES (:channel, :author)"),
            {"channel": store.id, "author": ANA.id},
        )

    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])

    assert await _files(store) == []


async def test_a_document_goes_with_the_last_message_that_it_was_posted_with(store: Store) -> None:
    again = replace(CONTRACT, id="F9")
    await store.messages.add(store.id, [_with_files("m1", CONTRACT), _with_files("m2", again)])
    await _read(store, "F1", "aa")
    await _read(store, "F9", "aa")

    await store.changes.forget(store.id, [1])
    assert await _left(store) == [1, 1, 1]

    await store.changes.forget(store.id, [2])
    assert await _left(store) == [0, 0, 0]
    assert await _files(store) == []


async def test_answers_that_rest_on_a_document_go_with_it_and_others_stay(store: Store) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])
    document = await _read(store, "F1", "aa")
    await store.messages.add(
        store.id,
        [
            sample_new_message("q", "how long is the notice?"),
            NewMessage(
                sample_new_message("a1", "Thirty days.", NELLIE).message,
                rests_on=(2, -document),
            ),
            NewMessage(sample_new_message("a2", "Hello there.", NELLIE).message, rests_on=(2,)),
        ],
    )

    await FileEdits(store.database).forget(store.id, [1], "F1")

    texts = [one.text for one in await store.messages.get(ROOM, store.id, [1, 2, 3, 4])]
    assert texts == ["see m1", "how long is the notice?", "Hello there."]
    assert await _left(store) == [0, 0, 0]


async def test_a_document_that_goes_counts_as_something_taken_back(store: Store) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])
    await _read(store, "F1", "aa")
    before = (await Channels(store.database).state(store.id)).forgotten

    await FileEdits(store.database).forget(store.id, [1], "F1")

    assert (await Channels(store.database).state(store.id)).forgotten > before


async def test_an_edit_takes_a_file_away_and_adds_another(store: Store) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])
    await _read(store, "F1", "aa")

    await FileEdits(store.database).replace(store.id, 1, [PLAN])

    assert await _files(store) == [(1, "F2", "picture")]
    assert await _left(store) == [0, 0, 0]


async def test_a_forgotten_file_does_not_come_back_with_an_edit_of_its_message(
    store: Store,
) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT, PLAN)])
    await _read(store, "F1", "aa")
    await FileEdits(store.database).forget(store.id, [1], "F1")

    await FileEdits(store.database).replace(store.id, 1, [CONTRACT, PLAN])

    assert await _files(store) == [(1, "F1", "forgotten"), (1, "F2", "picture")]
    left = await PostedFiles(store.database).of_messages(store.id, [1])
    assert [one.file.id for one in left] == ["F2"]
    kept = "SELECT name, address FROM posted_file WHERE state = 'forgotten'"
    assert await rows(store.database, kept) == [("", "")]
    await store.changes.forget(store.id, [1])
    assert await _files(store) == []


async def test_an_edit_that_keeps_a_file_keeps_what_was_read(store: Store) -> None:
    await store.messages.add(store.id, [_with_files("m1", CONTRACT)])
    await _read(store, "F1", "aa")

    await FileEdits(store.database).replace(store.id, 1, [CONTRACT, PLAN])

    assert await _files(store) == [(1, "F1", "read"), (1, "F2", "picture")]
    assert await _left(store) == [1, 1, 1]


async def test_a_file_is_found_wherever_it_was_posted(store: Store) -> None:
    await store.messages.add(
        store.id, [_with_files("m1", CONTRACT), _with_files("m2", CONTRACT, PLAN)]
    )
    files = PostedFiles(store.database)

    assert await files.posts(ROOM.platform, ROOM.workspace, "F1") == [(store.id, [1, 2])]
    assert await files.posts(ROOM.platform, "another", "F1") == []
    assert await files.posts(ROOM.platform, ROOM.workspace, "unknown") == []


def test_a_file_is_named_by_what_it_is() -> None:
    files = [
        CONTRACT,
        PLAN,
        PostedFile(id="F3", name="talk.ogg", media_type="audio/ogg"),
        PostedFile(id="F4", name="demo.mp4", media_type="video/mp4"),
        PostedFile(id="F5", name=" a\n\u202eb ", media_type="IMAGE/SVG+XML"),
        PostedFile(id="F6", name=""),
    ]

    assert name_files(files).splitlines() == [
        "[file: contract.pdf]",
        "[picture: plan.png: the new plan]",
        "[sound: talk.ogg, not heard]",
        "[video: demo.mp4, not seen]",
        "[file: a b]",
        "[file: without a name]",
    ]


def test_files_are_checked_before_they_are_stored() -> None:
    hostile = PostedFile(id=" F1 ", name="x" * 900, size=-5, alt="y" * 9_000)
    files = [hostile, replace(CONTRACT, id="F1"), replace(CONTRACT, id=""), PLAN]

    kept = checked_files(files)

    assert [file.id for file in kept] == ["F1", "F2"]
    assert checked_files([replace(CONTRACT, id=str(one)) for one in range(900)])[MOST_FILES:] == ()
    huge = checked_files([replace(CONTRACT, size=10**30)])
    assert huge[0].size < 2**63


def test_why_a_file_is_not_read_is_told() -> None:
    error = NotReadable("it is protected")

    assert str(error) == "it is protected"
    assert not error.mendable
