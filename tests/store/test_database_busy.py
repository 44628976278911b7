"""A pool that is used up is not a database that is away."""

import pytest
import sqlalchemy as sa

from bot.domain.errors import DatabaseBusy
from bot.store import database as database_module
from bot.store import error_mapping
from bot.store.database import Database


async def test_a_full_pool_says_that_every_connection_is_in_use(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (database_module, error_mapping):
        monkeypatch.setattr(module, "POOL_TIMEOUT", 0.05)
    database = Database(address, pool=1)

    async with database.begin() as connection:
        await connection.execute(sa.text("SELECT 1"))
        with pytest.raises(DatabaseBusy, match=r"was in use for 0\.05 seconds") as raised:
            async with database.begin():
                pass

    await database.close()
    assert "cannot be reached" not in str(raised.value)
