"""The codes of messages' vectors, eight in a row, which are soon compared with a question's.

Triggers keep them, in the transaction that changes a vector and whichever version of the program
makes the change: of what is forgotten, no bit is left.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.schema import lock_schema
from bot.store.sql_files import load

_SQL = load("embedding_codes")

PAGE = 20_000  # messages whose codes are packed at once
LONGEST = 8_000  # bits of a code


async def make_tables(connection: AsyncConnection) -> None:
    """Make the table, and what keeps it."""
    for statement in (
        _SQL.mark_unpacked,
        _SQL.create_table,
        _SQL.keep_plain,
        _SQL.create_function,
        _SQL.create_trigger_of_new,
        _SQL.create_trigger_of_changed,
        _SQL.create_trigger_of_gone,
    ):
        await connection.execute(statement)


async def pack(database: Database) -> None:
    """Pack the codes of vectors that an earlier version made: page by page, and again if need be.

    Whoever changes a vector or forgets a message waits for one page at most.
    """
    channel, seq = 0, 0
    while True:
        async with database.begin() as connection:
            await lock_schema(connection)
            await connection.execute(_SQL.hold)
            page = {"channel": channel, "seq": seq, "page": PAGE}
            last = (await connection.execute(_SQL.pack_page, page)).first()
            await connection.execute(_SQL.make_page_plain, page)
            if not last:
                await connection.execute(_SQL.drop_former_index)
                return
            channel, seq = last
