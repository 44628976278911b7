"""Codes are packed beside their vectors: always those that are kept, whoever changes what."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import pytest
import sqlalchemy as sa
from doubles.sample_messages import ROOM, rows, sample_new_message

from bot.store import embedding_codes
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import LONGEST, PAGE, Embeddings
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages

TOLD = 3 * PAGE
SIZE = 16


@pytest.fixture
async def embeddings(database: Database) -> Embeddings:
    embeddings = Embeddings(database, "test/one")
    assert await embeddings.prepare()
    return embeddings


@pytest.fixture
async def room(database: Database) -> int:
    room = await Channels(database).id(ROOM)
    told = [sample_new_message(f"m{n}", f"number {n}" if n else "") for n in range(TOLD + 1)]
    await Messages(database).add(room, told)
    return room


def vector(seq: int, size: int = SIZE) -> list[float]:
    return [0.1 + (place == seq % size) - 0.3 * (place % 3) for place in range(size)]


async def fill(embeddings: Embeddings, room: int, size: int = SIZE) -> None:
    while page := await embeddings.missing(room):
        vectors = {one.seq: vector(one.seq, size) for one in page if one.own}
        await embeddings.put(room, page, vectors)


async def packed(database: Database) -> list[tuple[int, str]]:
    return await rows(
        database,
        "SELECT seq, code FROM (SELECT pack * 8 + generate_series(0, 7) AS seq,"
        " unnest(ARRAY[c0, c1, c2, c3, c4, c5, c6, c7]) AS code FROM embedding_codes) p"
        " WHERE code IS NOT NULL ORDER BY seq",
    )


async def kept(database: Database) -> list[tuple[int, str]]:
    return await rows(
        database,
        "SELECT seq, CAST(substring(code FROM 1 FOR 8000) AS bit varying) FROM embedding"
        " WHERE length(code) > 1 ORDER BY seq",
    )


async def assert_all_are_plain(database: Database) -> None:
    """None has a short header, for which it would be copied before it is compared."""
    codes = "(VALUES (c0), (c1), (c2), (c3), (c4), (c5), (c6), (c7)) code (bits)"
    headers = "SELECT DISTINCT pg_column_size(bits) - octet_length(bits)"
    rest = f" FROM embedding_codes CROSS JOIN LATERAL {codes} WHERE bits <> B''"
    assert await rows(database, headers + rest) == [8]


async def assert_all_are_packed(database: Database, expected: Sequence[int]) -> None:
    codes = await packed(database)
    assert [seq for seq, _ in codes] == list(expected)
    assert codes == await kept(database)


async def test_what_is_stored_is_packed(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)

    await assert_all_are_packed(database, range(1, TOLD + 1))
    await assert_all_are_plain(database)
    for seq in (1, 7, 8, TOLD):
        hits = await embeddings.nearest(room, vector(seq), limit=10)
        assert max(hits, key=lambda hit: hit.score).seq % SIZE == seq % SIZE


async def test_what_gets_no_vector_has_no_code(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    page = await embeddings.missing(room)
    seqs = [one.seq for one in page]

    await embeddings.put(room, page, {seqs[0]: None, seqs[1]: vector(seqs[1])})

    await assert_all_are_packed(database, [seqs[1]])


async def test_an_edit_takes_out_the_codes_that_rest_on_it(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)

    await MessageEdits(database).edit(room, "m7", "something else", 4)

    left = [seq for seq in range(1, TOLD + 1) if seq not in {7, 8, 9}]
    await assert_all_are_packed(database, left)
    await fill(embeddings, room)
    await assert_all_are_packed(database, range(1, TOLD + 1))
    await assert_all_are_plain(database)


@pytest.mark.parametrize("gone", [1, 8, 20])  # the first says nothing: it is a file alone
async def test_of_what_is_forgotten_no_bit_is_left(
    database: Database, embeddings: Embeddings, room: int, gone: int
) -> None:
    await fill(embeddings, room)

    await MessageEdits(database).forget(room, [gone])

    around = {gone - 1, gone, gone + 1}
    await assert_all_are_packed(database, [n for n in range(1, TOLD + 1) if n not in around])
    await fill(embeddings, room)
    await assert_all_are_packed(database, [n for n in range(1, TOLD + 1) if n != gone])
    hits = await embeddings.nearest(room, vector(gone), limit=TOLD)
    assert gone not in {hit.seq for hit in hits}


async def test_when_all_is_forgotten_no_pack_is_left(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)

    await MessageEdits(database).forget(room, list(range(1, TOLD + 2)))

    assert await rows(database, "SELECT pack FROM embedding_codes") == []


async def test_what_is_rolled_back_has_changed_no_code(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)
    before = await packed(database)

    async with database.begin() as connection:
        await connection.execute(embeddings.sql.forget_vectors, {"model": "test/one"})
        await connection.rollback()

    assert await packed(database) == before == await kept(database)


async def test_vectors_of_two_sizes_lie_in_packs_of_their_own(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)
    other = Embeddings(database, "test/other")

    page = await other.missing(room)
    await other.put(room, page, {one.seq: vector(one.seq, 24) for one in page})

    await assert_all_are_packed(database, range(1, TOLD + 1))
    found = {hit.seq for hit in await other.nearest(room, vector(page[0].seq, 24), limit=TOLD)}
    assert found <= {one.seq for one in page}
    await fill(other, room, 24)
    await assert_all_are_packed(database, range(1, TOLD + 1))
    assert await rows(database, "SELECT DISTINCT size FROM embedding_codes WHERE c1 <> B''") == [24]
    await other.start_over()
    assert await packed(database) == []


async def test_two_who_store_into_one_pack_lose_nothing(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    """A replica may lose its lock, and another one begin, before it has stored its page."""

    def values(seqs: Mapping[int, int]) -> dict[str, object]:
        made = [
            {"seq": seq, "hash": hash_, "vector": str(vector(seq))} for seq, hash_ in seqs.items()
        ]
        return {
            "channel": room,
            "model": "test/one",
            "rows": json.dumps(made),
            "longest": LONGEST,
        }

    hashes = {one.seq: one.hash for one in await embeddings.missing(room)}
    first = {seq: hash_ for seq, hash_ in hashes.items() if seq % 2}
    second = {seq: hash_ for seq, hash_ in hashes.items() if not seq % 2}
    async with database.begin() as one:
        await one.execute(embeddings.sql.put, values(first))

        async def store_the_others() -> None:
            async with database.begin() as two:
                await two.execute(embeddings.sql.put, values(second))

        storing = asyncio.create_task(store_the_others())
        await asyncio.sleep(0.2)
        assert not storing.done()  # it waits for the packs
    await storing

    await assert_all_are_packed(database, sorted(hashes))


@pytest.mark.parametrize("size", [384, 4_096, 12_000])
async def test_packs_hold_codes_of_any_length(
    database: Database, embeddings: Embeddings, room: int, size: int
) -> None:
    page = await embeddings.missing(room)
    await embeddings.put(room, page, {one.seq: vector(one.seq, size) for one in page})

    seqs = sorted(one.seq for one in page)
    await assert_all_are_packed(database, seqs)
    hits = await embeddings.nearest(room, vector(seqs[3], size), limit=3)
    assert max(hits, key=lambda hit: hit.score).seq == seqs[3]


@pytest.mark.parametrize("page", [1, 7, 1_000])
@pytest.mark.parametrize("index", ["", "CREATE INDEX ix_embedding_code ON embedding (seq)"])
async def test_tables_of_an_earlier_version_are_carried_along(
    database: Database,
    embeddings: Embeddings,
    room: int,
    monkeypatch: pytest.MonkeyPatch,
    page: int,
    index: str,
) -> None:
    await fill(embeddings, room)
    for statement in (
        "DROP TABLE embedding_codes",
        "DROP FUNCTION keep_embedding_codes CASCADE",
        "DROP TRIGGER empty_embedding ON message",
        index or "ALTER TABLE embedding DROP COLUMN code",
    ):
        await rows(database, statement)
    monkeypatch.setattr(embedding_codes, "PAGE", page)

    assert await Embeddings(database, "test/one").prepare()

    await assert_all_are_packed(database, range(1, TOLD + 1))
    await assert_all_are_plain(database)
    assert await rows(database, "SELECT to_regclass('ix_embedding_code')") == [None]
    await MessageEdits(database).forget(room, [1])
    assert [seq for seq, _ in await packed(database)][:1] == [3]


async def test_packing_that_was_broken_off_is_done_again(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)
    for statement in (
        "DELETE FROM embedding_codes WHERE pack > 2",
        "CREATE INDEX ix_embedding_code ON embedding (channel_id, seq) INCLUDE (code)",
    ):
        await rows(database, statement)

    assert await Embeddings(database, "test/one").prepare()

    await assert_all_are_packed(database, range(1, TOLD + 1))


async def test_codes_that_no_index_held_are_packed_though_the_first_try_was_cut_off(
    database: Database, embeddings: Embeddings, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(embeddings, room)
    async with database.begin() as connection:
        await connection.execute(sa.text("DROP TABLE embedding_codes"))

    async def cut_off(_: Database) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(embedding_codes, "pack", cut_off)
        with pytest.raises(RuntimeError):
            await Embeddings(database, "test/one").prepare()
    assert await Embeddings(database, "test/one").prepare()

    await assert_all_are_packed(database, range(1, TOLD + 1))
    assert await rows(database, "SELECT to_regclass('ix_embedding_code') IS NULL") == [True]


async def test_codes_with_short_headers_are_packed_anew(
    database: Database, embeddings: Embeddings, room: int
) -> None:
    await fill(embeddings, room)
    for statement in (
        "ALTER TABLE embedding_codes ALTER c0 SET STORAGE MAIN, ALTER c1 SET STORAGE MAIN",
        "UPDATE embedding_codes SET c0 = c0 || B'', c1 = c1 || B''",
    ):
        await rows(database, statement)

    assert await Embeddings(database, "test/one").prepare()

    await assert_all_are_packed(database, range(1, TOLD + 1))
    await assert_all_are_plain(database)
