"""Keys of the API: a key is a person, is shown once, and ends with the person's access."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from doubles.api_calls import rows

from bot.domain.api import ApiError
from bot.domain.errors import CommandError
from bot.gateway.callers.keys import Keys
from bot.gateway.callers.wrong_keys import MOST
from bot.store.api_keys import MOST as MOST_KEYS
from bot.store.api_keys import ApiKeys, NewKey
from bot.store.database import Database
from bot.testing import FakePlatform

ADDRESS = "10.0.0.7"


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Workspace(FakePlatform):
    """A platform that knows who is there, and counts how often it is asked."""

    def __init__(self, *members: str) -> None:
        super().__init__(name="slack")
        self.members = set(members)
        self.asked = 0
        self.broken = False

    async def is_member(self, workspace: str, person_id: str) -> bool | None:
        self.asked += 1
        if self.broken:
            raise OSError("away")
        return person_id in self.members


def new_key(person: str = "U1", **fields: Any) -> NewKey:
    given = {"platform": "slack", "workspace": "T1", "name": "ana", "team": "T1", **fields}
    return NewKey(person_id=person, **given)


@pytest.fixture
def store(database: Database) -> ApiKeys:
    return ApiKeys(database)


async def refusal(keys: Keys, key: str, address: str = ADDRESS) -> ApiError:
    with pytest.raises(ApiError) as refused:
        await keys.identify(key, address, {})
    return refused.value


async def test_a_key_is_its_person(store: ApiKeys) -> None:
    key, stored = await store.add(new_key(models=["gpt-*"], team="red"))

    caller = await Keys(store, {}).identify(key, ADDRESS, {})

    assert (caller.platform, caller.workspace, caller.person_id) == ("slack", "T1", "U1")
    assert (caller.name, caller.team, caller.models) == ("ana", "red", ("gpt-*",))
    assert caller.key_id == stored.id


async def test_the_key_itself_is_nowhere_in_the_database(
    store: ApiKeys, database: Database
) -> None:
    key, stored = await store.add(new_key())

    [(row,)] = await rows(database, "SELECT CAST(k AS text) FROM api_key k")

    assert len(key) == len("nellie-") + 43
    assert key.startswith(stored.prefix)
    assert key not in row
    assert key[len(stored.prefix) :] not in row


@pytest.mark.parametrize(
    "key", ["", "nellie-", "nellie-" + "x" * 43, "sk-123", "nellie-\x00\ud800" + "y" * 41, "é" * 50]
)
async def test_what_is_no_key_is_refused_in_words(store: ApiKeys, key: str) -> None:
    error = await refusal(Keys(store, {}), key)

    assert (error.status, error.code) == (401, "invalid_api_key")
    assert "/key new" in str(error)


@pytest.mark.parametrize("left", [timedelta(seconds=-1), timedelta(days=-400)])
async def test_an_expired_key_is_refused(store: ApiKeys, left: timedelta) -> None:
    key, _ = await store.add(new_key(expires_at=datetime.now(UTC) + left))

    assert (await refusal(Keys(store, {}), key)).status == 401


async def test_a_revoked_key_ends_within_seconds_in_every_replica(store: ApiKeys) -> None:
    clock = Clock()
    replicas = [Keys(store, {}, clock=clock), Keys(store, {}, clock=clock)]
    key, stored = await store.add(new_key())
    for keys in replicas:
        await keys.identify(key, ADDRESS, {})

    await store.revoke(stored.prefix)
    clock.now += 9.9

    for keys in replicas:
        assert (await refusal(keys, key)).status == 401


async def test_fifty_wrong_keys_slow_one_address_down_and_no_other(store: ApiKeys) -> None:
    clock = Clock()
    keys = Keys(store, {}, clock=clock)
    known, _ = await store.add(new_key())
    await keys.identify(known, ADDRESS, {})
    for number in range(MOST):
        assert (await refusal(keys, f"nellie-{number:043}")).status == 401
        clock.now += 0.1

    slowed = await refusal(keys, "nellie-" + "z" * 43)
    elsewhere = await refusal(keys, "nellie-" + "z" * 43, "10.0.0.8")

    assert slowed.status == 429
    assert slowed.retry_after == pytest.approx(55.0)
    assert elsewhere.status == 401
    assert (await keys.identify(known, ADDRESS, {})).name == "ana"  # a colleague goes on
    clock.now += 60
    assert (await refusal(keys, "nellie-" + "z" * 43)).status == 401


async def test_a_key_ends_with_its_persons_access_within_five_minutes(store: ApiKeys) -> None:
    clock, workspace = Clock(), Workspace("U1")
    keys = Keys(store, {"slack": workspace}, clock=clock)
    key, _ = await store.add(new_key())
    other, _ = await store.add(new_key())
    for _ in range(20):
        await keys.identify(key, ADDRESS, {})
    assert workspace.asked == 1

    workspace.members.clear()
    clock.now += 300

    assert (await refusal(keys, key)).status == 401
    workspace.members.add("U1")  # who comes back makes new ones
    assert (await refusal(Keys(store, {}), other)).status == 401


async def test_of_many_calls_at_once_one_asks_the_platform(store: ApiKeys) -> None:
    workspace = Workspace("U1")
    keys = Keys(store, {"slack": workspace})
    key, _ = await store.add(new_key())

    await asyncio.gather(*(keys.identify(key, ADDRESS, {}) for _ in range(30)))

    assert workspace.asked == 1


async def test_a_platform_that_cannot_say_is_asked_again_soon(store: ApiKeys) -> None:
    clock, workspace = Clock(), Workspace()
    keys = Keys(store, {"slack": workspace}, clock=clock)
    key, _ = await store.add(new_key())
    workspace.broken = True
    for _ in range(5):
        await keys.identify(key, ADDRESS, {})
    assert workspace.asked == 1

    workspace.broken = False
    clock.now += 31

    assert (await refusal(keys, key)).status == 401


async def test_while_the_platform_cannot_be_asked_keys_go_on(store: ApiKeys) -> None:
    workspace = Workspace("U1")
    keys = Keys(store, {"slack": workspace})
    key, _ = await store.add(new_key())
    workspace.broken = True

    assert (await keys.identify(key, ADDRESS, {})).person_id == "U1"


@pytest.mark.parametrize(
    ("headers", "person", "name"),
    [
        ({"X-OpenWebUI-User-Id": "u7", "X-OpenWebUI-User-Name": "J%C3%BCrgen"}, "U1/u7", "Jürgen"),
        ({"x-openwebui-user-email": "bo@example.org"}, "U1/bo@example.org", "bo@example.org"),
        ({"X-OpenWebUI-User-Name": "only a name"}, "U1", "ana"),
    ],
)
async def test_a_trusted_front_end_says_who_sits_before_it(
    store: ApiKeys, headers: dict[str, str], person: str, name: str
) -> None:
    key, _ = await store.add(new_key(trusted=True))
    plain, _ = await store.add(new_key())
    keys = Keys(store, {})

    seated = await keys.identify(key, ADDRESS, headers)
    ignored = await keys.identify(plain, ADDRESS, headers)

    assert (seated.person_id, seated.name, seated.team) == (person, name, "T1")
    assert seated.platform == ("slack" if person == "U1" else "")  # it opens no channel
    assert (ignored.person_id, ignored.name) == ("U1", "ana")


async def test_a_person_has_so_many_keys_at_most(store: ApiKeys) -> None:
    made = [await store.add(new_key()) for _ in range(MOST_KEYS)]

    with pytest.raises(CommandError, match="20 keys already"):
        await store.add(new_key())
    await store.add(new_key("U2"))
    await store.revoke(made[0][1].prefix)

    assert await store.add(new_key())


async def test_when_a_key_was_last_used_is_noted_once_a_minute(
    store: ApiKeys, database: Database
) -> None:
    key, _ = await store.add(new_key())
    await store.find(key)
    [first] = await rows(database, "SELECT last_used_at, xmin FROM api_key")
    await store.find(key)
    assert await rows(database, "SELECT last_used_at, xmin FROM api_key") == [first]

    await rows(database, "UPDATE api_key SET last_used_at = now() - interval '2 minutes'")
    await store.find(key)

    [(used,)] = await rows(database, "SELECT last_used_at FROM api_key")
    assert datetime.now(UTC) - used < timedelta(minutes=1)


async def test_while_the_database_is_away_nobody_is_called_unknown() -> None:
    away = Database("postgresql://127.0.0.1:9/nothing")

    error = await refusal(Keys(ApiKeys(away), {}), "nellie-" + "x" * 43)

    assert (error.status, error.code) == (503, "database_unavailable")
    await away.close()
