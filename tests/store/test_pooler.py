"""A pooler by transactions is refused in one line; one by sessions works."""

import pytest
from doubles.pooler import Mode, Pooler
from doubles.sample_messages import ROOM

from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.store import open_database
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.heartbeat import Heartbeat
from bot.store.locks import LockKind, Locks


def settings_for(url: str) -> Settings:
    return Settings(DATABASE_URL=url)  # type: ignore[call-arg]


@pytest.mark.parametrize("carries", [True, False])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_a_pooler_by_transactions_is_refused_before_anything_is_made(
    address: str, mode: Mode, carries: bool
) -> None:
    async with Pooler(address, mode, carries_statements=carries) as pooler:
        database = Database(pooler.url)

        with pytest.raises(SettingsError, match="the direct address") as raised:
            await database.wait(print)

        assert str(raised.value).startswith("DATABASE_URL: it leads to a pooler")
        assert "\n" not in str(raised.value)
        await database.close()


@pytest.mark.parametrize("busy", [1, 2, 5])
async def test_it_is_found_out_while_others_use_it_too(address: str, busy: int) -> None:
    async with Pooler(address, "transaction", carries_statements=True) as pooler:
        session = [await pooler.take() for _ in range(busy)]
        for one in session:
            pooler.give_back(one)
        database = Database(pooler.url, pool=1)

        with pytest.raises(SettingsError, match="the direct address"):
            await database.wait(print, seconds=5)

        await database.close()


async def test_a_pooler_by_sessions_works(address: str) -> None:
    async with (
        Pooler(address, "session") as pooler,
        open_database.migrated_database(settings_for(pooler.url)) as database,
    ):
        assert await Channels(database).id(ROOM)
        locks, others = Locks(database), Locks(database)
        async with (
            locks.holding(LockKind.BACKFILL, 1) as mine,
            others.holding(LockKind.BACKFILL, 1) as theirs,
        ):
            assert (mine, theirs) == (True, False)
        await locks.close()
        await others.close()
        heartbeat = Heartbeat(database, lease=5)
        await heartbeat.register()
        assert heartbeat.alive()
        await heartbeat.leave()


async def test_the_direct_address_is_taken_as_it_is(address: str) -> None:
    database = Database(address)

    await database.wait(print)

    await database.close()


async def test_a_parameter_that_a_pooler_does_not_take_is_named(address: str) -> None:
    async with Pooler(address, "session") as pooler:
        database = Database(f"{pooler.url}?options=-c%20work_mem%3D8MB")

        with pytest.raises(SettingsError, match="unsupported startup parameter: options"):
            await database.wait(print, seconds=5)

        await database.close()
