"""The benchmarks from the mention on: stages add up, trips are counted, far is late and no more."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from benchmarks.bare_loop import BareLoop, counting
from benchmarks.delaying_proxy import DelayingProxy
from benchmarks.loopback_platform import END, Mention
from benchmarks.mention_stages import STAGES, Stages, read_stages
from bot.store.database import Database


def test_the_stages_of_an_answer_add_up_to_all_of_it() -> None:
    stages = Stages(received=2, committed=5, asked=11, shown=30, whole=31, model=10)

    assert [stages.took(stage) for stage in STAGES] == [2, 3, 6, 19, 1]


def test_a_mention_is_seen_with_its_first_text_and_whole_with_its_end() -> None:
    mention = Mention("q", 1.0, [(2.0, ""), (4.0, f"two words {END}"), (3.0, "two")])

    assert (mention.first, mention.whole) == (3.0, 4.0)


async def test_a_question_that_was_never_stored_is_an_error(database: Database) -> None:
    connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
    try:
        with pytest.raises(KeyError, match="was it stored"):
            await read_stages(connection, [Mention("was it stored?", 1.0)])
    finally:
        await connection.close()


async def test_statements_are_counted_until_that_ends(database: Database) -> None:
    with counting(database) as counter:
        await _ask(database, 3)
    await _ask(database, 4)

    assert counter.trips == 3


async def test_the_bare_loop_takes_every_turn_of_every_lane(database: Database) -> None:
    async with database.autocommit() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO channel (platform, workspace, external_id, name, direct)"
            " VALUES ('', '', '', '', false)"
        )
        try:
            async with BareLoop.connected(database, 4) as loop:
                await loop.turns_a_second(3, 2)
                await loop.turns_a_second(3, 5)
            turns = await connection.exec_driver_sql("SELECT lane, turn FROM bare_turn")
            assert sorted(turns) == [(lane, turn) for lane in range(3) for turn in range(7)]
        finally:
            await connection.exec_driver_sql("DROP TABLE IF EXISTS bare_turn")


async def test_what_is_far_away_says_the_same_later_and_breaks_off_when_it_is_closed(
    tmp_path: Path,
) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        ended.set()

    ended = asyncio.Event()
    loop, seconds = asyncio.get_running_loop(), 0.05
    async with await asyncio.start_unix_server(echo, tmp_path / "database"):
        proxy = DelayingProxy(str(tmp_path / "database"), seconds)
        async with await asyncio.start_server(proxy.connect, "127.0.0.1", 0) as server:
            place = server.sockets[0].getsockname()[:2]
            reader, writer = await asyncio.open_connection(*place)
            began = loop.time()
            writer.writelines([b"first ", b"second ", b"third"])
            said = await reader.readexactly(18)
            assert said == b"first second third"
            assert loop.time() - began >= 2 * seconds  # there and back
            await proxy.close()
            assert await reader.read() == b""
            writer.close()
            await ended.wait()


async def _ask(database: Database, times: int) -> None:
    async with database.autocommit() as connection:
        for _ in range(times):
            await connection.exec_driver_sql("SELECT 1")
