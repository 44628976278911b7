"""What a test hears of the statements that reach Postgres, however they go there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.store.database import Database


@contextmanager
def hearing(database: Database, hear: Callable[[str], object]) -> Iterator[None]:
    """Hear the text of each statement, by its own connections; begin before these are used.

    asyncpg tells of what goes to it directly, a moment later; SQLAlchemy of what it prepares.
    """
    engine, drivers = database.engine.sync_engine, list[Any]()

    def logged(query: Any) -> None:
        hear(query.query)

    def taken(connection: Any, *rest: object) -> None:
        connection.driver_connection.add_query_logger(logged)
        drivers.append(connection.driver_connection)

    def executed(_connection: Any, _cursor: Any, text: str, *rest: object) -> None:
        hear(text)

    sa.event.listen(engine, "checkout", taken)
    sa.event.listen(engine, "before_cursor_execute", executed)
    try:
        yield
    finally:
        sa.event.remove(engine, "checkout", taken)
        sa.event.remove(engine, "before_cursor_execute", executed)
        for driver in drivers:  # what listens costs a little
            driver.remove_query_logger(logged)
